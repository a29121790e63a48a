"""A folder of data is removed, a file emptied, or a crontab, and nothing has kept it before.

## Why

What the new version has stored goes with its folder, what users have uploaded with theirs, and no
command of the plan can bring it back. It takes one copy, or a `mv` in place of the `rm`.

## Bad

```rbplan
phase files "Files" {
  budget 2m
  step remove "Remove" { run `ssh -n web1 sudo -n rm -rf /var/lib/shop`; expect `./served.sh 3.1` }
}
```

## Good

```rbplan
phase files "Files" {
  budget 2m
  step remove "Remove" {
    run `ssh -n web1 sudo -n mv /var/lib/shop /var/lib/shop.before`
    expect `./served.sh 3.1`
  }
}
```

## How it can be fooled

Data are known by the names of their folders: `/var/lib/shop`, `uploads`, `media`, homes; caches,
logs, releases and what has a version in its name are not. Whatever else in the plan copies, moves,
packs, makes or fills the path, or a folder around it, spares it, before or behind, as do snapshots
and scripts that are called backup. `find` with `-mtime +7`, or for names of logs, clears away. What
a title calls a cache, a test or left over is believed to be one.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.acting import acting, shown
from rbdsl.rules.context import Context
from rbdsl.rules.destruction.data_paths import is_database, is_filled, is_stored, normal
from rbdsl.rules.destruction.kept_paths import KeptPaths
from rbdsl.rules.destruction.rb875_broad_removal import is_broad
from rbdsl.rules.destruction.removal import Removals
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB985", "files-without-copy", Severity.WARNING)

_EMPTIES = (":", "true", "cp", "cat", "truncate")
PROGRAMS = frozenset(["rm", "find", "crontab", *_EMPTIES])
_OLD = ("-mtime", "-mmin", "-ctime", "-cmin", "-atime", "-amin")
_CLEARED = lazy_pattern(r"(?i)log|te?mp|cache|pid|lock|sock|\.py[co]|sw[po]|bak|old|~|core|partial")
_SAID = lazy_pattern(
    r"(?i)scratch|temp|test|left[ -]?over|cache|orphan|stag(?:e|ing)|work(?:ing)? |index|derived"
    r"|rebuil|regenerat|made again|copy|copies"
)
_SERVERS = lazy_pattern(r"(?i)sql|postgres|maria|mongo|redis|valkey|etcd|vault|consul|pgdata")


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each path."""
    removals: Removals | None = None
    kept: KeptPaths | None = None
    for placed in acting(context, *PROGRAMS):
        if placed.call.program == "crontab":
            if _removes_jobs(placed) and not _keeps_jobs(context, placed):
                yield _report(placed, "removes every job of the user", "the crontab: `crontab -l`")
            continue
        for path, what in _lost(placed):
            kept = kept or KeptPaths(context)
            removals = removals or Removals(context)
            if not kept.has(path) and not _is_spared(removals, placed, path):
                yield _report(placed, what, f"it, or move it aside: `mv {path} {path}.before`")
                break


def _report(placed: PlacedCall, what: str, how: str) -> Diagnostic:
    redirected = "".join(f" {r.operator}{r.target.text}" for r in placed.call.redirections[:1])
    return CODE.at(
        placed.span,
        f"{shown(placed.call.text + redirected)} {what}, and nothing in the plan has kept it",
        hint=f"keep {how}",
    )


def _lost(placed: PlacedCall) -> Iterator[tuple[str, str]]:
    """The paths whose data a call takes away, each with what it does to them."""
    call = placed.call
    if call.program == "rm" and not any(words[0].text == "find" for words in call.wrappers):
        whole = call.has("r", "R", "recursive")
        for path in _named(placed, call.operands):
            if (whole and is_stored(path) and not is_broad(path)) or is_database(path):
                yield path, "removes what is stored there"
    elif call.program == "find" and _finds_to_delete(placed):
        for path in _named(placed, _roots(placed)):
            if is_stored(path) and not is_broad(path):
                yield path, "removes what is stored there"
    elif call.program in _EMPTIES:
        for path in _named(placed, _emptied(placed)):
            if is_filled(path):
                yield path, "empties it"


def _named(placed: PlacedCall, words: tuple[str, ...]) -> Iterator[str]:
    return (normal(placed.place.settled(word)) for word in words)


def _roots(placed: PlacedCall) -> tuple[str, ...]:
    words = [word.text for word in placed.call.words[1:]]
    end = next((at for at, word in enumerate(words) if word[:1] in ("-", "(", "!")), len(words))
    return tuple(words[:end])


def _finds_to_delete(placed: PlacedCall) -> bool:
    """Whether `find` deletes what it finds, and more than what is old, or a log."""
    call = placed.call
    words = [word.text for word in call.words]
    removes = "-delete" in words or "-exec rm" in call.text or "-execdir rm" in call.text
    if not removes and "rm" not in call.pipe[call.stage + 1 :]:
        return False
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word in _OLD and following.startswith("+"):
            return False
        if word in ("-name", "-iname", "-path", "-regex") and _CLEARED.search(following):
            return False
    return not {"-empty", "-newer"} & set(words) and "l" not in _behind(words, "-type")


def _behind(words: list[str], option: str) -> str:
    return words[words.index(option) + 1] if option in words[:-1] else ""


def _emptied(placed: PlacedCall) -> tuple[str, ...]:
    """The files that a call leaves with nothing in them."""
    call = placed.call
    if call.program == "truncate":
        return call.operands if call.value("s", "size") == "0" else ()
    if call.program in ("cp", "cat") and call.operands[:1] != ("/dev/null",):
        return ()
    if call.program == "cp":
        return call.operands[1:]
    return tuple(r.target.text for r in call.redirections if r.operator in (">", ">|"))


def _is_spared(removals: Removals, placed: PlacedCall, path: str) -> bool:
    step, phase = placed.place.step, placed.place.phase
    texts = [one.title.plain for one in (step, phase) if one]
    texts += [step.note.plain] if step and step.note else []
    if _SAID.search(" ".join(texts)) or removals.is_own(placed, path):
        return True
    stores = ["block", "cloud", "cluster", "volumes"]
    stores += ["sql", "mongo", "redis", "keys"] if _SERVERS.search(path) else []
    return any(removals.backups.before(placed, store) for store in stores)


def _removes_jobs(placed: PlacedCall) -> bool:
    return placed.call.has("r") and not placed.call.has("l", "e")


def _keeps_jobs(context: Context, placed: PlacedCall) -> bool:
    """Whether the plan lists the jobs, or puts others in their place."""
    return any(
        other.call.has("l") or not other.call.has("r", "e")
        for other in context.calls_by_program["crontab"]
        if other.call is not placed.call
    )
