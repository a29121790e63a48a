"""Words of bash: calls of the runtime, texts with variables, durations in seconds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from rbdsl.backends.quoting import sh, word
from rbdsl.model.values import Duration, Reference, Text, Value, show_ms

_WIDTH = 100
_SPECIAL = frozenset('\\"$`')


def seconds(ms: int) -> str:
    """Milliseconds as seconds: `90`, `0.5`."""
    return format(Decimal(ms) / 1000, "f")


def spoken(ms: int) -> str:
    """Milliseconds in whole seconds, as the scripts say them: `1m30s`, 500 as `1s`."""
    return show_ms(-(-ms // 1000) * 1000)


def duration(value: Duration | None) -> str | None:
    """A duration in seconds, or None."""
    return None if value is None else seconds(value.ms)


def list_words(value: Value) -> str:
    """A list as an array of bash: `('a' 'b')`, or `("${hosts[@]}")` for a variable with one."""
    items = value.items
    if len(items) == 1 and items[0].span == value.span and items[0].references:
        return f'("${{{items[0].references[0].shell}[@]}}")'
    return f"({' '.join(text_word(item) for item in items)})"


def text_word(text: Text, values: Mapping[str, Text] | None = None) -> str:
    """A text as one word of bash that reads its variables when it runs.

    `values` are texts to stand in for references of that name, such as `${metric}` in an address.
    """
    parts = list(_parts(text, values or {}))
    if not any(isinstance(part, Reference) for part in parts):
        return sh("".join(part for part in parts if isinstance(part, str)))
    if all(isinstance(p, Reference) or _is_plain(p) for p in parts):
        inner = (p if isinstance(p, str) else f"${{{p.shell}}}" for p in parts)
        return f'"{"".join(inner)}"'
    return "".join(sh(p) if isinstance(p, str) else f'"${{{p.shell}}}"' for p in parts if p != "")


def _parts(text: Text, values: Mapping[str, Text]) -> Iterable[str | Reference]:
    for part in text.parts:
        if isinstance(part, Reference) and part.name in values:
            yield from _parts(values[part.name], {})
        else:
            yield part


def _is_plain(text: str) -> bool:
    return text.isprintable() and _SPECIAL.isdisjoint(text) and sh(text)[0] != "$"


class Call:
    """A call of the runtime, word by word: `rbc_add KIND WORD…`."""

    def __init__(self, kind: str, *words: str, function: str = "rbc_add") -> None:
        """`words` are bash already."""
        self.words = [function, kind, *words] if function else [kind, *words]

    def set(self, key: str, value: str | None) -> Call:
        """Adds `key=value` with a value that is bash already; nothing for None."""
        if value is not None:
            self.words.append(f"{key}={value}")
        return self

    def put(self, key: str, value: object | None) -> Call:
        """Adds `key=value`, quoted; nothing for None or an empty text."""
        return self.set(key, None if value in (None, "") else word(value))

    def names(self, key: str, values: Iterable[object]) -> Call:
        """Adds `key='a b c'`; nothing for none."""
        return self.put(key, " ".join(str(v) for v in values))

    def flag(self, key: str, present: object) -> Call:
        """Adds the bare word, where it holds."""
        if present:
            self.words.append(key)
        return self

    def lines(self) -> list[str]:
        """The call on lines of readable length, as shfmt breaks them."""
        lines, line = [], ""
        for part in self.words:
            if line and len(line) + len(part) + 3 > _WIDTH:
                lines.append(line + " \\")
                line = "  " + part
            else:
                line = f"{line} {part}" if line else part
        return [*lines, line]
