"""The words of the grammar as people know them, for messages and completion."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lark import Token
from lark.lexer import PatternStr

from rbdsl.syntax.grammar import parser

_KINDS = {
    "NAME": "a name",
    "QNAME": "a name of a module",
    "PATH": "a module such as `std/kubernetes`",
    "VALUE": "a number, duration or date",
    "UNIT": "a unit",
    "STRING": "a text in quotes",
    "TEXT": "a text in quotes",
    "INLINE": "shell in backticks",
    "FENCE": "shell in backticks",
    "NL": "the end of the line",
    "$END": "the end of the file",
}

WORDS: dict[str, str] = {
    terminal.name: terminal.pattern.value
    for terminal in parser().terminals
    if isinstance(terminal.pattern, PatternStr) and terminal.pattern.value[:1].isalpha()
}
"""The keyword of each terminal that is one: `{"BUDGET": "budget", …}`."""

SIGNS: dict[str, str] = {
    terminal.name: terminal.pattern.value
    for terminal in parser().terminals
    if isinstance(terminal.pattern, PatternStr) and not terminal.pattern.value[:1].isalpha()
}


def _owners() -> dict[str, str]:
    """For each keyword that begins a statement, the blocks that it may stand in."""
    blocks: dict[str, list[str]] = {}
    rules: dict[str, list[list[str]]] = {}
    for rule in parser().rules:
        rules.setdefault(str(rule.origin.name), []).append([str(s.name) for s in rule.expansion])

    def first_words(name: str, seen: frozenset[str]) -> set[str]:
        words: set[str] = set()
        for expansion in rules.get(name, []):
            head = expansion[0] if expansion else ""
            if head in WORDS:
                words.add(WORDS[head])
            elif head in rules and head not in seen:
                words |= first_words(head, seen | {head})
        return words

    for name, expansions in rules.items():
        if not name.endswith("_block"):
            continue
        keyword = name.removesuffix("_block").replace("_", " ")
        label = _BLOCKS.get(name, f"the {keyword} block")
        inner = {s for e in expansions for s in e if s in rules}
        inner |= {s for i in inner for e in rules[i] for s in e if s in rules}
        for part in inner:
            for word in first_words(part, frozenset({part})):
                if label not in blocks.setdefault(word, []):
                    blocks[word].append(label)
    return {word: listed(sorted(names), "or") for word, names in sorted(blocks.items())}


_BLOCKS = {
    "plan_block": "the plan itself",
    "phase_block": "a phase",
    "step_block": "a step",
    "gate_block": "a gate",
    "manual_block": "a manual step",
    "check_block": "a check",
    "scenario_block": "a scenario",
    "point_block": "a point of no return",
    "window_block": "a window",
    "rung_block": "a rung",
    "audience_block": "an audience",
    "test_run_block": "a test run (`in`)",
    "rehearsal_block": "the rehearsal",
}


def listed(words: Iterable[str], conjunction: str) -> str:
    """`a, b or c`."""
    *most, last = list(words) or [""]
    return f"{', '.join(most)} {conjunction} {last}" if most else last


def expected_words(kinds: Iterable[str]) -> str:
    """What may come, in words: keywords in backticks and alphabetical, then the rest."""
    keywords = sorted(f"`{WORDS[k]}`" for k in kinds if k in WORDS)
    others = sorted({_KINDS[k] for k in kinds if k in _KINDS and k != "NL"})
    signs = sorted(f"`{SIGNS[k]}`" for k in kinds if k in SIGNS and k != "RBRACE")
    return listed([*others, *keywords, *signs], "or")


def named(token: Token) -> str:
    """A token for people: its text, shortened, or what it is."""
    if token.type == "$END":
        return "the end of the file"
    if token.type == "NL":
        return "`;`" if token.startswith(";") else "the end of the line"
    text = " ".join(str(token).split())
    shown = text if len(text) <= 40 else text[:39] + "…"
    if token.type in ("INLINE", "FENCE"):
        return "shell in backticks"
    return f"`{shown}`"


STATEMENT_OWNERS: dict[str, str] = _owners()
"""`{"budget": "a phase", "timeout": "a gate, a phase or a step", …}`."""


def belongs_into(word: str, keyword: str) -> bool:
    """Whether a statement can stand in the block that a keyword opens: `budget` in `phase`."""
    owner = _BLOCKS.get(f"{keyword}_block", f"the {keyword.replace('_', ' ')} block")
    owners = re.split(r", | or ", STATEMENT_OWNERS.get(word, ""))
    return owner in owners
