"""What to say about a syntax error, and where to go on reading.

One mistake gives one message. Three ways lead on: a misspelt keyword is read as the one that was
meant; a broken head of a block is left out up to its `{`; else the whole statement with its
block is left out. A `}` that is missing is taken as read where the next statement shows it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lark import Token, UnexpectedInput, UnexpectedToken

from rbdsl.diagnostics import Diagnostic, Label
from rbdsl.source import Source, Span
from rbdsl.syntax.cursor import Cursor
from rbdsl.syntax.errors import BAD_CHARACTER, OUTSIDE, UNCLOSED, UNEXPECTED, UNKNOWN_STATEMENT
from rbdsl.syntax.hints import character_hint, inside_hint, keyword_meant, owner_hint, shown
from rbdsl.syntax.words import STATEMENT_OWNERS, WORDS, belongs_into, expected_words, named

if TYPE_CHECKING:
    from lark.parsers.lalr_interactive_parser import InteractiveParser


class Recovery:
    """Drives one interactive parser through the errors of one text."""

    def __init__(self, source: Source, interactive: InteractiveParser) -> None:
        self._source = source
        self._cursor = Cursor(source, interactive)
        self._headless = ""  # the keyword of a block whose `{` is missing

    def handle(self, error: UnexpectedInput) -> tuple[Diagnostic | None, bool]:
        """The message for an error, and whether the parser stands ready to go on."""
        if not isinstance(error, UnexpectedToken):
            return self._unreadable(self._cursor.position)
        token = error.token
        if token.type == "$END":
            return self._end_of_file(), False
        span = Span(self._source, token.start_pos or 0, token.end_pos or 0)
        accepted = self._cursor.accepted()
        if self._cursor.plan_is_over():
            if self._headless:  # the `}` of that block was taken for the one of the plan
                return None, False
            return self._outside(self._cursor.statement_span(span)), False
        if token.type == "NL" or not self._cursor.at_statement(accepted):
            return self._inside_statement(token, span, accepted)
        return self._unknown_statement(token, span, accepted)

    # -- messages ---------------------------------------------------------------------------

    def _unknown_statement(
        self, token: Token, span: Span, accepted: set[str]
    ) -> tuple[Diagnostic | None, bool]:
        word = str(token)
        block = self._cursor.block_name()
        keywords = {WORDS[kind]: kind for kind in accepted if kind in WORDS}
        if token.type == "RBRACE":
            self._cursor.resume_at(span.end)
            return UNEXPECTED.at(span, "this `}` closes nothing", hint="remove it"), True
        if self._headless and belongs_into(word, self._headless):
            self._cursor.skip_statement(span.start)
            return None, True
        headless = self._without_brace(word, span)
        if headless is not None:
            self._cursor.skip_statement(span.start)
            return headless, True
        if (
            word in WORDS.values()
            and self._cursor.is_outdented(span)
            and self._cursor.closes_block_for(word)
        ):
            opened = self._cursor.opening_brace()
            labels = [Label(span, "this can't stand in it")]
            if opened is not None:
                labels.append(Label(self._cursor.token_span(opened), f"{block} is opened here"))
            self._cursor.close_block()
            self._cursor.resume_at(span.start)
            return (
                UNCLOSED.at(
                    span,
                    f"{block} is not closed before `{word}`",
                    labels=labels,
                    hint=f"put a `}}` before `{word}`",
                ),
                True,
            )
        meant = None if word in STATEMENT_OWNERS else keyword_meant(word, keywords)
        if meant is not None:
            diagnostic = UNKNOWN_STATEMENT.at(
                span, f"unknown statement `{word}` in {block}", hint=f"did you mean `{meant}`?"
            )
            self._cursor.feed(keywords[meant], meant, span)
            self._cursor.resume_at(span.end)
            return diagnostic, True
        self._cursor.skip_statement(span.start)
        if not (word[:1].isalpha() or word[:1] == "_"):
            return (
                UNEXPECTED.at(
                    span,
                    f"expected a statement in {block}, found {named(token)}",
                    hint=f"{block} can hold {expected_words(accepted)}" if accepted else None,
                ),
                True,
            )
        hint = owner_hint(word) or f"{block} can hold {expected_words(accepted)}"
        return UNKNOWN_STATEMENT.at(span, f"`{word}` is no statement of {block}", hint=hint), True

    def _without_brace(self, word: str, span: Span) -> Diagnostic | None:
        """The message for `phase x "X"` without its `{`, told by the statement that follows it."""
        before = self._source.text[: span.start].rstrip()
        begin = before.rfind("\n") + 1
        head = before[begin:].lstrip()
        keyword = head.split(" ", 1)[0]
        if "{" in head or not belongs_into(word, keyword):
            return None
        self._headless = keyword
        return UNEXPECTED.at(
            Span(self._source, len(before) - len(head), len(before)),
            f"`{keyword}` has no block here, and the `{word}` below it belongs into one",
            labels=[Label(span, f"this belongs into {STATEMENT_OWNERS[word]}")],
            hint=f"open the block: `{head} {{`",
        )

    def _inside_statement(
        self, token: Token, span: Span, accepted: set[str]
    ) -> tuple[Diagnostic, bool]:
        before = self._cursor.last_words()
        found = named(token)
        expected = expected_words(accepted - {"NL", "RBRACE"}) or "a new line or `;`"
        where = f" after {before}" if before else ""
        hint = inside_hint(token, accepted, self._cursor.last_token(), self._cursor.keyword())
        if token.type == "NL":
            at = len(self._source.text[: span.start].rstrip(" \t\r"))
            span = Span(self._source, at, at)
            found = "the end of the line"
            if "LBRACE" in accepted:
                self._headless = self._cursor.keyword()
                head = self._source.text[: span.start].rpartition("\n")[2].strip()
                hint = hint or f"open the block: `{head} {{`"
        diagnostic = UNEXPECTED.at(span, f"expected {expected}{where}, found {found}", hint=hint)
        brace = self._cursor.brace_ahead(span.start)
        if brace is not None and self._cursor.complete_head(span):
            self._cursor.resume_at(brace)
        elif "NL" in accepted:
            self._cursor.begin_statement_at(span.start, str(token))
        elif token.type == "RBRACE":
            self._cursor.back_to_statement()
            self._cursor.resume_at(span.start)
        else:
            self._cursor.skip_statement(span.start)
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
                f"unexpected character {shown(text[at])}",
                hint=character_hint(text[at]),
            )
            brace = self._cursor.brace_ahead(at)
            if brace is not None and self._cursor.complete_head(span):
                self._cursor.resume_at(brace)
            else:
                self._cursor.skip_statement(at)
            return diagnostic, True
        head = text[at:end_of_line].rstrip()
        here = Span(self._source, at, at)
        if text[at] == '"' and head.endswith("{") and self._cursor.complete_head(here):
            self._cursor.resume_at(at + len(head) - 1)
        elif text[at] == "`" and (closing := re.search(r"[ \t](\}[ \t}]*)$", head)):
            if "INLINE" in self._cursor.accepted():
                self._cursor.feed("INLINE", "` `", here)
            else:
                self._cursor.back_to_statement()
            self._cursor.resume_at(at + closing.start(1))
        else:
            self._cursor.back_to_statement()
            self._cursor.resume_at(end_of_line)
        return diagnostic, True

    def _end_of_file(self) -> Diagnostic:
        end = len(self._source.text.rstrip())
        span = Span(self._source, end, end)
        opened = self._cursor.opening_brace()
        if opened is None:
            accepted = self._cursor.accepted()
            return UNEXPECTED.at(
                span,
                f"expected {expected_words(accepted - {'NL'})}, found the end of the file",
            )
        return UNCLOSED.at(
            self._cursor.token_span(opened),
            f"{self._cursor.block_name()} is never closed",
            labels=[Label(span, "the file ends here")],
            hint="close it with `}`",
        )

    def _outside(self, span: Span) -> Diagnostic:
        closing = self._cursor.end_of_plan()
        if span.text in ("rbplan", "plan"):
            return OUTSIDE.at(
                span,
                "a second plan begins here",
                labels=[Label(closing, "the first one ends here")],
                hint="a file holds one plan; give this one a file of its own",
            )
        return OUTSIDE.at(
            span,
            f"`{span.text.strip() or span.text}` stands behind the end of the plan",
            labels=[Label(closing, "the plan ends here")],
            hint="remove the `}` that is one too many, or move this into the plan",
        )
