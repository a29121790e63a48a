"""What is wrong with a comment that should allow something and does not: RB911.

`fault` gets a comment that is not as it should be, and says which part of it is not, with the
comment as its author may have meant it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from rbdsl.diagnostics import Diagnostic, closest
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.evidence.rb911_bad_suppression import CODE as BAD_SUPPRESSION
from rbdsl.source import Span

KINDS = ("allow", "allow-file")

_REASON = "why it is right here"
_TOKEN = lazy_pattern(r'"(?P<quoted>[^"\n]*)"|(?P<word>[^\s,"]+)|(?P<comma>,)')
_CODE = lazy_pattern(r"RB\d{3}|SC\d{4}", re.ASCII | re.IGNORECASE)
_START = lazy_pattern(r"RB\d{0,2}|SC\d{0,3}", re.ASCII | re.IGNORECASE)


class _Word(NamedTuple):
    """A word that stands for a rule, as it was written, and the code that was meant."""

    text: str
    code: str
    after_comma: bool


class _Parts(NamedTuple):
    """What a comment consists of; `loose` is a reason without its quotes."""

    words: list[_Word]
    quoted: list[str]
    loose: str

    def mended(self, kind: str) -> str:
        """The comment as it should be."""
        codes = ", ".join(dict.fromkeys(word.code for word in self.words)) or "CODE"
        reasons = [text.strip() for text in (*self.quoted, self.loose) if text.strip()]
        return f'# rbc: {kind} {codes} "{"; ".join(reasons) or _REASON}"'


def fault(span: Span, mark: str, kind: str, rest: str) -> Diagnostic:
    """The finding about a comment; `mark`, `kind` and `rest` are its parts as they were written."""
    if kind not in KINDS and kind.lower() not in KINDS:
        known = closest(kind, KINDS) or KINDS[0]
        hint = f"did you mean `rbc: {known}`?"
        return BAD_SUPPRESSION.at(span, f"`rbc: {kind}` means nothing", hint=hint)
    parts = _parts(rest)
    message, hint = _said(parts, kind.lower()) or ("this allows nothing", "")
    if (mark, kind) != ("rbc", kind.lower()):
        message = f"`{mark}: {kind}` allows nothing: it is written in small letters"
    hint = hint or f"write `{parts.mended(kind.lower())}`"
    return BAD_SUPPRESSION.at(span, message, hint=hint)


def _said(parts: _Parts, kind: str) -> tuple[str, str] | None:
    """What is wrong, and the hint where it is not the mended comment."""
    if not parts.words:
        return "this allows nothing: it names no rule", ""
    for word in parts.words:
        found = _about_word(word, parts, kind)
        if found:
            return found
    listed = ", ".join(word.code for word in parts.words)
    if not all(word.after_comma for word in parts.words[1:]) and len(parts.quoted) < 2:
        return f"`{listed}` are to be allowed, and commas part them", ""
    if len(parts.quoted) > 1:
        return f"`{listed}` are to be allowed for {len(parts.quoted)} reasons, not for one", ""
    if parts.loose:
        return f"the reason to allow `{listed}` does not stand in double quotes", ""
    if not "".join(parts.quoted).strip():
        return (
            f"`{listed}` is to be allowed without a reason",
            f"say why: `{parts.mended(kind)}`",
        )
    return None


def _about_word(word: _Word, parts: _Parts, kind: str) -> tuple[str, str] | None:
    from rbdsl.rules.registry import rule_names

    names = rule_names()
    if _CODE.fullmatch(word.text):
        if word.text != word.code:
            return f"`{word.text}` is written in capital letters, as `{word.code}`", ""
        return None
    if _START.fullmatch(word.text):
        first = next((code for code in names if code.startswith(word.code)), None)
        such = parts._replace(words=[word._replace(code=first)]).mended(kind) if first else ""
        hint = "write out the codes that are reported" + (f", such as `{such}`" if such else "")
        return f"`{word.text}` is the start of codes, and a comment names each code", hint
    if word.text != word.code:
        return f"`{word.text}` is the name of `{word.code}`, and a comment names the code", ""
    best = closest(word.text.lower(), names.values())
    if best:
        meant = next(code for code, name in names.items() if name == best)
        such = parts._replace(words=[word._replace(code=meant)]).mended(kind)
        return f"there is no rule `{word.text}`", f"did you mean `{such}`, which is `{best}`?"
    return f"there is no rule `{word.text}`", "a comment names each code, as `rbc rules` lists them"


def _parts(rest: str) -> _Parts:
    """The words for rules up to the reason; behind a quoted reason there may be more of both."""
    from rbdsl.rules.registry import rule_names

    codes = {name: code for code, name in rule_names().items()}
    words: list[_Word] = []
    quoted: list[str] = []
    after_comma = False
    for token in _TOKEN.finditer(rest):
        if token["comma"]:
            after_comma = True
            continue
        if token["quoted"] is not None:
            quoted.append(token["quoted"])
            continue
        text = token["word"].strip(":;.")
        code = codes.get(text.lower().replace("_", "-"), "")
        if _CODE.fullmatch(text) or _START.fullmatch(text):
            code = text.upper()
        if not code and (words or quoted):
            return _Parts(words, quoted, rest[token.start() :].strip(" \t\r\"',:;–—-"))
        if text:
            words.append(_Word(text, code or text, after_comma))
        after_comma = False
    return _Parts(words, quoted, "")
