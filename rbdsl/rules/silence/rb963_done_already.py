"""A `done_when` that holds before the step has done anything.

## Why

`done_when` is asked before the work, and the work is skipped where it holds. A link that is turned
exists at all times, so does the folder that it is turned to, or the deployment that is changed, and
the unit that is restarted is active: the step counts as done, the rollback goes on, and nothing has
been rolled back.

## Bad

```rbplan
phase back "Back" {
  budget 2m
  step link "Link" {
    done_when `test -L /srv/shop/current`
    run       `ln -sfn /srv/shop/4.0.7 /srv/shop/current`
  }
}
```

## Good

```rbplan
phase back "Back" {
  budget 2m
  step link "Link" {
    done_when `test "$(readlink /srv/shop/current)" = /srv/shop/4.0.7`
    run       `ln -sfn /srv/shop/4.0.7 /srv/shop/current`
  }
}
```

## How it can be fooled

That a file is there before is known where the plan captures it, writes it earlier, or where the
step begins by copying it or linking to it, and of links that are turned, by names such as
`current`; of other things, where the work only goes with what exists (`bq cp --force`, `zfs
rollback`, `update-…`), or where the capture has read what is written now. Only a question for mere
existence is looked at: one comparison in it, and the rule is silent.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from rbdsl.analysis.calls import Call
from rbdsl.analysis.file_programs import Use
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.patterns import lazy_pattern
from rbdsl.record import dataclass
from rbdsl.rules.context import Context
from rbdsl.rules.live_links import WORDS
from rbdsl.rules.placed_calls import Place, PlacedCall, Role
from rbdsl.rules.placed_files import PlacedFile, placed_files
from rbdsl.rules.silence.holding import holds_already
from rbdsl.rules.silence.replaced import replaced

CODE = Code("RB963", "done-already", Severity.WARNING)

_COMPARES = lazy_pattern(r"\s(?:=|==|!=|=~|-(?:eq|ne|ge|gt|le|lt|nt|ot|ef))\s|\(\(|!\s")
_FROM = frozenset(["ln", "cp", "rsync", "mv", "scp", "install"])
_EXISTS = frozenset(["-e", "-f", "-d", "-L", "-h", "-s", "-r", "-a", "-x"])
_CARRIES = frozenset(["ssh", "exit", "true", ":", "cd", "set", "sh", "bash", "echo", "return"])
_LIVE = lazy_pattern(rf"(?:\A|/)[\w.-]*(?:{WORDS}|default)[\w.-]*\Z")
_SHOWN = 'compare what it is to be afterwards: `test "$(…)" = …`'


@dataclass(frozen=True)
class _Known:
    """What a plan does with its files, by path, the paths of its artifacts, what it captures by."""

    files: Mapping[str, list[PlacedFile]]
    artifacts: frozenset[str]
    captured: tuple[PlacedCall, ...]


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such question."""
    asked = [p for p in context.places if p.role is Role.DONE_WHEN and p.phase and p.step]
    if not asked:
        return
    runs = {id(place.step): place for place in context.places if place.role is Role.RUN}
    files: dict[str, list[PlacedFile]] = defaultdict(list)
    for file in context.files:
        files[file.path].append(file)
    captured = tuple(placed for placed in context.calls if placed.place.captures)
    known = _Known(files, frozenset(a.path.plain for a in context.plan.artifacts), captured)
    for place in asked:
        run = runs.get(id(place.step))
        if run is not None and not _COMPARES.search(place.shell.text):
            yield from _in(place, run, known)


def _in(place: Place, run: Place, known: _Known) -> Iterator[Diagnostic]:
    asks = [(p.span, _why(p, run, known)) for p in place.calls if not _carries(p)]
    for file in placed_files(place):
        if file.file.call is None:  # `[ -f … ]` is no call
            there = _is_there(file.path, run, known) or _is_source(file.path, run)
            asks.append((file.span, f"`{file.path}` is there" if there else ""))
    if asks and all(why for _, why in asks):
        span, why = asks[0]
        yield CODE.at(
            span,
            f"{why} before the step has done anything: it counts as done, and is skipped",
            hint=_SHOWN,
        )


def _carries(placed: PlacedCall) -> bool:
    """Whether a call only has others run, or says how it ends."""
    call = placed.call
    if call.program in _CARRIES:
        return True
    inner = next(placed.place.behind(placed), None)
    return inner is not None and inner.call.end <= call.end and call.words[-1].end >= inner.call.end


def _why(placed: PlacedCall, run: Place, known: _Known) -> str:
    """Why what a call asks for holds already; empty where that is not known."""
    call = placed.call
    if call.substituted or len(call.pipe) > 1 or call.tested in ("!", "if", "while"):
        return ""
    path = placed.filled(_existing(call))
    if path:
        there = _is_there(path, run, known) or _is_source(path, run)
        return f"`{path}` is there" if there else ""
    name = replaced(placed, run, known.captured)
    return f"`{name}` is there" if name else holds_already(placed, run)


def _existing(call: Call) -> str:
    """The file whose existence is asked for."""
    words = [word.text for word in call.words[1:] if word.text != "]"]
    if call.program in ("test", "[") and len(words) == 2 and words[0] in _EXISTS:
        return words[1]
    if call.program in ("ls", "stat", "readlink") and len(call.operands) == 1:
        return call.operands[0]
    return ""


def _is_there(path: str, run: Place, known: _Known) -> bool:
    """Whether a file exists when the step begins, as far as the plan tells."""
    there = False
    for file in known.files.get(path, ()):
        if file.place is run:
            if file.use is Use.WRITE:
                return there or _turns(file)
            there = there or _keeps(file)
        elif file.place.step is run.step or file.place.check is not None:
            continue
        elif file.place.captures:
            there = there or file.use in (Use.READ, Use.PROVE, Use.WRITE)
        elif file.place.phase is not None and file.place.role is Role.RUN:
            gone = file.use is Use.REMOVE or (file.use is Use.READ and _moves(file))
            there = not gone and (there or file.use is Use.WRITE)
    return there and path in known.artifacts


def _is_source(path: str, run: Place) -> bool:
    """Whether the work itself begins with the file: a link is made to it, it is copied."""
    for placed in run.calls:
        words = [placed.filled(word) for word in placed.call.operands]
        if _carries(placed) or not any(_is_within(path, word) for word in words):
            continue
        sources = words[:-1]
        first = next(word for word in words if _is_within(path, word))
        name = first.rstrip("/").rpartition("/")[2]
        is_first = name not in run.filled(run.shell.text[: placed.call.start])
        return placed.call.program in _FROM and is_first and first in sources
    return False


def _is_within(path: str, folder: str) -> bool:
    return "/" in folder.strip("/") and f"{path}/".startswith(f"{folder.rstrip('/')}/")


def _turns(file: PlacedFile) -> bool:
    """Whether a link that is in use is turned to another target."""
    call = file.file.call
    return (
        call is not None
        and call.program in ("ln", "mv")
        and (call.has("n", "T", "no-dereference", "no-target-directory"))
        and _LIVE.search(file.path) is not None
    )


def _moves(file: PlacedFile) -> bool:
    return file.file.call is not None and file.file.call.program == "mv"


def _keeps(file: PlacedFile) -> bool:
    """Whether the step keeps a copy of what it then replaces."""
    call = file.file.call
    return file.use is Use.READ and call is not None and call.program in ("cp", "mv", "rsync")
