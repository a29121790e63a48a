"""What a text does with a count that it keeps in a variable, and whether 0 would be right there.

By its own tests of the variable: `[ "$n" -lt 5 ]` holds for 0, `[ "$n" -gt 0 ]` does not, and
behind `if [ "$n" -gt 0 ]` stands what is done only about more. A test that 0 would fail anyhow
makes no difference. Where there is none the count may only be told; what is meant, nobody knows.
"""

from __future__ import annotations

import re

from rbdsl.patterns import lazy_pattern

_TEST = r"(?:\[\[?\s+|test\s+|\(\(\s*){}\s*({})\s*[\"']?([\w$]+)[\"']?(?:\s*\]\]?|\s*\)\))?"
_LOW = ("-lt", "-le", "<", "<=")
_HIGH = ("-gt", "-ge", "-ne", ">", ">=", "!=")
_OPERATORS = r"-lt|-le|-gt|-ge|-ne|<=|>=|!=|<|>"
_FAILS = lazy_pattern(r"\b(?:exit|return)\s+[1-9$]|\bfalse\b|\b(?:die|fail|abort)\b")
_BRANCH = lazy_pattern(r"\s*;?\s*then\b(?P<body>.*?)(?P<end>\b(?:elif|else|fi)\b)", re.DOTALL)
_TELLS = lazy_pattern(r"\s*(?:echo|printf|log|info|say|logger)\b")
_CONDITION = lazy_pattern(r"\b(?:if|while|until|elif)\s+(?:!\s+)?\Z")


def zero_is_fine(behind: str, name: str) -> bool:
    """Whether what stands behind a count goes on as it should where the variable `name` is 0."""
    variable = rf"[\"']?\$?\{{?{re.escape(name)}\}}?[\"']?"
    found = re.search(_TEST.format(variable, _OPERATORS), behind)
    return found is not None and _passes(behind, found)


def only_told(behind: str, name: str) -> bool:
    """Whether all that becomes of the variable is that it is written somewhere."""
    used = re.compile(rf"\$\{{?{re.escape(name)}\b")
    lines = [line for line in behind.splitlines() if used.search(line)]
    return bool(lines) and all(
        _TELLS.match(part) for line in lines for part in _parts(line) if used.search(part)
    )


def _passes(behind: str, test: re.Match[str]) -> bool:
    """Whether 0 is an answer that is cared for, of the first test of the variable."""
    operator, value = test[1], test[2]
    if value.startswith("$") or (operator in ("-ge", ">=") and value == "0"):
        return False
    if operator in ("-lt", "<") and value == "0":
        return False
    rest = behind[test.end() :]
    if _CONDITION.search(behind[: test.start()]):
        branch = _BRANCH.match(rest)
        if branch is None:
            return False
        if operator in _LOW:
            return not _FAILS.search(branch["body"])
        return operator in _HIGH and branch["end"] == "fi"
    if re.match(r"\s*&&", rest):
        line = rest.partition("\n")[0]
        return operator in _HIGH and _FAILS.search(line) is not None
    return operator in _LOW


def _parts(line: str) -> list[str]:
    return re.split(r";|&&|\|\|", line)
