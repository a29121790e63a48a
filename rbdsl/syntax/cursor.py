"""Where the parser stands in a broken text, and the moves that lead on from there.

One cursor drives one interactive parser: it looks at the parser's stacks, feeds tokens that the
text lacks, forgets half a statement, and moves the lexer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lark import Token, UnexpectedInput

from rbdsl.patterns import lazy_pattern
from rbdsl.source import Source, Span
from rbdsl.syntax.tree import Node
from rbdsl.syntax.words import STATEMENT_OWNERS, WORDS

if TYPE_CHECKING:
    from lark.lexer import LineCounter
    from lark.parsers.lalr_interactive_parser import InteractiveParser

_SKIP = lazy_pattern(
    r'"""(?:[^"\\]|\\[\s\S]|"{1,2}(?!"))*"""'
    r'|"[^"\\\n]*(?:\\[^\n][^"\\\n]*)*"'
    r"|(?P<fence>`{3,})[^`\n]*\n(?:[\s\S]*?\n)??[ \t]*(?P=fence)(?!`)"
    r"|`[^`\n]+`|#[^\n]*|[{}();\n\[\],]|[^\"`#{}();\n\[\],]+|."
)


class Cursor:
    """The place of one interactive parser in one text."""

    def __init__(self, source: Source, interactive: InteractiveParser) -> None:
        self._source = source
        self._parser = interactive
        self._state = interactive.parser_state
        self._line_counter: LineCounter = interactive.lexer_thread.state.line_ctr  # type: ignore[union-attr]

    # -- where the parser is ------------------------------------------------------------------

    @property
    def position(self) -> int:
        """The offset at which the lexer stands."""
        return int(self._line_counter.char_pos)

    def accepted(self) -> set[str]:
        """The kinds of token that could come now."""
        return set(self._parser.accepts())

    def at_statement(self, accepted: set[str]) -> bool:
        """Whether a new statement could begin here, and none has begun."""
        values = self._state.value_stack
        top = values[-1] if values else None
        return isinstance(top, Token) and top.type in ("LBRACE", "NL") and bool(accepted)

    def plan_is_over(self) -> bool:
        """Whether the plan's own block has been closed."""
        return any(_plan_in(value) for value in self._state.value_stack)

    def end_of_plan(self) -> Span:
        """The `}` that closed the plan's own block."""
        plan = next(p for p in map(_plan_in, self._state.value_stack) if p is not None)
        return Span(self._source, plan.end - 1, plan.end)

    def opening_brace(self) -> Token | None:
        """The `{` of the innermost open block."""
        for value in reversed(self._state.value_stack):
            if isinstance(value, Token) and value.type == "LBRACE":
                return value
        return None

    def block_name(self) -> str:
        """The innermost open block for people: ``phase `database` ``, `the triggers block`."""
        values = self._state.value_stack
        opened = self.opening_brace()
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

    def last_words(self) -> str:
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

    def statement_span(self, span: Span) -> Span:
        """The first word of the statement that broke at a place."""
        first: Token | None = None
        for value in reversed(self._state.value_stack):
            if not isinstance(value, Token) or value.type in ("NL", "LBRACE"):
                break
            first = value
        return span if first is None else self.token_span(first)

    def last_token(self) -> Token | None:
        """The last token that was read, if it is no part of a finished statement."""
        values = self._state.value_stack
        top = values[-1] if values else None
        while isinstance(top, Node):
            top = top.children[-1]
        return top

    def keyword(self) -> str:
        """The word that the current statement began with, or nothing."""
        found = ""
        for value in reversed(self._state.value_stack):
            if not isinstance(value, Token) or value.type in ("NL", "LBRACE"):
                break
            found = str(value)
        return found

    def token_span(self, token: Token) -> Span:
        """Where a token stands."""
        return Span(self._source, token.start_pos or 0, token.end_pos or 0)

    # -- going on -------------------------------------------------------------------------------

    def feed(self, kind: str, text: str, span: Span) -> None:
        """Gives the parser a token that does not stand in the text like this."""
        self._state.feed_token(Token(kind, text, span.start, end_pos=span.end))

    def resume_at(self, offset: int) -> None:
        """Makes the lexer go on at an offset, forwards or backwards."""
        self._line_counter.char_pos = offset

    def back_to_statement(self) -> None:
        """Forgets what was read of the current statement, or ends it where it could end."""
        if "NL" in self.accepted():
            here = Span(self._source, self.position, self.position)
            self.feed("NL", "\n", here)
            return
        states, values = self._state.state_stack, self._state.value_stack
        while values:
            top = values[-1]
            if isinstance(top, Token) and top.type in ("LBRACE", "NL"):
                return
            if isinstance(top, Node) and (top.kind.startswith("_") or "version" in top.kind):
                return
            values.pop()
            states.pop()

    def complete_head(self, span: Span) -> bool:
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

    def begin_statement_at(self, start: int, word: str) -> None:
        """Takes the statement as ended; what follows is read where it is a statement itself."""
        self.feed("NL", "\n", Span(self._source, start, start))
        if any(WORDS.get(kind) == word for kind in self.accepted()):
            self.resume_at(start)
        else:
            self.skip_statement(start)

    def skip_statement(self, start: int) -> None:
        """Goes on behind the statement that holds an offset, its block left out with it."""
        self.back_to_statement()
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
        self.resume_at(at)

    def brace_ahead(self, start: int) -> int | None:
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

    def is_outdented(self, span: Span) -> bool:
        """Whether a word begins no deeper than the line in which its block was opened."""
        opened = self.opening_brace()
        if opened is None:
            return False
        line = self._source.line(self.token_span(opened).begin.line)
        return span.begin.column <= len(line) - len(line.lstrip()) + 1

    def closes_block_for(self, word: str) -> bool:
        """Whether the word would be a statement if the innermost block were closed first."""
        if "RBRACE" not in self.accepted():
            return False
        trial = self._parser.copy()
        for kind, text in (("RBRACE", "}"), ("NL", "\n")):
            try:
                trial.parser_state.feed_token(Token(kind, text, 0, end_pos=0))
            except UnexpectedInput:
                return False
        return any(WORDS.get(kind) == word for kind in trial.accepts())

    def close_block(self) -> None:
        """Takes the innermost block as closed."""
        at = self.position
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
