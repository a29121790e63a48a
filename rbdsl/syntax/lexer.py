"""The contextual lexer: a word is a keyword only where the parser can take that keyword.

One pattern serves every state of the parser, unlike in Lark's own contextual lexer, which compiles
one for each of some 130 states: a third of the time of a cold start. As a misspelt keyword is then
still read as one whole word, its message can name it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from lark import Token, UnexpectedInput
from lark.lexer import Lexer, PatternStr

if TYPE_CHECKING:
    from lark.common import LexerConf
    from lark.lexer import LexerState
    from lark.parsers.lalr_parser_state import ParserState


class Unreadable(UnexpectedInput):
    """No token begins at `at`."""

    def __init__(self, at: int) -> None:
        super().__init__(f"no token at {at}")
        self.at = at


class KeywordLexer(Lexer):
    """Reads tokens with the terminals of the grammar; lines and columns are left to the source."""

    __future_interface__ = 2

    def __init__(self, lexer_conf: LexerConf) -> None:
        words = {
            t.pattern.value: t.name
            for t in lexer_conf.terminals
            if isinstance(t.pattern, PatternStr) and t.pattern.value[0].isalpha()
        }
        others = [t for t in lexer_conf.terminals if t.name not in words.values()]
        others.sort(key=lambda t: (-t.priority, -len(t.pattern.value), t.name))
        alternatives = "|".join(f"(?P<{t.name}>{t.pattern.to_regexp()})" for t in others)
        self._keywords = words
        self._match = re.compile(alternatives).match
        self._ignored = frozenset(lexer_conf.ignore)

    def lex(self, lexer_state: LexerState, parser_state: ParserState[Any]) -> Iterator[Token]:
        """The tokens from where the state stands; the caller may move it between two of them."""
        text = lexer_state.text.text
        counter = lexer_state.line_ctr
        table = parser_state.parse_conf.parse_table.states
        keywords, ignored, match = self._keywords, self._ignored, self._match
        end_of_text = len(text)
        at = counter.char_pos
        while at < end_of_text:
            found = match(text, at)
            if found is None:
                counter.char_pos = at
                raise Unreadable(at)
            kind = found.lastgroup or ""
            end = found.end()
            if kind in ignored:
                at = end
                continue
            value = found.group()
            if kind == "NAME":
                keyword = keywords.get(value)
                if keyword is not None and keyword in table[parser_state.position]:
                    kind = keyword
            counter.char_pos = end
            yield Token(kind, value, at, None, None, None, None, end)
            at = counter.char_pos
