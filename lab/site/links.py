"""What leads out of the report: the numbers of upstream's reports."""

import re

from markupsafe import Markup, escape

_REPORT = re.compile(r"(?<![\w/.-])([A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)#(\d+)\b")


def upstream(text: str) -> Markup:
    """A text whose reports ("PaddlePaddle/Paddle#71996") lead to where they were made."""
    parts, at = list[Markup](), 0
    for found in _REPORT.finditer(text):
        link = Markup('<a href="https://github.com/{0}/issues/{1}" rel="noreferrer">{0}#{1}</a>')
        parts += [escape(text[at : found.start()]), link.format(found[1], found[2])]
        at = found.end()
    return Markup("").join([*parts, escape(text[at:])])
