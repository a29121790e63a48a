"""The arguments of a call as getopt reads them: bundled letters, and values as words with a place.

`-tAc text` are the letters t and A, and `c` with its value; what is no option is an operand. Which
options take a value has to be said.
"""

from __future__ import annotations

from collections.abc import Iterable

from rbdsl.analysis.calls import Call, Word
from rbdsl.record import dataclass


@dataclass(frozen=True, slots=True)
class Arguments:
    """Options in order, each with the word that holds its value; operands with their words."""

    options: tuple[tuple[str, str | None, Word], ...]
    operands: tuple[Word, ...]

    def values(self, *names: str) -> list[tuple[str, Word]]:
        """The values of some options, with the words that hold them."""
        return [(v, word) for name, v, word in self.options if name in names and v is not None]

    def has(self, *names: str) -> bool:
        """Whether one of these options is there."""
        return any(name in names for name, _, _ in self.options)


def arguments(call: Call, letters: str, names: Iterable[str] = (), attached: str = "") -> Arguments:
    """Reads a call. `letters` and long `names` are the options that take a value.

    Those of `attached` take it only without a blank: `-psecret`.
    """
    words = list(call.words[1:])
    long = frozenset(names)
    options: list[tuple[str, str | None, Word]] = []
    operands: list[Word] = []
    while words:
        word = words.pop(0)
        text = word.text
        if text == "--":
            operands.extend(words)
            break
        if text.startswith("--"):
            name, equals, value = text[2:].partition("=")
            if equals:
                options.append((name, value, word))
            elif name in long and words:
                following = words.pop(0)
                options.append((name, following.text, following))
            else:
                options.append((name, None, word))
        elif text.startswith("-") and len(text) > 1 and not (word.quoted and " " in text):
            options.extend(_bundle(word, letters, attached, words))
        else:
            operands.append(word)
    return Arguments(tuple(options), tuple(operands))


def _bundle(
    word: Word, letters: str, attached: str, words: list[Word]
) -> list[tuple[str, str | None, Word]]:
    """The options of `-tAc`; the last one may take the next word, which is used up then."""
    found: list[tuple[str, str | None, Word]] = []
    for at, letter in enumerate(word.text[1:], start=2):
        if letter in attached:
            found.append((letter, word.text[at:] or None, word))
            break
        if letter not in letters:
            found.append((letter, None, word))
            continue
        if word.text[at:]:
            found.append((letter, word.text[at:].removeprefix("="), word))
        elif words:
            following = words.pop(0)
            found.append((letter, following.text, following))
        else:
            found.append((letter, None, word))
        break
    return found
