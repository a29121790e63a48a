"""A link to a folder is to be turned, and the new one is made inside of that folder.

## Why

`ln -sf releases/3.1 current` follows `current` where that is a link to a folder: it makes
`current/3.1`, and `current` goes on pointing at the bad release. `mv new current` moves the new
link into it in the same way. Both report success, and the service that is restarted then is the
one that was to go.

## Bad

```rbplan
phase back "Back" {
  budget 2m
  step link "Link" {
    timeout 30s
    run    `ln -sf /srv/shop/releases/3.1.4 /srv/shop/current`
    expect `./served.sh 3.1.4`
  }
}
```

## Good

```rbplan
phase back "Back" {
  budget 2m
  step link "Link" {
    timeout 30s
    run    `ln -sfn /srv/shop/releases/3.1.4 /srv/shop/current`
    expect `./served.sh 3.1.4`
  }
}
```

`ln -s releases/3.1.4 next`, then `mv -T next current`, leaves no moment without a link.

## How it can be fooled

That a link points at a folder is told by its name (`current`, `live` …) with a target that looks
like a release, by what the plan says of files in it, and by a change into it. A link that the
plan removes before is not followed, and files (`site.conf`, `/usr/local/bin/tool`) are no folders.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from rbdsl.analysis.arguments import arguments
from rbdsl.analysis.calls import Word
from rbdsl.diagnostics import Code, Diagnostic, Edit, Fix, Severity
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.acting import acting, near
from rbdsl.rules.context import Context
from rbdsl.rules.destruction.standing import Standing, path_of
from rbdsl.rules.live_links import WORDS
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB982", "link-lands-inside", Severity.WARNING)
DESTROYS = False  # what lies there stays

_LIVE = lazy_pattern(rf"(?:[\w.]+[-_])?(?:{WORDS}|release|prod)\Z")
_RELEASE = lazy_pattern(r"releases?\b|versions?\b|deploys?\b|\d+\.\d+|\d{6,}|\$")
_FILE = lazy_pattern(r"\.[a-z][a-z0-9]{0,5}\Z|(?:\A|/)s?bin/|/(?:[\w-]+\.d|sites-\w+)/|zoneinfo/")
_KEPT = ("n", "T", "h", "no-dereference", "no-target-directory", "t", "target-directory")
PROGRAMS = ("ln",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each link that is made, or moved, into the folder of the old one."""
    if context.acting.keys().isdisjoint(PROGRAMS):
        return
    standing = Standing(context)
    for placed in acting(context, "ln", "mv"):
        found = _two(placed)
        if found is None:
            continue
        target, link = found
        name = placed.filled(link.text)
        if name.endswith("/") or standing.is_gone(placed, path_of(name)):
            continue
        made = target if placed.call.program == "ln" else _made(placed, target)
        if made is None or not _is_of_folder(placed.filled(made.text), name):
            continue
        forced = placed.call.program == "mv" or placed.call.has("f", "force")
        used = forced and standing.is_folder(path_of(name))
        if used or _is_live(placed.filled(made.text), name):
            yield _report(placed, link)


def _two(placed: PlacedCall) -> tuple[Word, Word] | None:
    """What a link is made of, or which link is moved, and the name that it is to have."""
    call = placed.call
    given = arguments(call, "tS", ("target-directory", "suffix"))
    if len(given.operands) != 2 or given.has(*_KEPT):
        return None
    if call.program == "ln" and not given.has("s", "symbolic"):
        return None
    return given.operands[0], given.operands[1]


def _made(placed: PlacedCall, link: Word) -> Word | None:
    """The target of the link that the same text makes under this name."""
    for other in near(placed):
        if other.call.program == "ln" and other.call.start < placed.call.start:
            operands = arguments(other.call, "tS", ("target-directory", "suffix")).operands
            if len(operands) == 2 and operands[1].text == link.text:
                return operands[0]
    return None


def _is_of_folder(target: str, link: str) -> bool:
    """Whether a link may be one to a folder, by the names of both."""
    return not (_FILE.search(target) or _FILE.search(link) or link in (".", ".."))


def _is_live(target: str, link: str) -> bool:
    """Whether it is by its name the link to the release that is in use, and so there already."""
    name = posixpath.basename(path_of(link))
    return _LIVE.match(name) is not None and (
        name == "current" or _RELEASE.search(target) is not None
    )


def _report(placed: PlacedCall, link: Word) -> Diagnostic:
    name = link.text
    if placed.call.program == "mv":
        return CODE.at(
            placed.span,
            f"the new link is moved into the folder that `{name}` points at, which stays what it "
            "was",
            hint=f"write `mv -T … {name}`",
            fix=_letter_added(placed, "T"),
        )
    return CODE.at(
        placed.span,
        f"`ln` follows `{name}`, which is a link to a folder: the new link is made in that "
        f"folder, and `{name}` stays what it was",
        hint=f"write `ln -sfn … {name}`",
        fix=_letter_added(placed, "n"),
    )


def _letter_added(placed: PlacedCall, letter: str) -> Fix | None:
    """Puts a letter behind those of the first option, or an option behind the program."""
    first, program = placed.call.words[1], placed.call.words[0]
    bundled = re.fullmatch(r"-[a-zA-RT-Zu-z]+", first.text) is not None  # `-S` takes a value
    word = first if bundled else program
    if placed.span_of(word).text != word.text:
        return None
    span = placed.place.span(word.end, word.end)
    text = letter if bundled else f" -{letter}"
    return Fix(f"add `-{letter}`", (Edit(span, text),))
