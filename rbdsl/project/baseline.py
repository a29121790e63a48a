"""A baseline: findings that are accepted, in a JSON file that `rbc check --write-baseline` writes.

    {"format": 1, "findings": [
      {"path": "web.rbplan", "code": "RB306", "in": "phase back", "text": "budget 1m", "count": 1}]}

`path` is that of the plan, from the folder of the baseline. `in` and `text` are what `enclosing`
tells of the place; blanks in `text` do not count.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from rbdsl.diagnostics import Diagnostic, closest, ordered
from rbdsl.project.json_places import JsonPlaces, long_number
from rbdsl.project.selectors import Refusal, binding, read_selector
from rbdsl.project.toml_reader import MOST_ERRORS
from rbdsl.record import dataclass
from rbdsl.rules.names.rb297_bad_baseline import CODE as BAD_BASELINE
from rbdsl.source import Source, Span

FORMAT = 1
FILE_NAME = ".rbc-baseline.json"

_KEYS = ("path", "code", "in", "text", "count")


class Key(NamedTuple):
    """What makes two findings the same: plan, code, names around it, text."""

    path: str
    code: str
    within: str
    text: str

    @property
    def folded(self) -> Key:
        """The same without blanks in the text, which is what is compared."""
        return self._replace(text="".join(self.text.split()))


@dataclass(frozen=True, slots=True)
class Entry:
    """How often such findings are accepted, and where the file says so."""

    key: Key
    count: int
    span: Span


def parse_baseline(
    source: Source, command: str = "rbc check --write-baseline"
) -> tuple[list[Entry] | None, tuple[Diagnostic, ...]]:
    """The entries of a baseline; None where one of them is wrong, and why.

    `command` is what writes it anew.
    """
    import json

    anew = f"remove the file, and write it anew with `{command}`"

    try:
        document = json.loads(source.text)
    except json.JSONDecodeError as error:
        start = min(error.pos, max(len(source.text) - 1, 0))
        span = source.span(start, min(start + 1, len(source.text)))
        message = f"the baseline is not valid JSON: {error.msg[:1].lower()}{error.msg[1:]}"
        return None, (BAD_BASELINE.at(span, message, hint=anew),)
    except (ValueError, RecursionError) as error:
        place = long_number(source)
        fact = f"a number has {len(place.text.lstrip('-'))} digits" if place else str(error)
        message = f"the baseline is not valid JSON: {fact}"
        return None, (BAD_BASELINE.at(place or source.span(0, 0), message, hint=anew),)
    reader = _Reader(source, anew)
    entries = reader.entries(document)
    problems = tuple(ordered(reader.diagnostics))
    return (None if problems else entries), problems


def written(counts: Mapping[Key, int]) -> str:
    """The text of a baseline, one finding to a line, in order."""
    import json

    lines = [
        json.dumps(
            {"path": key.path, "code": key.code, "in": key.within, "text": key.text, "count": n},
            ensure_ascii=False,
        )
        for key, n in sorted(counts.items())
    ]
    body = ",\n".join(f"    {line}" for line in lines)
    listed = f"[\n{body}\n  ]" if lines else "[]"
    return f'{{\n  "format": {FORMAT},\n  "findings": {listed}\n}}\n'


class _Reader:
    """Checks a parsed document and notes everything that is wrong with it."""

    def __init__(self, source: Source, anew: str) -> None:
        self._anew = anew
        self.diagnostics: list[Diagnostic] = []
        self._places = JsonPlaces(source)

    def entries(self, document: object) -> list[Entry]:
        """All entries; of a baseline of another format nothing but that is reported."""
        if not isinstance(document, dict):
            self._fail(self._places.of(), "the baseline is not an object", self._anew)
            return []
        version = document.get("format")
        if version != FORMAT or isinstance(version, bool):
            stated = "has no `format`" if version is None else f"has format `{version}`"
            newer = isinstance(version, int) and version > FORMAT
            hint = "it is of a newer rbc: install that" if newer else self._anew
            message = f"the baseline {stated}, and only {FORMAT} is known"
            self._fail(self._places.of("format"), message, hint)
            return []
        self._unknown_keys(document, ("format", "findings"), "the baseline", ())
        findings = document.get("findings")
        if not isinstance(findings, list):
            self._fail(self._places.of("findings"), "`findings` is not a list", self._anew)
            return []
        entries = []
        for index, body in enumerate(findings):
            entry = self._entry(index, body)
            if entry:
                entries.append(entry)
            if len(self.diagnostics) >= MOST_ERRORS:
                break
        return entries

    def _entry(self, index: int, body: object) -> Entry | None:
        path: tuple[str | int, ...] = ("findings", index)
        before = len(self.diagnostics)
        if not isinstance(body, dict):
            self._fail(self._places.of(*path), "a finding is not an object", self._anew)
            return None
        self._unknown_keys(body, _KEYS, "a finding", path)
        for key in _KEYS[:-1]:
            if not isinstance(body.get(key), str):
                what = "is not a text" if key in body else "is missing"
                self._fail(self._places.of(*path, key), f"`{key}` {what}")
        count = body.get("count", 1)
        if not isinstance(count, int) or isinstance(count, bool) or count < 1:
            self._fail(self._places.of(*path, "count"), "`count` is not a number from 1")
        if isinstance(code := body.get("code"), str):
            self._code(code, self._places.of(*path, "code"))
        if len(self.diagnostics) > before:
            return None
        found = Key(body["path"], body["code"], body["in"], body["text"])
        return Entry(found, int(count), self._places.of(*path))

    def _code(self, code: str, place: Span) -> None:
        selector = read_selector(code, takes_away="accepted")
        if isinstance(selector, Refusal):
            self._fail(place, selector.message, selector.hint)
        elif selector.start != code:
            self._fail(place, f"`{code}` is not a code", f"write `{selector.start}`")

    def _unknown_keys(
        self,
        table: Iterable[str],
        known: Collection[str],
        what: str,
        path: tuple[str | int, ...],
    ) -> None:
        for key in table:
            if key not in known:
                best = closest(key, known)
                hint = f"did you mean `{best}`?" if best else f"known are {', '.join(known)}"
                self._fail(self._places.key(*path, key), f"{what} has no `{key}`", hint)

    def _fail(self, span: Span, message: str, hint: str | None = None) -> None:
        self.diagnostics.append(BAD_BASELINE.at(span, message, hint=hint))


def may_enter(diagnostic: Diagnostic) -> bool:
    """Whether a finding can be accepted at all."""
    return not binding(diagnostic.code)
