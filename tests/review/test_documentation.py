"""The documentation of rules in a terminal."""

from __future__ import annotations

from rbdsl.review.documentation import render
from rbdsl.review.page import Page
from rbdsl.review.palette import Palette

TEXT = """\
The first sentence of the
documentation, over *two* lines.

## Bad

```rbplan
budget 3m   # `as it is`

  step x
```

Then a list:

- one item that is long enough to need a second line in a narrow terminal
- see [the rules](docs/rules)

1. first
2. second `code`
"""

SHOWN = """\
The first sentence of the documentation,
over two lines.

Bad

    budget 3m   # `as it is`

      step x

Then a list:

- one item that is long enough to need a
  second line in a narrow terminal
- see the rules (docs/rules)

1. first
2. second `code`"""


def test_paragraphs_are_filled_and_examples_are_not() -> None:
    assert render(TEXT, Page(40)) == SHOWN


def test_headings_stand_out() -> None:
    assert "\x1b[1mBad\x1b[0m" in render(TEXT, Page(40, Palette(on=True)))


def test_wide_terminals_do_not_make_wide_paragraphs() -> None:
    assert max(map(len, render("word " * 100, Page(300)).splitlines())) <= 88


def test_text_that_is_not_markdown_is_harmless() -> None:
    assert "\x1b" not in render("a \x1b[31m `b\x1b`\n\n    c\x1b\n\n<b>\x1b</b>", Page(80))
