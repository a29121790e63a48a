"""`rsync --delete` is to replace a folder, and puts another one into it.

## Why

Without a `/` at its end a source means the folder itself: `rsync -a --delete kept/site
/var/www/site` makes `/var/www/site/site`. What lies in `/var/www/site` is neither replaced nor
deleted, as `--delete` is about the copied folder only: the new version goes on being served, and
rsync reports success. With a `/` too much it is the other way round: everything beside the folder
is deleted.

## Bad

```rbplan
phase files "Files" {
  budget 2m
  step site "Site" {
    timeout 1m
    run `rsync -a --delete /srv/kept/site /var/www/site/`
    expect `./served.sh 3.1`
  }
}
```

## Good

```rbplan
phase files "Files" {
  budget 2m
  step site "Site" {
    timeout 1m
    run `rsync -a --delete /srv/kept/site/ /var/www/site/`
    expect `./served.sh 3.1`
  }
}
```

`rsync -a --delete /srv/kept/site /var/www/` is right as well: there the names meet.

## How it can be fooled

It is reported where the target has the source's own name, and where the source is a folder that the
same text has made to unpack something, and nothing in the plan knows of a folder of its name in the
target. A source in a variable is taken by what the plan says of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.analysis.arguments import arguments
from rbdsl.analysis.calls import Word
from rbdsl.diagnostics import Code, Diagnostic, Edit, Fix, Severity
from rbdsl.rules.acting import acting, near
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB980", "folder-lands-inside", Severity.WARNING)

_LETTERS = "eBfTM"
_NAMES = frozenset(
    """
    rsh timeout contimeout exclude exclude-from include include-from filter files-from bwlimit
    max-delete chmod chown rsync-path password-file log-file partial-dir backup-dir suffix
    compare-dest copy-dest link-dest out-format temp-dir port info
    """.split()  # noqa: SIM905 - a list of words is read as one
)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such call, at its source."""
    for placed in acting(context, "rsync"):
        call = placed.call
        deletes = any(w.text.startswith(("--delete", "--del")) for w in call.words)
        operands = arguments(call, _LETTERS, _NAMES).operands
        if not deletes or len(operands) != 2 or call.has("relative", "R", "files-from"):
            continue
        source, target = operands
        if _lands_inside(context, placed, source, target):
            yield _report(placed, source, target)


def _lands_inside(context: Context, placed: PlacedCall, source: Word, target: Word) -> bool:
    path = placed.filled(source.text)
    place = placed.filled(target.text).rpartition(":")[2].rstrip("/")
    name = path.rpartition("/")[2]
    if not name or name in (".", "..") or re.search(r"[*?$\[]|\.\w{1,5}\Z", name) or not place:
        return False
    if place.rpartition("/")[2] == name:
        return True
    return _is_unpacked(placed, source.text) and not _is_known(context, place, name)


def _is_unpacked(placed: PlacedCall, source: str) -> bool:
    """Whether something has been unpacked into the source, in the same text."""
    return any(
        other.call.start < placed.call.start
        and other.call.program in ("tar", "unzip", "git")
        and any(word.text == source for word in other.call.words[1:])
        for other in near(placed)
    )


def _is_known(context: Context, place: str, name: str) -> bool:
    """Whether the plan speaks of a folder of that name in the target elsewhere."""
    inside = f"{place}/{name}"
    return any(inside in one.filled(one.shell.text).replace("//", "/") for one in context.places)


def _report(placed: PlacedCall, source: Word, target: Word) -> Diagnostic:
    name = source.text.rpartition("/")[2]
    span = placed.span_of(source)
    written = span.text
    quote = written[-1:] if written[-1:] in ("'", '"') else ""
    mended = f"{written.removesuffix(quote)}/{quote}" if quote else f"{written}/"
    return CODE.at(
        span,
        f"`{name}` lands as a folder in `{target.text}`, and what lies there stays: a source "
        "without `/` at its end is the folder itself",
        hint=f"write `{source.text}/` for what is in it",
        fix=Fix("copy what is in the folder", (Edit(span, mended),), safe=False)
        if source.text in written
        else None,
    )
