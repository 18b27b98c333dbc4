"""An answer as a JUnit file, which every CI system reads: one test case for each thing that was asked."""

import re
from xml.etree import ElementTree as ET

from lab.model.cases import AnswerCase, AnswerCases, CaseEnd

# What XML 1.0 has no way to say, and a message of Paddle's may hold.
_UNSAYABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
TAGS = {CaseEnd.FAILED: "failure", CaseEnd.ERROR: "error", CaseEnd.SKIPPED: "skipped"}


def render(verb: str, found: AnswerCases) -> str:
    """The file as text: one suite, named by verb and subject."""
    ends = [one.end for one in found.cases]
    counts = {
        "tests": str(len(ends)),
        "failures": str(ends.count(CaseEnd.FAILED)),
        "errors": str(ends.count(CaseEnd.ERROR)),
        "skipped": str(ends.count(CaseEnd.SKIPPED)),
    }
    whole = ET.Element("testsuites", {"name": "lab", **counts})
    suite = ET.SubElement(whole, "testsuite", {"name": _said(f"lab {verb} {found.subject}".strip()), **counts})
    for one in found.cases:
        _case(suite, one, f"lab.{verb.replace(' ', '.')}")
    ET.SubElement(suite, "system-out").text = _said(found.said)
    ET.indent(whole)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(whole, encoding="unicode") + "\n"


def _case(suite: ET.Element, one: AnswerCase, of: str) -> None:
    case = ET.SubElement(suite, "testcase", {"classname": of, "name": _said(one.name)})
    if one.end in TAGS:
        ET.SubElement(case, TAGS[one.end], {"message": _said(one.message)}).text = _said(one.detail)


def _said(text: str) -> str:
    return _UNSAYABLE.sub("\ufffd", text)
