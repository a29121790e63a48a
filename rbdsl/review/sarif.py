"""Findings as a SARIF 2.1.0 log, for code scanning.

One run, with the rules that its results name, each with its documentation. Findings that are
allowed by name are results too, with their suppression. Columns count Unicode characters. A path
that is relative stays so, from `%SRCROOT%`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from urllib.parse import quote

from rbdsl import __version__
from rbdsl.diagnostics import Diagnostic, Edit, Fix, Severity, Suppressed
from rbdsl.review.findings import Findings, has_place, inserted, lines_of, normalised
from rbdsl.review.fingerprint import fingerprints
from rbdsl.rules.documentation import page
from rbdsl.rules.registry import all_rules
from rbdsl.source import Span

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_ROOT = "%SRCROOT%"
_LEVELS = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "note",
    Severity.PEDANTIC: "note",
}

_BYTE = re.compile("%5Cudc([89a-f][0-9a-f])")
_LINK = re.compile(r"\[(?=[^\]\n]*\]\()")

Node = dict[str, object]


def render(findings: Findings) -> str:
    """The log, with a newline at its end; characters beyond ASCII are escaped."""
    suppressed = [entry.diagnostic for entry in findings.suppressed]
    found = [*findings.diagnostics, *suppressed]
    why: list[Suppressed | None] = [None] * len(findings.diagnostics)
    why += findings.suppressed
    rules = _rules(found)
    index = {str(rule["id"]): number for number, rule in enumerate(rules)}
    results = [
        _result(d, index[d.code], mark, entry)
        for d, mark, entry in zip(found, fingerprints(found), why, strict=True)
    ]
    driver = {"name": "rbc", "version": __version__, "rules": rules}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rules(found: Sequence[Diagnostic]) -> list[Node]:
    """The rules that findings name, by code; those of other programs with their address."""
    known = {rule.code.id: rule for rule in all_rules()}
    rules: list[Node] = []
    for code, example in sorted({d.code: d for d in reversed(found)}.items()):
        rule = known.get(code)
        entry: Node = {"id": code, "name": rule.code.name if rule else example.name}
        if rule:
            entry |= {
                "shortDescription": {"text": rule.summary},
                "fullDescription": {"text": _without_sections(rule.documentation)},
                "help": {"text": rule.documentation.strip(), "markdown": page(rule)},
                "properties": {"tags": [rule.family]},
            }
        if example.url:
            entry["helpUri"] = example.url
        severity = rule.code.severity if rule else example.severity
        entry["defaultConfiguration"] = {
            "level": _LEVELS[severity],
            "enabled": severity is not Severity.PEDANTIC,
        }
        rules.append(entry)
    return rules


def _without_sections(documentation: str) -> str:
    return documentation.split("\n## ", 1)[0].strip()


def _result(diagnostic: Diagnostic, rule: int, mark: str, entry: Suppressed | None) -> Node:
    result: Node = {
        "ruleId": diagnostic.code,
        "ruleIndex": rule,
        "level": _LEVELS[diagnostic.severity],
        "message": _message("\n".join(lines_of(diagnostic))),
        "locations": [
            {"physicalLocation": _place(diagnostic.span, with_region=has_place(diagnostic))}
        ],
        # The name under which GitHub looks for it; else it would take the text of the lines.
        "partialFingerprints": {"primaryLocationLineHash": mark},
        # All results say whether they are suppressed, or none does (SARIF 2.1.0, 3.27.23).
        "suppressions": [_suppression(entry)] if entry else [],
    }
    others = [label for label in diagnostic.labels if label.span != diagnostic.span]
    if others:
        result["relatedLocations"] = [
            {
                "id": number,
                "physicalLocation": _place(label.span),
                "message": _message(label.text or "here"),
            }
            for number, label in enumerate(others, 1)
        ]
    if diagnostic.fix and diagnostic.fix.edits:
        result["fixes"] = [_fix(diagnostic.fix)]
    return result


def _message(text: str) -> Node:
    """A message in which nothing is a placeholder or a link (SARIF 2.1.0, 3.11.5 and 3.11.6)."""
    text = text.replace("{", "{{").replace("}", "}}")
    return {"text": _LINK.sub(r"\\\g<0>", text)}


def _suppression(entry: Suppressed) -> Node:
    kind = "inSource" if entry.in_source else "external"
    return {"kind": kind, "justification": entry.reason}


def _fix(fix: Fix) -> Node:
    source = fix.edits[0].span.source
    words = fix.description if fix.safe else f"{fix.description} (to be looked at)"
    change = {
        "artifactLocation": _artifact(normalised(source)),
        "replacements": [_replacement(edit) for edit in fix.edits],
    }
    return {"description": _message(words), "artifactChanges": [change]}


def _replacement(edit: Edit) -> Node:
    replacement: Node = {"deletedRegion": _region(edit.span)}
    if edit.text:
        replacement["insertedContent"] = {"text": inserted(edit)}
    return replacement


def _place(span: Span, *, with_region: bool = True) -> Node:
    place: Node = {"artifactLocation": _artifact(normalised(span.source))}
    if with_region:
        place["region"] = _region(span)
    return place


def _region(span: Span) -> Node:
    start, end = span.begin, span.finish
    return {
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    }


def _artifact(path: str) -> Node:
    # A byte that is no UTF-8 is shown as `\udcff`, and is `%FF` in an address.
    uri = _BYTE.sub(lambda found: f"%{found[1].upper()}", quote(path))
    if path.startswith("/"):
        return {"uri": f"file://{uri}"}
    return {"uri": uri, "uriBaseId": _ROOT}
