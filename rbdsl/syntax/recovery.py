"""What to say about a syntax error, and where to go on reading.

One mistake gives one message. Three ways lead on: a misspelt keyword is read as the one that was
meant; a broken head of a block is left out up to its `{`; else the whole statement with its
block is left out. A `}` that is missing is taken as read where the next statement shows it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lark import Token, UnexpectedInput, UnexpectedToken

from rbdsl.diagnostics import Diagnostic, Label, closest
from rbdsl.source import Source, Span
from rbdsl.syntax.errors import BAD_CHARACTER, OUTSIDE, UNCLOSED, UNEXPECTED, UNKNOWN_STATEMENT
from rbdsl.syntax.tree import Node
from rbdsl.syntax.words import STATEMENT_OWNERS, WORDS, expected_words, named

if TYPE_CHECKING:
    from lark.lexer import LineCounter
    from lark.parsers.lalr_interactive_parser import InteractiveParser

_SKIP = re.compile(
    r'"""(?:[^"\\]|\\[\s\S]|"{1,2}(?!"))*"""'
    r'|"[^"\\\n]*(?:\\[^\n][^"\\\n]*)*"'
    r"|(?P<fence>`{3,})[^`\n]*\n(?:[\s\S]*?\n)??[ \t]*(?P=fence)(?!`)"
    r"|`[^`\n]+`|#[^\n]*|[{}();\n\[\],]|[^\"`#{}();\n\[\],]+|."
)


class Recovery:
    """Drives one interactive parser through the errors of one text."""

    def __init__(self, source: Source, interactive: InteractiveParser) -> None:
        self._source = source
        self._parser = interactive
        self._state = interactive.parser_state
        self._line_counter: LineCounter = interactive.lexer_thread.state.line_ctr  # type: ignore[union-attr]

    def handle(self, error: UnexpectedInput) -> tuple[Diagnostic | None, bool]:
        """The message for an error, and whether the parser stands ready to go on."""
        if not isinstance(error, UnexpectedToken):
            return self._unreadable(self._position)
        token = error.token
        if token.type == "$END":
            return self._end_of_file(), False
        span = Span(self._source, token.start_pos or 0, token.end_pos or 0)
        accepted = self._accepted()
        if self._plan_is_over():
            return self._outside(self._statement_span(span)), False
        if token.type == "NL" or not self._at_statement(accepted):
            return self._inside_statement(token, span, accepted)
        return self._unknown_statement(token, span, accepted)

    # -- messages ---------------------------------------------------------------------------

    def _unknown_statement(
        self, token: Token, span: Span, accepted: set[str]
    ) -> tuple[Diagnostic, bool]:
        word = str(token)
        block = self._block_name()
        keywords = {WORDS[kind]: kind for kind in accepted if kind in WORDS}
        if token.type == "RBRACE":
            self._resume_at(span.end)
            return UNEXPECTED.at(span, "this `}` closes nothing", hint="remove it"), True
        if word in WORDS.values() and self._is_outdented(span) and self._closes_block_for(word):
            opened = self._opening_brace()
            labels = [Label(span, "this can't stand in it")]
            if opened is not None:
                labels.append(Label(self._token_span(opened), f"{block} is opened here"))
            self._close_block()
            self._resume_at(span.start)
            return (
                UNCLOSED.at(
                    span,
                    f"{block} is not closed before `{word}`",
                    labels=labels,
                    hint=f"put a `}}` before `{word}`",
                ),
                True,
            )
        meant = closest(word, keywords)
        if meant is not None and meant != word:
            diagnostic = UNKNOWN_STATEMENT.at(
                span, f"unknown statement `{word}` in {block}", hint=f"did you mean `{meant}`?"
            )
            self._feed(keywords[meant], meant, span)
            self._resume_at(span.end)
            return diagnostic, True
        self._skip_statement(span.start)
        if not (word[:1].isalpha() or word[:1] == "_"):
            return (
                UNEXPECTED.at(
                    span,
                    f"expected a statement in {block}, found {named(token)}",
                    hint=f"{block} can hold {expected_words(accepted)}" if accepted else None,
                ),
                True,
            )
        owners = STATEMENT_OWNERS.get(word)
        hint = (
            f"`{word}` belongs into {owners}"
            if owners
            else f"{block} can hold {expected_words(accepted)}"
        )
        return UNKNOWN_STATEMENT.at(span, f"`{word}` is no statement of {block}", hint=hint), True

    def _inside_statement(
        self, token: Token, span: Span, accepted: set[str]
    ) -> tuple[Diagnostic, bool]:
        before = self._last_words()
        found = named(token)
        expected = expected_words(accepted - {"NL", "RBRACE"}) or "a new line or `;`"
        where = f" after {before}" if before else ""
        hint = _hint(token, accepted)
        if token.type == "NL":
            at = len(self._source.text[: span.start].rstrip(" \t\r"))
            span = Span(self._source, at, at)
            found = "the end of the line"
        diagnostic = UNEXPECTED.at(span, f"expected {expected}{where}, found {found}", hint=hint)
        brace = self._brace_ahead(span.start)
        if brace is not None and self._complete_head(span):
            self._resume_at(brace)
        elif "NL" in accepted:
            self._begin_statement_at(span.start, str(token))
        elif token.type == "RBRACE":
            self._back_to_statement()
            self._resume_at(span.start)
        else:
            self._skip_statement(span.start)
        return diagnostic, True

    def _unreadable(self, at: int) -> tuple[Diagnostic, bool]:
        text = self._source.text
        end_of_line = text.find("\n", at)
        end_of_line = len(text) if end_of_line < 0 else end_of_line
        for opening, what, hint in (
            ("```", "shell", "close the fence with as many backticks in a line of their own"),
            ('"""', "text", 'close it with `"""`'),
        ):
            if text.startswith(opening, at):
                span = Span(self._source, at, min(end_of_line, len(text)))
                return UNCLOSED.at(span, f"this {what} is never closed", hint=hint), False
        span = Span(self._source, at, end_of_line)
        if text[at] == '"':
            diagnostic = UNCLOSED.at(
                span,
                "this text is not closed in its line",
                hint='close it with `"`; a text of several lines stands between `"""` and `"""`',
            )
        elif text[at] == "`":
            diagnostic = UNCLOSED.at(
                span,
                "this shell is not closed in its line",
                hint="close it with a backtick; shell of several lines, or with a backtick in "
                "it, stands between fences of three or more",
            )
        else:
            span = Span(self._source, at, at + 1)
            diagnostic = BAD_CHARACTER.at(
                span,
                f"unexpected character {_shown(text[at])}",
                hint=_CHARACTER_HINTS.get(text[at]),
            )
            self._skip_statement(at)
            return diagnostic, True
        head = text[at:end_of_line].rstrip()
        here = Span(self._source, at, at)
        if text[at] == '"' and head.endswith("{") and self._complete_head(here):
            self._resume_at(at + len(head) - 1)
        elif text[at] == "`" and (closing := re.search(r"[ \t](\}[ \t}]*)$", head)):
            if "INLINE" in self._accepted():
                self._feed("INLINE", "` `", here)
            else:
                self._back_to_statement()
            self._resume_at(at + closing.start(1))
        else:
            self._back_to_statement()
            self._resume_at(end_of_line)
        return diagnostic, True

    def _end_of_file(self) -> Diagnostic:
        end = len(self._source.text.rstrip())
        span = Span(self._source, end, end)
        opened = self._opening_brace()
        if opened is None:
            accepted = self._accepted()
            return UNEXPECTED.at(
                span,
                f"expected {expected_words(accepted - {'NL'})}, found the end of the file",
            )
        return UNCLOSED.at(
            self._token_span(opened),
            f"{self._block_name()} is never closed",
            labels=[Label(span, "the file ends here")],
            hint="close it with `}`",
        )

    def _outside(self, span: Span) -> Diagnostic:
        plan = next(p for p in map(_plan_in, self._state.value_stack) if p is not None)
        closing = Span(self._source, plan.end - 1, plan.end)
        return OUTSIDE.at(
            span,
            f"`{span.text.strip() or span.text}` stands behind the end of the plan",
            labels=[Label(closing, "the plan ends here")],
            hint="remove the `}` that is one too many, or move this into the plan",
        )

    # -- where the parser is ------------------------------------------------------------------

    @property
    def _position(self) -> int:
        return int(self._line_counter.char_pos)

    def _accepted(self) -> set[str]:
        return set(self._parser.accepts())

    def _at_statement(self, accepted: set[str]) -> bool:
        """Whether a new statement could begin here, and none has begun."""
        values = self._state.value_stack
        top = values[-1] if values else None
        return isinstance(top, Token) and top.type in ("LBRACE", "NL") and bool(accepted)

    def _plan_is_over(self) -> bool:
        return any(_plan_in(value) for value in self._state.value_stack)

    def _opening_brace(self) -> Token | None:
        for value in reversed(self._state.value_stack):
            if isinstance(value, Token) and value.type == "LBRACE":
                return value
        return None

    def _block_name(self) -> str:
        """The innermost open block for people: ``phase `database` ``, `the triggers block`."""
        values = self._state.value_stack
        opened = self._opening_brace()
        if opened is None:
            return "the file"
        at = next(i for i, v in enumerate(values) if v is opened)
        head: list[Token] = []
        for value in reversed(values[:at]):
            if isinstance(value, Token):
                if value.type in ("NL", "LBRACE"):
                    break
                head.insert(0, value)
        words = [str(t) for t in head if t.type not in ("STRING", "TEXT", "LPAR", "RPAR")]
        if not words:
            return "this block"
        keyword = next((w for w in words if w in STATEMENT_OWNERS), words[0])
        names = [str(t) for t in head if t.type == "NAME"]
        if keyword in ("plan", "phase", "step", "gate", "manual", "check", "scenario") and names:
            return f"{keyword} `{names[0]}`"
        titles = [str(t) for t in head if t.type == "STRING"]
        if keyword in ("step", "gate", "manual", "check") and titles:
            return f"{keyword} {titles[0]}"
        return f"the {keyword} block"

    def _last_words(self) -> str:
        """What was read of the statement that broke, e.g. `` `budget` ``."""
        values = self._state.value_stack
        top = values[-1] if values else None
        if isinstance(top, Node):
            text = self._source.text[top.start : top.end]
        elif isinstance(top, Token) and top.type not in ("NL", "LBRACE"):
            text = str(top)
        else:
            return ""
        text = " ".join(text.split())
        return f"`{text if len(text) <= 40 else '…' + text[-39:]}`".replace("``", "`")

    def _statement_span(self, span: Span) -> Span:
        """The first word of the statement that broke at a place."""
        first: Token | None = None
        for value in reversed(self._state.value_stack):
            if not isinstance(value, Token) or value.type in ("NL", "LBRACE"):
                break
            first = value
        return span if first is None else self._token_span(first)

    def _token_span(self, token: Token) -> Span:
        return Span(self._source, token.start_pos or 0, token.end_pos or 0)

    # -- going on -------------------------------------------------------------------------------

    def _feed(self, kind: str, text: str, span: Span) -> None:
        self._state.feed_token(Token(kind, text, span.start, end_pos=span.end))

    def _resume_at(self, offset: int) -> None:
        """Makes the lexer go on at an offset, forwards or backwards."""
        self._line_counter.char_pos = offset

    def _back_to_statement(self) -> None:
        """Forgets what was read of the current statement."""
        states, values = self._state.state_stack, self._state.value_stack
        while values:
            top = values[-1]
            if isinstance(top, Token) and top.type in ("LBRACE", "NL"):
                return
            if isinstance(top, Node) and "NL" in self._accepted():
                return
            values.pop()
            states.pop()

    def _complete_head(self, span: Span) -> bool:
        """Takes what the head of a block lacks as read, so that its `{` can follow."""
        for kinds in ((), ("STRING",), ("NAME",), ("VALUE",), ("NAME", "STRING")):
            trial = self._parser.copy()
            try:
                for kind in kinds:
                    trial.parser_state.feed_token(_missing(kind, span))
            except UnexpectedInput:
                continue
            if "LBRACE" in trial.accepts():
                for kind in kinds:
                    self._state.feed_token(_missing(kind, span))
                return True
        return False

    def _begin_statement_at(self, start: int, word: str) -> None:
        """Takes the statement as ended; what follows is read where it is a statement itself."""
        self._feed("NL", "\n", Span(self._source, start, start))
        if any(WORDS.get(kind) == word for kind in self._accepted()):
            self._resume_at(start)
        else:
            self._skip_statement(start)

    def _skip_statement(self, start: int) -> None:
        """Goes on behind the statement that holds an offset, its block left out with it."""
        self._back_to_statement()
        depth = 0
        at = start
        text = self._source.text
        while at < len(text):
            piece = _piece(text, at)
            if depth == 0 and (piece in ("\n", ";", "}")):
                break
            if piece == "{":
                depth += 1
            elif piece == "}":
                depth -= 1
                if depth == 0:
                    at += 1
                    break
            at += len(piece)
        self._resume_at(at)

    def _brace_ahead(self, start: int) -> int | None:
        """The offset of a `{` later in the same line, outside texts and comments."""
        at = start
        text = self._source.text
        while at < len(text):
            piece = _piece(text, at)
            if piece == "{":
                return at
            if piece in ("\n", ";", "}"):
                return None
            at += len(piece)
        return None

    def _is_outdented(self, span: Span) -> bool:
        """Whether a word begins no deeper than the line in which its block was opened."""
        opened = self._opening_brace()
        if opened is None:
            return False
        line = self._source.line(self._token_span(opened).begin.line)
        return span.begin.column <= len(line) - len(line.lstrip()) + 1

    def _closes_block_for(self, word: str) -> bool:
        """Whether the word would be a statement if the innermost block were closed first."""
        if "RBRACE" not in self._accepted():
            return False
        trial = self._parser.copy()
        for kind, text in (("RBRACE", "}"), ("NL", "\n")):
            try:
                trial.parser_state.feed_token(Token(kind, text, 0, end_pos=0))
            except UnexpectedInput:
                return False
        return any(WORDS.get(kind) == word for kind in trial.accepts())

    def _close_block(self) -> None:
        at = self._position
        for kind, text in (("RBRACE", "}"), ("NL", "\n")):
            self._state.feed_token(Token(kind, text, at, end_pos=at))


def _piece(text: str, at: int) -> str:
    """The text, shell, comment, sign or run of other characters that begins at an offset."""
    match = _SKIP.match(text, at)
    return match.group() if match else text[at]


def _plan_in(value: object) -> Node | None:
    """The finished plan that a value of the parser's stack is or, in a repetition, holds."""
    if not isinstance(value, Node):
        return None
    if value.kind in ("plan", "plan_block"):
        return value
    if value.kind.startswith("_"):
        return next((plan for child in value.children if (plan := _plan_in(child))), None)
    return None


def _missing(kind: str, span: Span) -> Token:
    """A token that the text lacks, at the place of an error."""
    text = {"STRING": '""', "VALUE": "0", "NAME": "missing"}[kind]
    return Token(kind, text, span.start, end_pos=span.start)


def _shown(character: str) -> str:
    if character.isprintable() and character != "`":
        return f"`{character}`"
    return f"U+{ord(character):04X}"


_CHARACTER_HINTS = {
    "'": 'a text stands between double quotes: `"…"`',
    "“": 'use straight quotes: `"…"`',
    "”": 'use straight quotes: `"…"`',
    "„": 'use straight quotes: `"…"`',
    "$": "variables are used inside texts (`${name}`) and shell",
    "/": "a comment begins with `#`; a path stands in quotes",
    "\t": "use blanks",
}


def _hint(token: Token, accepted: set[str]) -> str | None:
    """How to mend the commonest slips inside a statement."""
    word = str(token)
    text = "STRING" in accepted
    name = "NAME" in accepted
    if token.type == "NAME":
        meant = closest(word, [WORDS[kind] for kind in accepted if kind in WORDS])
        if meant is not None:
            return f"did you mean `{meant}`?"
    hints = {
        ("NAME", text): f'a text stands in quotes: `"{word}"`',
        ("VALUE", text): f'a text stands in quotes: `"{word}"`',
        ("VALUE", name and not text): "a name begins with a letter",
        ("STRING", name and not text): f"a name stands without quotes: `{word[1:-1]}`",
        (
            "STRING",
            bool({"INLINE", "FENCE"} & accepted),
        ): "shell stands between backticks: `` `…` ``",
        ("EQUAL", True): "statements have no `=`; only `let` and defaults do",
        ("COLON", True): "statements have no `:`",
    }
    return hints.get((token.type, True))
