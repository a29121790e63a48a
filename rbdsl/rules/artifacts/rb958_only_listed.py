"""A step that is there to restore only lists, tries or prints the backup, and nothing loads it.

## Why

`pg_restore --list`, `tar -t` and `gunzip -t` were written to see whether the backup is sound, and
the line that was to follow never came. The step ends well each time, and so do all drills: nobody
sees that nothing has been put back.

## Bad

```rbplan
capture {
  step dump "Dump" { creates dump "shop.dump"; run `pg_dump -w -Fc -d shop -f "$dump"` }
}
phase data "Data" {
  budget 3m
  step restore "Restore the data" { uses dump; run `pg_restore --list "$dump"` }
}
```

## Good

```rbplan
capture {
  step dump "Dump" { creates dump "shop.dump"; run `pg_dump -w -Fc -d shop -f "$dump"` }
}
phase data "Data" {
  budget 3m
  step restore "Restore the data" {
    uses dump
    run ```
      pg_restore --list "$dump" >/dev/null
      pg_restore -w --exit-on-error --clean --if-exists -d shop "$dump"
    ```
  }
}
```

## How it can be fooled

Only steps are looked at that say in their name or title that they restore (`load`, `import`,
`unpack`, `back`), stand alone in a phase that says so, or ask a server what is there behind it;
with a word such as `check` or `list` they are believed. A step in which anything runs that may do
more than look is left alone, and so is a file that another step, or a person by hand, may read.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.calls import Call
from rbdsl.analysis.file_programs import Use
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.model.plan import Phase
from rbdsl.model.steps import Manual, Step
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import Place, PlacedCall, Role
from rbdsl.rules.placed_files import PlacedFile

CODE = Code("RB958", "only-listed", Severity.WARNING)

_PRINTERS = frozenset(["cat", "zcat", "gzcat", "bzcat", "xzcat", "zstdcat", "gunzip", "unzstd"])
_TRIERS = frozenset(["pg_restore", "tar", "gzip", "gunzip", "unzip", "zstd", "xz", "bzip2"])
PROGRAMS = _PRINTERS | _TRIERS
_ONLY_LOOK = _PRINTERS | frozenset(
    """
    : [ [[ cd cksum cmp date diff du echo exit export file find grep head jq ls md5sum mkdir printf
    pv pwd set sha256sum sha512sum sleep sort stat tail test tr true uniq wc
    """.split()  # noqa: SIM905 - a list of words is read as one
)
_ONLY_READS = _ONLY_LOOK | _TRIERS | {"ssh", "awk", "sed", "cut", "sha1sum", "b2sum"}
_RESTORES = lazy_pattern(
    r"(?i)\b(?:restor(?:e|es|ed|ing)|re-?load(?:s|ed)?|load(?:s|ed)?|import(?:s|ed)?|unpack(?:s|ed)?"
    r"|extract(?:s|ed)?|recover(?:s|y|ed)?|back)\b"
)
_LOOKS = lazy_pattern(
    r"(?i)\b(?:check|verif|valid|list|read|test|look|inspect|sound|intact|integr|pro(?:of|ve)|show"
    r"|pre-?flight|dry|is (?:there|complete|whole)|can\b|could|print|try|tried|whether|contents?\b)"
)
_DUMPED = lazy_pattern(r"(?i)\.(?:dump|sql|tar|tgz|bak)(?:\.\w+)?\Z|\.(?:gz|zst|xz|bz2)\Z")
"""Names of files that are there to be restored, and not to be read by people."""
_PRINTED = ("-", "/dev/stdout", "/dev/null")


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each step of that kind, at its last command that reads a backup."""
    for place in context.places:
        phase, step = place.phase, place.step
        if place.role is not Role.RUN or phase is None or step is None:
            continue
        if place.programs.isdisjoint(PROGRAMS) or not _is_restore(context, step, phase):
            continue
        if not _only_looks(place):
            continue
        found = [file for file in context.files if file.place is place and _is_backup(file)]
        if found and not any(_is_read_elsewhere(context, file, step) for file in found):
            yield _report(found[-1], step)


def _is_restore(context: Context, step: Step, phase: Phase) -> bool:
    """Whether a step says that it restores: it, or the phase that has nothing else.

    It says so, too, where its expectation asks a server how things are behind it.
    """
    own = f"{step.name.text.replace('-', ' ').replace('_', ' ')} {step.title.plain}"
    if _LOOKS.search(own) or any(isinstance(item, Manual) for item in phase.items):
        return False
    alone = [one for one in phase.steps if one.run] == [step]
    told = f"{phase.name.text} {phase.title.plain}".replace("-", " ")
    if _RESTORES.search(own) or (alone and _RESTORES.search(told)):
        return True
    return bool(step.uses) and any(
        place.step is step and place.role is Role.EXPECT and not place.programs <= _ONLY_READS
        for place in context.places
    )


def _only_looks(place: Place) -> bool:
    """Whether nothing in a piece of shell changes anything, here or where it has it run."""
    carriers = {where.partition(" ")[0] for one in place.calls for where in one.call.where}
    return all(_looks(one.call) for one in place.calls if one.call.program not in carriers)


def _looks(call: Call) -> bool:
    """Whether a call changes nothing, and hands what it prints to nobody who does."""
    if any(
        redirection.operator not in ("<", ">&", "<&") and redirection.target.text != "/dev/null"
        for redirection in call.redirections
    ):
        return False
    if call.program in _TRIERS:
        return _only_tries(call)
    return call.program in _ONLY_LOOK and not call.has("delete", "exec", "execdir", "fprint")


def _only_tries(call: Call) -> bool:
    """Whether it lists what is in an archive, tries whether it can be read, or prints it."""
    match call.program:
        case "pg_restore":
            return call.has("l", "list") or call.value("f", "file") in _PRINTED
        case "tar":
            old = (*call.operands, "")[0]
            letters = call.bundled if call.words[1:2] and call.words[1].text[:1] == "-" else {*old}
            return call.has("list") or ("t" in letters and not {"x", "c", "r", "u"} & letters)
        case "unzip":
            return call.has("l", "t", "p", "v", "Z")
    tries = call.has("t", "test", "l", "list")
    return tries or call.has("c", "stdout", "to-stdout")


def _is_backup(file: PlacedFile) -> bool:
    """Whether a step reads a file that is there to be restored."""
    call = file.file.call
    if call is None or file.use not in (Use.READ, Use.PROVE):
        return False
    return call.program in _TRIERS or (
        call.program in _PRINTERS and _DUMPED.search(file.path) is not None
    )


def _is_read_elsewhere(context: Context, file: PlacedFile, own: Step) -> bool:
    """Whether another step of a phase, or a check, may read the file, under any of its names."""
    used = {name.text for name in own.uses if name.shell in file.file.path}
    for place in context.places:
        step = place.step if place.role is Role.RUN and not place.captures else None
        shares = step and step is not own and not used.isdisjoint(n.text for n in step.uses)
        if shares and not _only_looks(place):
            return True
    return any(
        other.place.step is not own
        and not other.place.captures
        and other.use in (Use.READ, Use.NAME)
        and file.path in other.path
        for other in context.files
    )


def _report(file: PlacedFile, step: Step) -> Diagnostic:
    call = file.file.call
    program = call.program if call else ""
    verb = "prints" if program in _PRINTERS and not _tests(call) else "only looks into"
    loads = {
        "pg_restore": "load it: `pg_restore --exit-on-error -d DATABASE …`",
        "tar": "unpack it: `tar -xf … -C FOLDER`",
    }
    span = PlacedCall(call, file.place).span if call else file.span
    return CODE.at(
        span,
        f"step `{step.name}` {verb} `{file.path}`, and nothing in the plan restores from it",
        hint=loads.get(program, "hand what is in it to the program that loads it"),
    )


def _tests(call: Call | None) -> bool:
    return call is not None and call.has("t", "test", "l", "list")
