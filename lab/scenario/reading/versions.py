"""Which Paddle releases a report names, in every form people write, and which numbers are other things' versions."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from lab.scenario.reading import tables, vocabulary
from lab.scenario.reading.blocks import Parts
from lab.scenario.reading.mention import Mention

_LONGEST_LINE = 2000
_SERIES = 2  # figures of a series, such as 3.0
_TOKEN = re.compile(
    r"(?P<url>https?://[^\s<>()\"'`\u3002\uff0c\uff09]+)"
    r"|(?P<version>(?<![0-9.])\d{1,2}(?>(?:\.\d{1,8}){1,3})"
    r"(?P<suffix>(?:[-_.]?(?:alpha|beta|rc|post|dev|preview|a|b)[-.]?\d{0,10}|[ ](?:alpha|beta|rc|post)[ ]?\d{1,3})*)"
    r"(?:\.[xX*])?(?![0-9A-Za-z]))"
    r"|(?P<name>_{0,2}[A-Za-z]+(?:[_-]{1,2}[A-Za-z]+)*_{0,2})|(?P<han>[\u3400-\u9fff]+)|(?P<mark>\S)",
    re.ASCII | re.IGNORECASE,
)
_SUFFIX = re.compile(r"[-_. ]?(?P<kind>alpha|beta|rc|post|dev|preview|a|b)[-. ]?(?P<number>\d{0,10})", re.IGNORECASE)
_STAGES = {"alpha": "a", "a": "a", "beta": "b", "b": "b", "rc": "rc", "preview": "rc"}
PADDLE = re.compile(
    r"paddle|paddlepaddle|pdpd|libpaddle|(?:paddle|paddlepaddle)[-_](?:gpu|cpu|xpu|npu|dcu|rocm|infer"
    r"|inference|framework|core)"
    r"|paddleinference|paddlepaddle-paddle|full_version|paddle_version|paddlepaddle_version",
    re.IGNORECASE,
)
_HAN_PADDLE = ("飞桨",)
_HAN_OTHER = ("驱动", "内核", "显卡", "编译器", "系统版本", "固件")
_HAN_JOINER = re.compile(
    r"(?:版本号?|框架|为|是|的|当前|安装|使用|环境|使用版本|安装版本|最新版?|正式版|推理库|预测库|库)*"
)
_HAN_CHAINED = (
    "和",
    "与",
    "到",
    "至",
    "以及",
    "及",
    "或",
    "升级到",
    "升级至",
    "升到",
    "更新到",
    "或者",
    "换成",
    "换到",
    "版本和",
    "降级到",
    "降到",
    "回退到",
)
_ASKED = re.compile(r"\b(?P<name>[A-Za-z_]\w{0,40})\.(?:__version__|version\.(?:full_version|show|version))")
_ANSWER = re.compile(r"^[ \t]*Out ?\[\d{0,4}\]:")
_UNIT = re.compile(
    r"[ ]?(?:%|‰|°|[GMKT]i?B\b|m?s\b|us\b|ns\b|h\b|hrs?\b|days?\b|k\b|sec|min|hour|x\b|倍|times\b|fps|秒|毫秒|分|小时|元|px|mm|[GM]?Hz|dB"
    r"|million|e[-+]?\d)",
    re.IGNORECASE,
)
_SAID_SO = re.compile(
    r"[ ]?(?:版本?|正常|报错|没问题|失败|可以|不行|works?\b|fails?\b|is\b|release|不能|无法|以上|之后|以后|以前|之前)"
)


@dataclass(frozen=True, kw_only=True)
class _Number:
    """A number with dots, whose it is (`paddle`, `other`, or empty), and what stands around it."""

    text: str
    suffix: str
    owner: str
    line: int
    start: int
    end: int
    alone: bool
    introduced: bool
    unit: bool

    @property
    def number(self) -> str:
        """The figures alone, without stage and build."""
        return self.text[: len(self.text) - len(self.suffix)]

    @property
    def exact(self) -> bool:
        """Whether it names a patch or a stage, not only a series such as 3.0."""
        return bool(self.suffix) or self._parts > _SERIES

    @property
    def _parts(self) -> int:
        return self.number.rstrip(".xX*").count(".") + 1


def mentions(parts: Parts, releases: Collection[str]) -> tuple[Mention, ...]:
    """Every place that names a Paddle release, in order; a series such as "3.0" is its newest patch that is known."""
    numbers = list(_numbers(parts.lines, tables.columns(parts.lines)))
    own = [one for one in numbers if _is_paddle(one, releases, shown=parts.shown[one.line], beside=False)]
    lines = {one.line for one in own}
    own = [one for one in numbers if _is_paddle(one, releases, shown=parts.shown[one.line], beside=one.line in lines)]
    exact = tuple(dict.fromkeys(_canonical(one, releases, ()) for one in own if one.exact))
    return tuple(
        Mention(
            version=_canonical(one, releases, exact), line=one.line, start=one.start, end=one.end, said=one.text,
            cuda=_cuda(one.suffix),
        )
        for one in own
    )  # fmt: skip


def _is_paddle(one: _Number, releases: Collection[str], *, shown: bool, beside: bool) -> bool:
    if one.owner:
        return one.owner == "paddle"
    if one.unit:
        return False
    if one.exact:
        known = _canonical(one, releases, ()) in releases or (one.suffix and one.number in releases)
        return bool(known) and (not shown or beside or one.alone)
    series = any(release.startswith(f"{one.text.rstrip('.xX*')}.") for release in releases)
    return series and not shown and (one.introduced or beside)


def _canonical(one: _Number, releases: Collection[str], exact: Sequence[str]) -> str:
    """The version as the catalogue writes it; what it does not know stays as it was said, without separators."""
    figures = [str(int(part)) for part in one.number.rstrip(".xX*").split(".")]
    stage = rest = ""
    for found in _SUFFIX.finditer(one.suffix):
        kind = found["kind"].lower()
        if kind in _STAGES:
            stage = f"{_STAGES[kind]}{int(found['number'] or 0)}"
        elif kind == "dev":
            rest = f".dev{found['number']}"
    whole = ".".join([*figures, "0"] if len(figures) == _SERIES and (stage or rest) else figures) + stage + rest
    if whole in releases or len(figures) != _SERIES or stage or rest:
        return whole
    near = [one for one in exact if one.startswith(f"{whole}.") and one in releases and one.replace(".", "").isdigit()]
    final = [release for release in releases if re.fullmatch(rf"{re.escape(whole)}\.\d+", release)]
    return near[0] if near else max(final, key=lambda release: int(release.rpartition(".")[2]), default=whole)


def _cuda(suffix: str) -> str:
    """The CUDA release in ".post117", as 11.7; empty where there is none."""
    found = re.search(r"post(\d{2,3})\b", suffix, re.IGNORECASE)
    return f"{found[1][:-1]}.{found[1][-1]}" if found else ""


def _numbers(lines: Sequence[str], columns: Sequence[frozenset[int]]) -> Iterator[_Number]:
    """Numbers with dots in the order of the text, each with its owner."""
    awaited = ""
    for at, line in enumerate(lines):
        scan = _Scan(line=at, text=line[:_LONGEST_LINE], columns=columns[at], owner=awaited)
        yield from scan.run()
        if line.strip():
            awaited = scan.left()


class _Scan:
    """One pass over the words of a line, which knows whose the next number is."""

    def __init__(self, *, line: int, text: str, columns: frozenset[int], owner: str) -> None:
        self._line, self._columns = line, columns
        self._text = _ANSWER.sub(lambda found: " " * len(found[0]), text, count=1)
        self._owner, self._awaited = owner, bool(owner)
        self._chain = ""
        self._introduced = False
        self._bound = False
        self._numbers = 0
        self._products: list[str] = []
        self._plain = True

    def run(self) -> Iterator[_Number]:
        for found in _TOKEN.finditer(self._text):
            match found.lastgroup:
                case "url":
                    yield from self._of_url(found)
                case "version":
                    yield self._number(found)
                case "name":
                    self._name(found[0])
                case "han":
                    self._han(found[0])
                case _:
                    self._mark(found[0], found.start())

    def left(self) -> str:
        """Whose number the next line may begin with: a line that only names something waits for it."""
        asked = _ASKED.search(self._text)
        if asked and not self._numbers:
            return "paddle" if asked["name"].lower() == "paddle" else "other"
        return self._products[0] if len(self._products) == 1 and self._plain and not self._numbers else ""

    def _number(self, found: re.Match[str]) -> _Number:
        owner = self._owner or self._chain
        column = self._text.count("|", 0, found.start())
        if not owner and column in self._columns:
            owner = "paddle"
        if self._bound and owner == "paddle":
            owner = "other"  # a bound, as in paddlepaddle>=2.5, names no release that was run
        rest = self._text[found.end() :]
        suffix = found["suffix"] or ""
        made = _Number(
            text=found["version"],
            suffix=suffix,
            owner=owner if owner in ("paddle", "other") else "",
            line=self._line,
            start=found.start(),
            end=found.end(),
            alone=self._text.strip(" '\"`>|v") == found["version"],
            introduced=self._introduced or _SAID_SO.match(rest) is not None,
            unit=_UNIT.match(rest) is not None,
        )
        self._numbers += 1
        self._chain, self._owner, self._introduced, self._bound, self._awaited = owner, "", False, False, False
        return made

    def _of_url(self, found: re.Match[str]) -> Iterator[_Number]:
        """An address names a release only where it is that of a wheel."""
        name = found["url"].rpartition("/")[2]
        if not re.match(r"paddlepaddle[\w.]*-\d", name):
            return
        scan = _Scan(line=self._line, text=name, columns=frozenset(), owner="")
        first = next(scan.run(), None)
        if first is not None:
            self._numbers += 1
            start = found.end() - len(name)
            yield _Number(**{**first.__dict__, "start": start + first.start, "end": start + first.end})

    def _name(self, name: str) -> None:
        word = name.strip("_-").lower()
        if self._chain and word in vocabulary.CHAINED:
            return
        if word in ("whl", "cp", "linux", "x", "manylinux", "win", "amd", "any", "none"):
            return
        if PADDLE.fullmatch(name.strip("-")) or PADDLE.fullmatch(word):
            self._set("paddle")
            self._products.append("paddle")
        elif word in vocabulary.JOINERS or name == "__version__":
            self._introduced = self._introduced or word in ("v", "version", "release")
        elif word in vocabulary.NEUTRAL or word.endswith(("ed", "ing")):
            self._set("")
            self._introduced, self._plain = True, False
        else:
            self._set("other")
            self._products.append("other")

    def _han(self, word: str) -> None:
        if self._chain and word in _HAN_CHAINED:
            self._introduced = True
        elif any(one in word for one in _HAN_PADDLE):
            self._set("paddle")
        elif any(one in word for one in _HAN_OTHER):
            self._set("other")
        elif not _HAN_JOINER.fullmatch(word):
            self._set("")
            self._introduced, self._plain = True, False

    def _mark(self, mark: str, at: int) -> None:
        ends = mark in ".!?" and self._text[at + 1 : at + 2] in (" ", "")
        if ends or (mark == ")" and self._owner == "other"):
            self._set("")
            return
        if mark in ",;，；、。/&+(（)）" and not self._chain:
            if mark in ",;，；。":
                self._set("")
        elif mark in ";；。，" or (mark == "," and not re.match(r"[ ]*v?\d", self._text[at + 1 :])):
            self._set("")
        elif (
            mark in "<>!"
            and at
            and self._text[at - 1] not in "->="
            and self._text[at + 1 : at + 2] in ("=", *"0123456789 ")
        ):
            self._bound = bool(self._text[:at].strip(" >"))

    def _set(self, owner: str) -> None:
        self._owner, self._chain, self._introduced, self._bound = owner, "", False, False
