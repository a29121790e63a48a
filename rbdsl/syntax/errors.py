"""The codes of everything that can be wrong with the spelling of a plan (RB1xx)."""

from rbdsl.diagnostics import Code, Severity

UNREADABLE_SOURCE = Code("RB100", "unreadable-source", Severity.ERROR)
"""A path that leads to no text that could be a plan."""

UNEXPECTED = Code("RB101", "unexpected-word", Severity.ERROR)
"""A word or sign that can't stand where it stands."""

UNKNOWN_STATEMENT = Code("RB102", "unknown-statement", Severity.ERROR)
"""A statement that the language, or this block, does not have."""

UNCLOSED = Code("RB103", "unclosed", Severity.ERROR)
"""A text, shell or block that is never closed."""

LANGUAGE_VERSION = Code("RB104", "language-version", Severity.ERROR)
"""A file that does not begin with `rbplan 1`, or with a version that is not known."""

BAD_ESCAPE = Code("RB105", "bad-escape", Severity.ERROR)
"""A backslash in a text that means nothing, or a `${` that is no reference."""

BAD_CHARACTER = Code("RB106", "bad-character", Severity.ERROR)
"""A character that the language does not use."""

OUTSIDE = Code("RB107", "outside-the-plan", Severity.ERROR)
"""A statement behind the end of the plan, as after one `}` too many."""

TOO_MANY = Code("RB108", "too-many-errors", Severity.ERROR)
"""More syntax errors than anyone reads; the rest of the file was not looked at."""
