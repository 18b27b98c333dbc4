"""What happened, by the words of a report and its logs: an exception, a crash, other numbers, a hang, no memory."""

import re
from dataclasses import dataclass

from lab.model import Kind
from lab.scenario.reading.blocks import Parts

_LONGEST_LINE = 2000
MESSAGE = 400
"""Characters of a message that are kept."""

# What a process says when a signal ends it, and the numbers by which shells, Python and Windows name that.
_CODE = r"(?:exit(?:ed)?(?: with)?[ ]?(?:code|status)?|return ?code|退出码|返回码)[ :：=为]*(?:code )?"
_SIGNALS = (
    (
        "SIGSEGV",
        re.compile(
            rf"\bSIGSEGV\b|segmentation fault|段错误|段异常|{_CODE}(?:139|-11)\b|signal 11\b|0xC0000005|-1073741819"
            rf"|3221225477|access violation",
            re.IGNORECASE,
        ),
    ),
    (
        "SIGILL",
        re.compile(
            rf"\bSIGILL\b|illegal instruction|非法指令|{_CODE}(?:132|-4)\b|signal 4\b|0xC000001D|-1073741795",
            re.IGNORECASE,
        ),
    ),
    (
        "SIGFPE",
        re.compile(
            rf"\bSIGFPE\b|floating[- ]point exception|erroneous arithmetic operation|浮点数?例外|{_CODE}(?:136|-8)\b"
            rf"|signal 8\b",
            re.IGNORECASE,
        ),
    ),
    (
        "SIGBUS",
        re.compile(
            rf"\bSIGBUS\b|\bbus error|总线错误|undefined portion of a memory object|{_CODE}(?:135|-7)\b|signal 7\b",
            re.IGNORECASE,
        ),
    ),
    (
        "SIGABRT",
        re.compile(
            rf"\bSIGABRT\b|process abort signal|\baborted\b|已放弃|terminate called|{_CODE}(?:134|-6)\b|signal 6\b"
            rf"|double free or corruption",
            re.IGNORECASE,
        ),
    ),
)
_DUMPED = re.compile(r"core dumped|核心已转储|吐核", re.IGNORECASE)
_CRASHED = re.compile(
    r"\bsegfault\w*|\bcrash(?:es|ed|ing)?\b|\b(?:dies|died)\b|process (?:dies|died|exits|exited)|崩溃|闪退|崩了|直接挂|dies without|进程退出",
    re.IGNORECASE,
)
_SEGFAULT = re.compile(r"\bsegfault", re.IGNORECASE)
_MEMORY = re.compile(
    rf"ResourceExhaustedError|out[- ]of[- ]memory|\bOOM(?:[- ]?kill\w*)?\b|显存(?:不足|不够|溢出|爆)|内存(?:不足|不够|溢出"
    rf"|爆)|爆(?:显存|内存)|{_CODE}(?:137|-9)\b"
    r"|^Killed$|\bSIGKILL\b",
    re.IGNORECASE | re.MULTILINE,
)
_HANGS = re.compile(
    r"\bhangs?\b|\bhung\b|\bhanging\b|\bstuck\b|\bfreez\w+|\bfroze\b|never (?:returns?|ends?|finish\w*"
    r"|comes? back)|(?:does|do|did)(?: not|n['’]t) return\b|dead ?lock"
    r"|卡住|卡死|卡在|无响应|没有响应|死锁|一直(?:没有?|不)(?:返回|结束|动)|不返回|挂起|hang住",
    re.IGNORECASE,
)
_ASSERTED = re.compile(
    r"Not equal to tolerance|Mismatched elements|Arrays are not (?:almost )?equal"
    r"|assert_(?:array_)?(?:almost_)?(?:allclose|equal)\b"
)
_WHAT = (
    r"(?:results?|outputs?|numbers?|values?|scores?|logits|predictions?|probabilit\w+|accuracy|boxes"
    r"|embeddings?|detections?|features?)"
)
_NUMBERS = re.compile(
    rf"\b(?:wrong|incorrect|different|other|garbage|inconsistent|bad) (?:\w+ )?{_WHAT}\b"
    rf"|\b{_WHAT} (?:\w+ ){{0,6}}?(?:differs?|different|changed|wrong|incorrect|mismatch\w*|inconsistent"
    rf"|garbage|drop(?:s|ped)?|off|nan|zeros?|not (?:equal|the same|match\w*))\b"
    rf"|\b(?:every|all|each) (?:the )?(?:{_WHAT}|probability) (?:is|are) (?:exactly )?(?:the same|\d[\d.]*)"
    rf"|\b{_WHAT} (?:do|does|did)(?: not|n['’]t) (?:match|agree)|\ball (?:zeros?|nans?)\b"
    rf"|\bprecision (?:loss|problem|issue|error)|\bnumerical(?:ly)? (?:differ\w*|mismatch)"
    r"|(?:结果|输出|数值|精度|预测值?|识别率|准确率|得分|误差)[^\s，。,;；]{0,8}(?:不一致|不同|不对|不一样|错误|有差异|差异|对不上|异常|下降|很大|较大|偏差|变差|变了|全是|全为|都是)"
    r"|误差(?:较|很|过)?大|对不齐|精度问题|(?:全是|全为|都是|变成)了?\s*(?:nan|0\b)|\bNaNs?\b",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"\bslow(?:er|down|s)?\b|takes? longer|\btimes? (?:longer|slower)|latency|变慢|很慢|慢了|慢很多"
    r"|慢[一二两三四五六七八九十\d.]+倍|耗时|性能下降|速度下降",
    re.IGNORECASE,
)
_LEAK = re.compile(
    r"memory (?:leak|grow|keeps|usage (?:grow|increas|keeps))\w*|leak\w* memory|内存(?:泄[漏露]|持续增长|不断增长|一直涨"
    r"|上涨)|显存(?:泄[漏露]|持续增长|不断增长|上涨)",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"\b(?:no|without(?: any| an?)?|not an?|never|nor|instead of(?: an?)?|(?:does|do|did|is|was)(?: not"
    r"|n['’]t))[ ]+(?:\w+[ ]+)?(?:segmentation faults?|segfaults?|crash\w*|hangs?|out of memory|oom"
    r"|core dumped|\w*errors?\b"
    r"|exceptions?|slow\w*|leak\w*|aborted)|(?:没有?|不会?|未|无)(?:再|出现|发生|任何)*(?:段错误|崩溃|崩|卡死|卡住|泄[漏露]|变慢|异常)",
    re.IGNORECASE,
)

_TYPE = r"(?:[a-z_]\w{0,40}\.){0,6}(?P<type>[A-Z]\w{0,60}(?:Error|Exception|Exit|NotMet|Interrupt))"
_RAISED = re.compile(
    rf"[ \t>|*-]{{0,20}}(?:E[ ]{{1,8}})?(?:\[[^\]\n]{{1,40}}\][: ]{{0,3}})?{_TYPE}(?:[:：][ \t]*(?P<message>.*))?[ \t|]*"
)
_INLINE = re.compile(rf"(?<![\w.]){_TYPE}[:：][ \t]*(?P<message>\S.*)")
_NAMED = re.compile(rf"(?<![\w.]){_TYPE}(?!\w)")
_SYSTEM = re.compile(r"is detected by the operating system")
_RULE = re.compile(r"[ \t]*[-=~_]{4,}[ \t]*")
_SUMMARY = re.compile(r"Error Message Summary:?")
_PLACE = re.compile(r"^[^\s:]+:\d+: $")

# Paddle's own names of errors (paddle/common/errors.cc), and what Python gets of them (paddle/fluid/pybind/exception.cc).
_PYTHONS = {
    "InvalidArgumentError": "ValueError",
    "NotFoundError": "RuntimeError",
    "OutOfRangeError": "IndexError",
    "AlreadyExistsError": "RuntimeError",
    "ResourceExhaustedError": "MemoryError",
    "PreconditionNotMetError": "RuntimeError",
    "PermissionDeniedError": "RuntimeError",
    "ExecutionTimeoutError": "RuntimeError",
    "UnimplementedError": "NotImplementedError",
    "UnavailableError": "RuntimeError",
    "FatalError": "SystemError",
    "ExternalError": "OSError",
    "InvalidTypeError": "TypeError",
}


@dataclass(frozen=True, kw_only=True)
class Failure:
    """What happened: its kind (None where the report does not say), exception or signal, the message as it stands.

    `measured` names what is about time or memory: that is no outcome of a pair.
    """

    kind: Kind | None = None
    type: str = ""
    message: str = ""
    measured: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Raised:
    type: str
    message: str


def failure(parts: Parts) -> Failure:
    """What a report says happened; what a log shows counts more than what is said about it."""
    text = "\n".join(line[:_LONGEST_LINE] for line in parts.lines)
    told = _DENIED.sub(" ", text)
    measured = tuple(word for word, found in (("time", _TIME), ("memory", _LEAK)) if found.search(told))
    raised = _raised(parts.lines, told)
    signal = _signal(told)
    if _ASSERTED.search(text) and (raised is None or raised.type == "AssertionError"):
        return Failure(kind=Kind.NUMERIC_MISMATCH, measured=measured)
    if signal and not (raised is not None and raised.message and signal == "SIGABRT"):
        return Failure(kind=Kind.NATIVE_CRASH, type=signal, measured=measured)
    if _MEMORY.search(told):
        return Failure(kind=Kind.OOM, measured=measured)
    if raised is not None:
        return Failure(kind=Kind.PY_EXCEPTION, type=raised.type, message=raised.message, measured=measured)
    said = {
        _SEGFAULT: Kind.NATIVE_CRASH,
        _HANGS: Kind.TIMEOUT,
        _CRASHED: Kind.NATIVE_CRASH,
        _DUMPED: Kind.NATIVE_CRASH,
        _NUMBERS: Kind.NUMERIC_MISMATCH,
    }
    kind = next((kind for words, kind in said.items() if words.search(told)), None)
    return Failure(kind=kind, type="SIGSEGV" if kind and _SEGFAULT.search(told) else "", measured=measured)


def _signal(text: str) -> str:
    return next((signal for signal, words in _SIGNALS if words.search(text)), "")


def _raised(lines: tuple[str, ...], told: str) -> _Raised | None:
    """The exception that came last, which is the outermost; where no log shows one, the first that is named."""
    short = [line[:_LONGEST_LINE] for line in lines]
    found: list[_Raised] = []
    for at, line in enumerate(short):
        match = _RAISED.fullmatch(line) or _INLINE.search(line)
        if match is None or _SYSTEM.search(line) or (not match["message"] and not _ends_traceback(short, at)):
            continue
        found.append(_said(match["type"], match["message"] or _below(short, at), found))
    if found:
        return found[-1]
    named = [match["type"] for match in _NAMED.finditer(told) if not match["type"].startswith("Fatal")]
    return _said(named[0], "", []) if named else None


def _said(kind: str, message: str, before: list[_Raised]) -> _Raised:
    """An exception as Python sees it: below Paddle's summary stands Paddle's own name of it."""
    if kind in _PYTHONS:
        outer = before[-1] if before and not before[-1].message else None
        kind = outer.type if outer and outer.type not in _PYTHONS else _PYTHONS[kind]
    text = message.strip().rstrip("|").strip()
    return _Raised(type=kind, message=(text[:-1] if text.count("`") % 2 else text)[:MESSAGE])


def _ends_traceback(lines: list[str], at: int) -> bool:
    """Whether a type without a message stands where a log has it: below something indented, or behind `E`."""
    line = lines[at]
    above = lines[at - 1] if at else ""
    return line.rstrip().endswith(":") or line.startswith("E ") or above.startswith((" ", "\t")) or "^" in above


def _below(lines: list[str], at: int) -> str:
    """The message of an exception whose line holds none: the next line; empty before Paddle's summary."""
    for line in lines[at + 1 : at + 4]:
        if _RULE.fullmatch(line) or "Traceback" in line:
            return ""
        if line.strip():
            return line.strip() if not line.startswith("```") else ""
    return ""
