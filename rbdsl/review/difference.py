"""What differs between two versions of a generated file, as a unified diff."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import unified_diff

from rbdsl.review.page import Page
from rbdsl.review.visible import visible


def unified(path: str, before: bytes | None, after: bytes | None, page: Page) -> Iterator[str]:
    """The lines of the diff; `None` stands for a file that is not there.

    For a terminal (a page that wraps) control characters are made visible; elsewhere the diff
    stays one that `patch` can apply.
    """
    old_name = "/dev/null" if before is None else path
    new_name = "/dev/null" if after is None else path
    lines = unified_diff(_lines(before), _lines(after), old_name, new_name, lineterm="")
    for line in lines:
        shown = "\n".join(map(visible, line.split("\n"))) if page.wrap else line
        if line.startswith(("---", "+++", "@@")):
            yield page.look.strong(shown)
        elif line.startswith("-"):
            yield page.look.removed(shown)
        elif line.startswith("+"):
            yield page.look.added(shown)
        else:
            yield shown


def _lines(data: bytes | None) -> list[str]:
    """The lines as `patch` counts them: they end with LF, and a CR before it is theirs."""
    lines = (data or b"").decode("utf-8", "replace").split("\n")
    last = lines.pop()
    return [*lines, f"{last}\n\\ No newline at end of file"] if last else lines
