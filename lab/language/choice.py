"""Which language the lab speaks: LAB_LANG where it is set, else what the machine's own variables say."""

from collections.abc import Mapping

from lab.errors import UsageError
from lab.model.bundle import Lang

NAME = "LAB_LANG"
SPOKEN = (Lang.EN, Lang.ZH)
ORDER = ("LC_ALL", "LC_MESSAGES", "LANG")
"""In the order in which POSIX asks them: the first that is set decides."""


def check(environ: Mapping[str, str]) -> None:
    """UsageError where LAB_LANG names a language that the lab does not speak."""
    named = environ.get(NAME, "")
    if named and not any(_speaks(named, one) for one in SPOKEN):
        raise UsageError(f"{NAME}={named}: there is no such language", f"one of {', '.join(SPOKEN)}")


def chosen(environ: Mapping[str, str]) -> Lang:
    """The language to speak; English where LAB_LANG names one that the lab does not speak."""
    named = environ.get(NAME, "")
    if named:
        return next((one for one in SPOKEN if _speaks(named, one)), Lang.EN)
    told = next((environ[name] for name in ORDER if environ.get(name)), "")
    return Lang.ZH if _speaks(told, Lang.ZH) else Lang.EN


def _speaks(named: str, language: Lang) -> bool:
    """Whether a name such as zh, zh_CN.UTF-8 or zh-Hans is of a language."""
    return named.lower().replace("-", "_").partition("_")[0].partition(".")[0] == language
