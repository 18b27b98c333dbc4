"""A report's text made of bytes, and parted into what is said and what is shown (code, logs)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lab.text import clean

LONGEST = 200_000
"""Characters of a report that are read; what is longer loses its middle."""
_BINARY = 0.02  # the share of NUL and other control bytes that no text has
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\x0b\x0c\x1b\x08"))
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_FENCE = re.compile(r"[ \t>]{0,40}(?P<mark>`{3,}|~{3,})(?P<rest>[^\n]*)")
_CODE = re.compile(
    r"^[ \t]*(?:import |from [\w.]+ import |def |class |for .*:$|while .*:$|with .*:$|#include|std::|auto "
    r"|int main|return )"
    r"|\w\s?=\s?[\w.]{1,80}\(|\bpaddle\.[\w.]{1,80}\(|paddle_infer::\w|^[ \t]*[A-Za-z_][\w.]{0,80}\([^\n]*\);?$",
    re.MULTILINE,
)
_LOG = re.compile(
    r"Traceback \(most recent call last\)|^[ \t]*File \"|^[\w.]*(?:Error|Exception): |^[ \t]*\d+[ \t]+\w+::",
    re.MULTILINE,
)
_STATEMENT = re.compile(
    r"(?:import [\w.]+(?: as \w+)?|from [\w.]+ import [\w, *()]+"
    r"|(?:\w[\w.]*(?:, \w+)*|\[[\w, ]+\]) = \w[\w.]*\(.*[)(\[{,]|(?:paddle|np|fluid|exe|opt|net|model)\.[\w.]+\(.*[)(\[{,])"
    r"(?:[ \t]*#.*)?"
)
_CALLS = re.compile(r"\bimport \w|\bpaddle\.|[=.]\w{0,80}\(|= ?\w{1,80}[\w.]{0,80}\(|#include")
_PROMPT = re.compile(r"(?:>>>|\.\.\.|In ?\[\d{0,4}\]:|[ ]{1,8}\.\.\.:) ?")
_LANGUAGES = {
    "python": "python", "py": "python", "python3": "python", "py3": "python", "pycon": "python", "cpp": "c++",
    "c++": "c++", "cc": "c++", "c": "c++", "cxx": "c++",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Passage:
    """A fenced or indented part: the language it names (empty where it names none) and its text."""

    language: str
    body: str


@dataclass(frozen=True, kw_only=True)
class Parts:
    """A report's lines, which of them stand in a block, and the blocks."""

    lines: tuple[str, ...]
    shown: tuple[bool, ...]
    blocks: tuple[Passage, ...]

    @property
    def text(self) -> str:
        """The whole report."""
        return "\n".join(self.lines)

    @property
    def said(self) -> str:
        """What stands outside blocks."""
        return "\n".join("" if shown else line for line, shown in zip(self.lines, self.shown, strict=True))


def decoded(raw: bytes) -> str | None:
    """The text of a file in UTF-8, UTF-16 with a mark, or GB 18030; None where it is no text."""
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return raw.decode(encoding, "replace")
    if len(raw.translate(None, _CONTROLS)) < len(raw) * (1 - _BINARY):
        return None
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", "replace")


def parted(report: str) -> Parts:
    """A report in parts, cleaned of everything that moves a terminal."""
    lines = clean(report, LONGEST).split("\n")
    shown: list[bool] = []
    blocks: list[Passage] = []
    fence, language, body = "", "", list[str]()
    for line in lines:
        found = _FENCE.fullmatch(line)
        if fence:
            shown.append(True)
            if found and found["mark"].startswith(fence) and not found["rest"].strip():
                blocks.append(Passage(language=language, body="\n".join(body)))
                fence = ""
            else:
                body.append(line)
        elif found and "`" not in found["rest"]:
            fence, body = found["mark"], []
            language = (found["rest"].strip(" \t{.").split() or [""])[0].strip("}").lower()
            shown.append(True)
        else:
            shown.append(False)
    if fence:
        blocks.append(Passage(language=language, body="\n".join(body)))
    return Parts(lines=tuple(lines), shown=tuple(shown), blocks=(*blocks, *_loose(lines, shown)))


def _loose(lines: Sequence[str], shown: Sequence[bool]) -> Iterator[Passage]:
    """Code that nobody fenced: lines that are indented by four or a tab, and plain statements."""
    run: list[str] = []
    for line, fenced in zip((*lines, ""), (*shown, True), strict=True):
        indented = line.startswith(("    ", "\t")) or (run and not line.strip())
        if not fenced and (indented or _STATEMENT.fullmatch(line.strip()[:500]) or _PROMPT.match(line)):
            run.append(line)
            continue
        if _CALLS.search("\n".join(run)):
            yield Passage(language="", body="\n".join(run).strip("\n"))
        run = []


def code(blocks: Sequence[Passage]) -> tuple[Passage, ...]:
    """The blocks that are a program, in Python or C++, each once, as they stand in the report."""
    found: dict[str, Passage] = {}
    for block in blocks:
        language = _LANGUAGES.get(block.language, "")
        body = _typed(block.body)
        if (
            not language
            and block.language in ("", "text", "txt", "console", "code", "bash", "shell", "sh")
            and _is_code(body)
        ):
            language = "c++" if re.search(r"#include|std::|paddle_infer::|;\s*$", body, re.MULTILINE) else "python"
        if language and body.strip():
            found.setdefault(body, Passage(language=language, body=body.strip("\n")))
    return tuple(found.values())


def _is_code(body: str) -> bool:
    return _CODE.search(body) is not None and _LOG.search(body) is None


def _typed(body: str) -> str:
    """What was typed at a Python prompt, without the prompts and without the answers; other text as it is."""
    lines = body.split("\n")
    typed = [_PROMPT.sub("", line, count=1) for line in lines if _PROMPT.match(line)]
    return "\n".join(typed) if typed else body
