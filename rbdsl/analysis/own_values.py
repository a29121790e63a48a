"""What the variables of a piece of bash hold that it sets itself, where that is to be seen.

`nightly=/srv/nightly/latest.dump` gives `nightly` that value; `$name` in a value stays. What is set
twice, added to, counted, read, or comes from a command has no value here.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from rbdsl.analysis.call_words import plain
from rbdsl.patterns import lazy_pattern

_ASSIGNS = lazy_pattern(r"(?:^|[\s;&|({])(\w+)=[\"'\w/$.~:-]")
_COMPUTED = ("command_substitution", "process_substitution", "arithmetic_expansion", "array")
_REFERENCE = lazy_pattern(r"\$(\w+)")
_DEEPEST = 4


@lru_cache(maxsize=4096)
def own_values(text: str) -> Mapping[str, str]:
    """The values by the names of the variables."""
    if _ASSIGNS.search(text) is None:
        return {}
    from rbdsl.analysis.shell import parsed
    from rbdsl.analysis.shell_grammar import walk

    values: dict[str, str] = {}
    several: set[str] = set()
    for node in walk(parsed(text)):
        if node.type in ("for_statement", "variable_assignment"):
            field = "variable" if node.type == "for_statement" else "name"
            name, value = node.child_by_field_name(field), node.child_by_field_name("value")
            if name is None or (node.parent is not None and node.parent.type == "command"):
                continue  # `K=1 command` sets it for that one alone
            known = (name.text or b"").decode("utf-8", "replace")
            adds = any(child.type == "+=" for child in node.children)
            computed = value is None or any(one.type in _COMPUTED for one in walk(value))
            if known in values or adds or computed or value is None:
                several.add(known)
            else:
                values[known] = plain(value)
    return {name: value for name, value in values.items() if name not in several}


def filled_in(text: str, values: Mapping[str, str]) -> str:
    """A text with the values that are known in the place of `$name`."""
    for _ in range(_DEEPEST):
        found = _REFERENCE.sub(lambda match: values.get(match[1], match[0]), text)
        if found == text:
            break
        text = found
    return text
