"""Findings as a JUnit report, for systems that show test results: one suite for each file.

A finding that makes the run fail is a failed case, another one a passed case with its text as
output. A file that nothing fails has one passed case, so that it is seen to have been checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree import ElementTree as ET

from rbdsl.diagnostics import Diagnostic
from rbdsl.review.findings import Findings, lines_of
from rbdsl.review.visible import visible

_UNFIT = re.compile("[^\t\n -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 can't hold, not even escaped."""


def render(findings: Findings) -> str:
    """The document with its declaration; no times, since nothing was timed."""
    found = {path: list[Diagnostic]() for path in findings.paths}
    for diagnostic in findings.diagnostics:
        found.setdefault(diagnostic.span.source.path, []).append(diagnostic)
    top = ET.Element("testsuites")
    for path, diagnostics in found.items():
        _suite(top, path, diagnostics, findings)
    ET.indent(top)
    # Characters beyond ASCII by their numbers: right in whatever encoding standard output has.
    text = ET.tostring(top, encoding="us-ascii", xml_declaration=False).decode()
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'


def _suite(
    top: ET.Element, path: str, diagnostics: Iterable[Diagnostic], findings: Findings
) -> None:
    suite = ET.SubElement(top, "testsuite", name=_fit(path))
    tests = failures = 0
    for diagnostic in diagnostics:
        start = diagnostic.span.begin
        name = f"{diagnostic.code} {diagnostic.name} at {start.line}:{start.column}"
        case = ET.SubElement(suite, "testcase", classname=_fit(path), name=name)
        words = "\n".join([str(diagnostic.span), *lines_of(diagnostic)])
        tests += 1
        if findings.fails(diagnostic):
            failures += 1
            message = _fit(diagnostic.message)
            case = ET.SubElement(case, "failure", message=message, type=str(diagnostic.severity))
        else:
            case = ET.SubElement(case, "system-out")
            words = f"{diagnostic.severity}: {words}"
        case.text = _fit(words)
    if not failures:
        tests += 1
        ET.SubElement(suite, "testcase", classname=_fit(path), name="nothing that fails the check")
    suite.set("tests", str(tests))
    suite.set("failures", str(failures))
    suite.set("errors", "0")


def _fit(text: str) -> str:
    return "\n".join(_UNFIT.sub("\ufffd", visible(line)) for line in text.split("\n"))
