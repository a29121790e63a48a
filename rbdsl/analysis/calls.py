"""Every call of a program in a piece of bash: its words with their places, and how it is called.

Found in the syntax tree, also behind `sudo`, `timeout` and other wrappers, in the text of
`bash -c`, of `ssh host`, of `kubectl exec … --` and of `eval`. Never in comments or data.
"""

from __future__ import annotations

from functools import cached_property, lru_cache

from rbdsl.analysis.call_outcome import Strictness
from rbdsl.analysis.options import Option, split
from rbdsl.record import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a command, without its quotes; `${name}` in it is written `$name`.

    `start` and `end` are offsets in characters of the whole text, quotes included; for a word of
    a text in a text (`ssh host "a \\"b\\""`) they may be those of the outer word. `literal` says
    that the shell changes nothing in it, `quoted` that it begins with a quote. A word in double
    quotes keeps its backslashes (`\\"`), and `escaped` says that it has some.
    Where it comes out of an array or a variable, `written` is its own place there, and `start` and
    `end` are those of the word that stands for it.
    """

    text: str
    start: int
    end: int
    literal: bool = True
    quoted: bool = False
    escaped: bool = False
    written: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Redirection:
    """`2>/dev/null`: the operator as written (`>`, `>>`, `&>`, `<`, `>&` …), where from, where to.

    `descriptor` is what was written, else 1 for output, 0 for input. Here-documents are no
    redirections here; what they hold is in `Call.given`.
    """

    operator: str
    descriptor: int
    target: Word


@dataclass(frozen=True)
class Call:
    """A call of a program.

    - `words`: the program and its arguments, without wrappers.
    - `wrappers`: what it stands behind, outermost first, each with its own words: `sudo -n`. Those
      of the shell or `ssh` that has it run are among them.
    - `where`: the hosts and containers that it runs in, outermost first (`ssh db1`,
      `kubectl exec $pod`); empty where it runs here.
    - `redirections`: those that apply to it, also those of the group or pipe around it.
    - `given`: the statements of a here-document, a here-string or of `echo … |`.
    - `documents`: the here-documents as they are written.
    - `pipe`, `stage`: the names of the programs of its pipe, and its place in it (from 0). Alone,
      the pipe has one stage.
    - `tested`: who looks at whether it fails: `if`, `while`, `!`, `&&`, `||`; empty where nobody
      does, and the step fails with it.
    - `otherwise`: the words of the command that runs where it fails (`|| true`, also behind `if`);
      of a group those of the first that does more than say something.
    - `background`: whether a `&` follows.
    - `substituted`: how its output becomes part of a command: `$(`, `<(` or empty.
    - `holder`: what takes this output: `=`, `local` or `export` (and so on), `for`, `word`.
    - `function`: the function of the text that it stands in.
    - `strictness`: what the shell that runs it does where it fails; that of a step is strict.
    - `environment`: the variables that are assigned for it alone (`PGPASSWORD=… psql`).
    - `start`, `end`: offsets in characters of the whole text.
    """

    words: tuple[Word, ...]
    start: int
    end: int
    wrappers: tuple[tuple[Word, ...], ...] = ()
    where: tuple[str, ...] = ()
    redirections: tuple[Redirection, ...] = ()
    given: tuple[str, ...] = ()
    pipe: tuple[str, ...] = ("",)
    stage: int = 0
    tested: str = ""
    otherwise: tuple[str, ...] = ()
    background: bool = False
    substituted: str = ""
    holder: str = ""
    documents: tuple[Word, ...] = ()
    function: str = ""
    strictness: Strictness = Strictness()
    environment: tuple[str, ...] = ()

    @cached_property
    def program(self) -> str:
        """The name of the program without its folder; empty where a variable holds it."""
        first = self.words[0]
        return first.text.rpartition("/")[2] if "$" not in first.text else ""

    @cached_property
    def _split(self) -> tuple[tuple[str, ...], tuple[Option, ...]]:
        return split(self.program, [word.text for word in self.words[1:]])

    @cached_property
    def operands(self) -> tuple[str, ...]:
        """The arguments that are neither options nor values of options, as far as is known."""
        return self._split[0]

    @cached_property
    def options(self) -> tuple[Option, ...]:
        """The options by name without dashes (long where the short one is known), with values."""
        return self._split[1]

    @property
    def text(self) -> str:
        """The words with a blank between them."""
        return " ".join(word.text for word in self.words)

    def has(self, *names: str) -> bool:
        """Whether it has one of these options. A bundle counts (`-it` has `i` and `t`)."""
        found = {name for name, _ in self.options}
        return any(n in found or (len(n) == 1 and n in self.bundled) for n in names)

    def value(self, *names: str) -> str | None:
        """The value of the last of these options that has one."""
        values = [value for name, value in self.options if name in names and value is not None]
        return values[-1] if values else None

    @cached_property
    def bundled(self) -> frozenset[str]:
        """The letters of options with one dash: `-euo` has `e`, `u` and `o`."""
        letters = (
            word.text[1:].partition("=")[0]
            for word in self.words[1:]
            if word.text.startswith("-") and not word.text.startswith("--")
        )
        return frozenset(letter for text in letters for letter in text)

    def silenced(self) -> bool:
        """Whether what it says of its errors is thrown away."""
        goes: dict[int, bool] = {}
        for redirection in self.redirections:  # in this order, as the shell does
            away = redirection.target.text == "/dev/null"
            if redirection.operator in (">&", "<&") and redirection.target.text.isdigit():
                away = goes.get(int(redirection.target.text), False)
            goes[redirection.descriptor] = away
            if redirection.operator.startswith("&"):
                goes[1] = goes[2] = away
        return goes.get(2, False)


@lru_cache(maxsize=4096)
def calls(text: str) -> tuple[Call, ...]:
    """Every call in a text, in order; of a text that is no complete bash those that make sense."""
    from rbdsl.analysis.call_walk import calls_in

    return tuple(calls_in(text))
