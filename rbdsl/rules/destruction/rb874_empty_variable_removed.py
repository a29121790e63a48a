"""What is removed begins with a variable that may be empty.

## Why

`rm -rf "$release/"` with nothing in `release` is `rm -rf /`. The shell's `-u` stops at variables
that were never set, and not at empty ones: the output of a command that found nothing is one.

## Bad

```rbplan
phase files "Files" {
  budget 1m
  step remove "Remove the release" {
    run ```
      release="$(readlink current)"
      rm -rf "$release"/*
    ```
    expect `./served.sh 3.1`
  }
}
```

## Good

```rbplan
phase files "Files" {
  budget 1m
  step remove "Remove the release" {
    run ```
      release="$(readlink current)"
      rm -rf "${release:?}"/*
    ```
    expect `./served.sh 3.1`
  }
}
```

## How it can be fooled

Variables of the plan that have a value are believed, and so are those that the same text fills by
`mktemp`, from a literal, or by a loop over words, and those that it tests with `-n`, `-z` or `-d`.
A variable set by an included file is not followed. `basename "$(cat note)"` is nothing where the
note is empty, and so `rm -rf "/srv/releases/$old"` is about all releases.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from rbdsl.analysis.calls import Word
from rbdsl.diagnostics import Code, Diagnostic, Edit, Fix, Severity
from rbdsl.rules.acting import acting, shown
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB874", "empty-variable-removed", Severity.WARNING)

PROGRAMS = frozenset(["rm", "find", "chown", "chmod"])
_START = r"\$(\w+)(?=/|\Z)"
_REFERENCE = r"\$(?:\{%s\}|%s)(?=/|\"|'|\s|\Z)"
_ASSIGNED = (
    r"(?m)(?:^|[\s;(])(\w+)=[\"']?"
    r"(?:\$\(\s*(?:(?:mktemp|pwd|cd|date|hostname|git)\b"
    r"|(?:dirname|basename|realpath)\b(?!\s+(?:-\S+\s+)*[\"']?\$\())|[\w./~-]"
    r"|\$\{\w+:[-?=]|\$\{\w+\}[\w./-]|\$\w+[./-])"
)
_SURE = (
    _ASSIGNED,
    r"\bfor\s+(\w+)\s+in\b",
    r"(?:\[\[?|\btest)\s+(?:! )?-[nzde]\s+[\"']?\$\{?(\w+)",
    r"\$\{(\w+):[?-]",
)
"""What fills a variable, or shows that somebody has thought of its being empty."""
_SUBSTITUTED = r"(?m)(?:^|[\s;(])(\w+)=[\"']?(?:\$\(|`)"
_END = r"/(?:[\w.-]+/)+\$(\w+)/?\Z"


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such argument."""
    for placed in acting(context, *PROGRAMS):
        if not _recursive(placed):
            continue
        for word in placed.call.words[1:]:
            name = _empty(placed, word) or _last_part(placed, word)
            if name:
                yield CODE.at(
                    placed.span_of(word),
                    f"where `{name}` is empty, {_means(word, name)} is removed",
                    hint=f"`${{{name}:?}}` stops where it is empty",
                    fix=None if _is_meant(placed, name) else _fix(placed, word, name),
                )


def _recursive(placed: PlacedCall) -> bool:
    call = placed.call
    match call.program:
        case "rm":
            return call.has("r", "R", "recursive")
        case "find":
            return any(word.text == "-delete" for word in call.words) or "-exec rm" in call.text
        case _:
            return call.has("R", "recursive")


def _empty(placed: PlacedCall, word: Word) -> str:
    """The variable that a path begins with, where it may be empty and something stands behind."""
    match = re.match(_START, word.text)
    if not match or word.text.startswith("$("):
        return ""
    name, rest = match[1], word.text[match.end() :]
    if not rest.strip("/") and placed.call.program == "rm" and rest != "/":
        return ""  # `rm -rf ""` removes nothing
    return "" if _is_filled(placed, name) else name


def _last_part(placed: PlacedCall, word: Word) -> str:
    """The output of a command that ends a path: where it is empty, all that is beside it goes."""
    match = re.match(_END, word.text)
    if not match or placed.call.program != "rm" or _is_filled(placed, match[1]):
        return ""
    return match[1] if match[1] in _substituted(placed.place.shell.text) else ""


def _is_filled(placed: PlacedCall, name: str) -> bool:
    """Whether a variable can't be empty, by the plan or by the text that it is used in."""
    if (placed.place.values or {}).get(name):
        return True
    return name in _sure(placed.place.shell.text)


def _is_meant(placed: PlacedCall, name: str) -> bool:
    """Whether somebody wrote an empty value: the step would always end at `${name:?}` then."""
    if (placed.place.values or {}).get(name) == "":
        return True
    return re.search(rf"\b{name}=(?:\"\"|'')?(?=\s|;|\Z)", placed.place.shell.text) is not None


@lru_cache(maxsize=64)
def _sure(text: str) -> frozenset[str]:
    return frozenset(name for pattern in _SURE for name in re.findall(pattern, text))


@lru_cache(maxsize=64)
def _substituted(text: str) -> frozenset[str]:
    return frozenset(re.findall(_SUBSTITUTED, text))


def _means(word: Word, name: str) -> str:
    if not word.text.startswith("$"):
        return shown(word.text.replace(f"${name}", ""))
    return shown(re.sub(_START, "", word.text, count=1) or "/")


def _fix(placed: PlacedCall, word: Word, name: str) -> Fix | None:
    """Writes `${name:?}`, which does the same wherever it worked."""
    text = placed.place.shell.text
    own = re.escape(name)
    found = re.compile(_REFERENCE % (own, own)).search(text, word.start, word.end)
    if not found:
        return None
    edit = Edit(placed.place.span(found.start(), found.end()), f"${{{name}:?}}")
    return Fix(f"stop where `{name}` is empty", (edit,))
