"""A folder is to replace another one, and lands inside of it: `rsync`, `cp -a`, `mv`.

## Why

Without a `/` at its end a source of rsync is the folder itself: `rsync -a --delete kept/site
/var/www/site` makes `/var/www/site/site`. `cp -a kept/postfix /etc/postfix` does the same where
`/etc/postfix` is there, and so do `mv`, `scp -r` and `docker cp`. What lies in the target is
neither replaced nor deleted: the new version goes on being served, and the command reports success.

## Bad

```rbplan
phase files "Files" {
  budget 2m
  step site "Site" {
    timeout 1m
    run `rsync -a --delete /srv/kept/site /var/www/site/`
    expect `./served.sh 3.1`
  }
  step conf "Configuration" {
    timeout 1m
    run `cp -r /srv/kept/nginx /etc/nginx`
    expect `nginx -t`
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
  step conf "Configuration" {
    timeout 1m
    run ```
      mv /etc/nginx /etc/nginx.new
      cp -r /srv/kept/nginx /etc/nginx
    ```
    expect `nginx -t`
  }
}
```

`rsync -a --delete /srv/kept/site /var/www/` is right as well: there the names meet. `cp -aT` and
`cp -a kept/nginx/. /etc/nginx/` copy what is in the folder, and leave there what only the new
version has.

## How it can be fooled

It is reported where the target has the source's own name. Of rsync also where the source is a
folder that the same text has made to unpack something; of `cp` and its kin where the name holds
that of the target (`nginx.old`). For these the plan has to show that it is about folders, by `-r`
or by a file in them, and that the target is there: below `/etc` or `/var/lib`, captured, or entered
before. What was moved away or removed before is not there. A folder in the target that the plan
knows of is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.analysis.arguments import arguments
from rbdsl.analysis.calls import Word
from rbdsl.diagnostics import Code, Diagnostic, Edit, Fix, Severity
from rbdsl.rules.acting import acting, near
from rbdsl.rules.context import Context
from rbdsl.rules.destruction.standing import Standing, path_of
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB980", "folder-lands-inside", Severity.WARNING)
DESTROYS = False  # what lies there stays

_COPYING = {
    # program → its options that take a value, by letter and by name; the verb that copies
    "cp": ("tS", "target-directory suffix", ""),
    "mv": ("tS", "target-directory suffix", ""),
    "scp": ("cDFiJloPSX", "", ""),
    "docker": ("", "", "cp"),
    "podman": ("", "", "cp"),
    "kubectl": ("nc", "namespace container context kubeconfig retries", "cp"),
    "oc": ("nc", "namespace container context kubeconfig retries", "cp"),
}
_LETTERS = "eBfTM"
_NAMES = frozenset(
    """
    rsh timeout contimeout exclude exclude-from include include-from filter files-from bwlimit
    max-delete chmod chown rsync-path password-file log-file partial-dir backup-dir suffix
    compare-dest copy-dest link-dest out-format temp-dir port info
    """.split()  # noqa: SIM905 - a list of words is read as one
)
PROGRAMS = frozenset([*_COPYING, "rsync"])


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such call, at its source."""
    standing = Standing(context)
    yield from _of_rsync(context, standing)
    for placed in acting(context, *_COPYING):
        found = _copied(placed)
        if found and _meets_folder(context, standing, placed, *found):
            yield _of_copy(placed, *found)


def _of_rsync(context: Context, standing: Standing) -> Iterator[Diagnostic]:
    for placed in acting(context, "rsync"):
        call = placed.call
        deletes = any(w.text.startswith(("--delete", "--del")) for w in call.words)
        operands = arguments(call, _LETTERS, _NAMES).operands
        if len(operands) != 2 or call.has("relative", "R", "files-from"):
            continue
        source, target = operands
        if not deletes and not _is_folder(standing, placed, source, target):
            continue
        if _lands_inside(context, placed, source, target):
            yield _report(placed, source, target)


def _is_folder(standing: Standing, placed: PlacedCall, source: Word, target: Word) -> bool:
    """Whether what rsync copies onto its own name is a folder, as far as the plan tells."""
    path, place = placed.filled(source.text), path_of(placed.filled(target.text))
    if path.rpartition("/")[2] != place.rpartition("/")[2]:
        return False
    return target.text.endswith("/") or any(map(standing.is_folder, (path_of(path), place)))


def _lands_inside(context: Context, placed: PlacedCall, source: Word, target: Word) -> bool:
    path = placed.filled(source.text)
    place = placed.filled(target.text).rpartition(":")[2].rstrip("/")
    name = path.rpartition("/")[2]
    if not name or name in (".", "..") or re.search(r"[*?$\[]|\.\w{1,5}\Z", name) or not place:
        return False
    if place.rpartition("/")[2] == name:
        return True
    return _is_unpacked(placed, source.text) and not _is_known(context, place, name)


def _copied(placed: PlacedCall) -> tuple[Word, Word] | None:
    """What a call copies or moves as a whole, and where to."""
    call = placed.call
    letters, names, verb = _COPYING[call.program]
    given = arguments(call, letters, names.split())
    operands = given.operands
    if verb and (not operands or operands[0].text != verb):
        return None
    operands = operands[1:] if verb else operands
    if len(operands) != 2 or given.has("T", "t", "no-target-directory", "target-directory"):
        return None
    return operands[0], operands[1]


def _meets_folder(
    context: Context, standing: Standing, placed: PlacedCall, source: Word, target: Word
) -> bool:
    """Whether a folder is copied onto one that is there, and that it is to replace."""
    path, place = placed.filled(source.text), path_of(placed.filled(target.text))
    name, wanted = path_of(path).rpartition("/")[2], place.rpartition("/")[2]
    if path.endswith("/.") or re.search(r"[*?\[]", path) or name in ("", ".", ".."):
        return False
    own = re.search(rf"(?:\A|[._-]){re.escape(wanted)}(?:[._-]|\Z)", name) if wanted else None
    if name != wanted and (own is None or target.text.endswith("/")):
        return False
    recursive = placed.call.has("r", "R", "recursive")
    both = (path_of(path), place)
    return (
        (recursive or path.endswith("/") or any(map(standing.is_folder, both)))
        and standing.is_there(placed, place)
        and not standing.is_gone(placed, place)
        and not _is_known(context, place, name)
    )


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
    inside = re.compile(rf"{re.escape(place)}/+{re.escape(name)}(?![\w.-])")
    return any(inside.search(one.filled(one.shell.text)) for one in context.places)


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


def _of_copy(placed: PlacedCall, source: Word, target: Word) -> Diagnostic:
    program = placed.call.program
    name = path_of(placed.filled(source.text)).rpartition("/")[2]
    place = target.text.rstrip("/")
    instead = {
        "cp": f"move the old one away first, or copy what is in the folder: `{source.text}/.`",
        "docker": f"copy what is in the folder: `{source.text}/.`",
        "podman": f"copy what is in the folder: `{source.text}/.`",
    }.get(program, "move the old one away first")
    return CODE.at(
        placed.span_of(source),
        f"`{name}` lands as a folder in `{place}`, which is there, and what lies in it stays",
        hint=instead,
    )
