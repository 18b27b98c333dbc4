"""What stands around a failure: the report's address, flags, calls of Paddle, devices and systems."""

import re
from collections.abc import Iterator, Sequence

_MOST = 50
ROUTES = (
    ("jit", re.compile(r"jit\.load|TranslatedLayer|in jit load")),
    ("static", re.compile(r"load_inference_model")),
    (
        "predictor",
        re.compile(
            r"create_predictor|CreatePredictor|create_paddle_predictor|paddle_infer::Predictor|AnalysisPredictor|paddle\.inference"
        ),
    ),
)
"""The standard routes, and the calls that show them."""
_STATE = re.compile(r"paddle\.load|set_state_dict|set_dict|load_state_dict|load_dict")

_URL = re.compile(
    r"github\.com/(?P<repository>[\w.-]{1,60}/[\w.-]{1,80})/(?P<kind>issues|pull"
    r"|discussions)/(?P<number>\d{1,7})(?!\d)",
    re.ASCII,
)
_LONG = re.compile(r"(?<![\w./-])(?P<repository>[\w.-]{1,60}/[\w.-]{1,80})#(?P<number>\d{1,7})(?!\d)", re.ASCII)
_SHORT = re.compile(r"(?<![\w./-])(?P<name>Paddle[A-Za-z0-9]{0,20})(?: issue)? ?#(?P<number>\d{1,7})(?!\d)", re.ASCII)
_BARE = re.compile(r"(?<![\w/&#])#(?P<number>\d{3,7})(?![\d\w])", re.ASCII)
_FLAG = re.compile(
    r"\b(?P<name>FLAGS_[A-Za-z0-9_]{1,80})(?:['\"\])]*[ \t]*[=:]|['\"],)[ \t]*['\"]?(?P<value>[A-Za-z0-9_.]{1,60})",
    re.ASCII,
)
_APIS = re.compile(
    r"\b(?:paddle\.)?(?P<call>jit\.(?:save|load)|static\.(?:save|load)_inference_model|fluid\.io\.(?:save"
    r"|load)_inference_model"
    r"|static\.(?:load|save)(?=\()|inference\.(?:Config|create_predictor|convert_to_mixed_precision"
    r"|Predictor)|create_predictor"
    r"|create_paddle_predictor|paddle_infer::\w+|CreatePredictor|(?:load|save)_inference_model"
    r"|set_state_dict|set_dict|load_state_dict"
    r"|onnx\.export|Model\.load)\b"
    r"|(?<![\w.:])(?:\w{1,40}\.)?(?P<config>Config)(?=\()"
    r"|\b(?P<whole>paddle\.(?:load|save))\b(?=\s?[(`]|[^\w.(]|$)",
    re.ASCII,
)
_LOADED = re.compile(r'File "[^"\n]{0,300}jit/api\.py", line \d+, in load\b|File "[^"\n]{0,300}translated_layer\.py"')
_ANY = re.IGNORECASE | re.ASCII
_KINDS = (
    (
        "NVIDIA GPU",
        re.compile(r"\b(?:nvidia|geforce|[RG]TX ?\d{3,4}|tesla|[AVHLT](?:100|800|10|30|40|4|20)(?![\w.])|cuda ?[\d:：]"
        r"|GPU ?[0-9]\b|paddlepaddle[-_]gpu|\d-gpu|P40|jetson)|GPU[:：]\s*\w*\d|显卡", _ANY),
    ),
    ("Ascend NPU", re.compile(r"\bascend\w*|昇腾|\bNPU\b|\b910[AB]\d?\b|\b310[BP]\b|paddle-custom-npu|CANN\b", _ANY)),
    ("Kunlun XPU", re.compile(r"\bkunlun\w*|昆仑芯?|\bXPU\b|paddlepaddle-xpu", _ANY)),
    ("Hygon DCU", re.compile(r"\bDCU\b|\bROCm\b|paddlepaddle-dcu|paddlepaddle-rocm", _ANY)),
    ("Hygon", re.compile(r"海光|\bhygon\b", _ANY)),
    ("Cambricon MLU", re.compile(r"\bcambricon\b|寒武纪|\bMLU\w*", _ANY)),
    ("Enflame GCU", re.compile(r"\benflame\b|燧原|\bGCU\b", _ANY)),
    ("TensorRT", re.compile(r"\btensorrt\b|-trt\d|\btrt\b", _ANY)),
    ("Windows", re.compile(r"\bwin(?:dows|10|11)\b|\bwin_amd64\b", _ANY)),
    ("macOS", re.compile(r"\bmac ?os\b|\bos ?x\b|\bmacbook\b|\bapple (?:m\d|silicon)|\bdarwin\b|苹果电脑", _ANY)),
    ("aarch64", re.compile(r"\baarch64\b|\barm64\b|\barmv8\b|鲲鹏|飞腾|\bkunpeng\b|\bARM (?:CPU|server|board)", _ANY)),
)  # fmt: skip
_CUDA = re.compile(
    r"\bCUDA(?:[-_ ]?(?:Version|Toolkit|版本))?[-_ :：=|'\"v为]{0,20}(?P<version>\d{1,2}\.\d)(?:\.\d+)?(?!\d)"
    r"|\bcu(?P<short>\d{3})\b",
    re.IGNORECASE | re.ASCII,
)
_DENIED = re.compile(
    r"\b(?:no|without(?: a)?|not on)[ ](?:nvidia )?GPU\w*|没有(?:GPU|显卡)|无(?:GPU|显卡)|compiled_with_cuda\(\)[: ]*False",
    re.IGNORECASE,
)


def issues(text: str) -> tuple[str, ...]:
    """Every report that is named, as owner/repository#number, in the order of the text, pull requests last."""
    found = [
        (one["kind"] == "pull", one.start(), f"{one['repository']}#{one['number']}") for one in _URL.finditer(text)
    ]
    found += [(False, one.start(), f"{one['repository']}#{one['number']}") for one in _LONG.finditer(text)]
    found += [(False, one.start(), f"PaddlePaddle/{one['name']}#{one['number']}") for one in _SHORT.finditer(text)]
    return tuple(dict.fromkeys(name for _, _, name in sorted(found)))[:_MOST]


def numbers(text: str) -> tuple[str, ...]:
    """Reports that are named by their number alone, so that their repository is open."""
    plain = _SHORT.sub(" ", _LONG.sub(" ", text))
    return tuple(dict.fromkeys(f"#{one['number']}" for one in _BARE.finditer(plain)))[:_MOST]


def flags(text: str) -> tuple[tuple[str, str], ...]:
    """Flags with their values, as they are set in a shell, in Python, or in words."""
    pairs = ((found["name"], found["value"].rstrip(".")) for found in _FLAG.finditer(text))
    return tuple(dict.fromkeys((name, value) for name, value in pairs if value))[:_MOST]


def apis(text: str) -> tuple[str, ...]:
    """The calls that save or open a model."""
    inference = "paddle.inference" in text
    found = dict.fromkeys(
        one["call"] or one["whole"] or "inference.Config"
        for one in _APIS.finditer(text)
        if inference or not one["config"]
    )
    if inference and not any("inference" in name or "predictor" in name.lower() for name in found):
        found["paddle.inference"] = None
    if _LOADED.search(text):
        found.setdefault("jit.load")
    bare = [name for name in found if any(other != name and other.endswith(f".{name}") for other in found)]
    return tuple(name for name in found if name not in bare)[:_MOST]


def routes(calls: Sequence[str]) -> tuple[str, ...]:
    """The routes whose calls are named; a state dict only where no standard one is."""
    found = tuple(route for route, words in ROUTES if any(words.search(call) for call in calls))
    return found or (("state_dict",) if any(_STATE.search(call) for call in calls) else ())


def settings(text: str, cudas: Sequence[str]) -> tuple[str, ...]:
    """Devices and systems the report speaks of; `cudas` are CUDA releases that stand in names of wheels."""
    plain = _DENIED.sub(" ", text)
    return tuple(dict.fromkeys(_settings(plain, cudas)))[:_MOST]


def _settings(text: str, cudas: Sequence[str]) -> Iterator[str]:
    for label, words in _KINDS:
        if words.search(text):
            yield label
    for found in _CUDA.finditer(text):
        short = found["short"] or ""
        yield f"CUDA {found['version'] or f'{short[:2]}.{short[2:]}'}"
    yield from (f"CUDA {one}" for one in cudas if one)
