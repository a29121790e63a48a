"""The baselines of a run: takes out what they accept, tells what is stale, writes them anew.

`applied` is called once for every plan, with what its configuration leaves of the findings.
`stale` and `write` come after all of them.
"""

from __future__ import annotations

import os
import posixpath
import shlex
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from rbdsl.diagnostics import Diagnostic, Severity, ordered
from rbdsl.project.baseline import (
    FILE_NAME,
    Entry,
    Key,
    may_enter,
    parse_baseline,
    written,
)
from rbdsl.project.configuration import Config
from rbdsl.project.enclosing import Enclosing
from rbdsl.project.files import is_absent, read_source, shown_from_here, shown_path
from rbdsl.project.settings import Setting
from rbdsl.record import dataclass
from rbdsl.rules.evidence.rb915_stale_baseline import CODE as STALE_BASELINE
from rbdsl.rules.names.rb297_bad_baseline import CODE as BAD_BASELINE
from rbdsl.source import Source

_FEW = 4
"""Plans that a hint names."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What is left of the findings of a plan, what was accepted, and why that could not be told.

    With `problems` nothing is left: the plan is not reported on.
    """

    kept: tuple[Diagnostic, ...] = ()
    accepted: tuple[Diagnostic, ...] = ()
    problems: tuple[Diagnostic, ...] = ()


class Written(NamedTuple):
    """A baseline that was written: how many findings it accepts, in how many plans."""

    path: Path
    text: str
    findings: int
    plans: int


class Baselines:
    """Each baseline is read once. With `writing` none is applied, but all of it is collected.

    `arguments` are those that the command was given for plans.
    """

    def __init__(self, *, writing: bool = False, arguments: Sequence[str] = ()) -> None:
        """See the class."""
        self._writing = writing
        self._arguments = arguments
        self._settings: dict[Path, Setting[Path | None]] = {}
        self._read: dict[Path, tuple[dict[Key, list[Entry]], tuple[Diagnostic, ...]]] = {}
        self._used: dict[Path, Counter[Key]] = {}
        self._found: dict[Path, Counter[Key]] = {}
        self._judged: dict[Path, dict[str, Config]] = {}

    def applied(self, config: Config, diagnostics: Iterable[Diagnostic]) -> Applied:
        """The findings of a plan without those that its baseline accepts."""
        diagnostics = tuple(diagnostics)
        setting = config.baseline
        path = setting.value
        if self._writing:
            path = path or _usual(config)
        if path is None:
            return Applied(diagnostics)
        entries, problems = self._entries(path, setting)
        if problems:
            return Applied(problems=problems)
        from rbdsl.rules.registry import found_by_rule

        plan = _plan(config, path)
        if not any(d.severity is Severity.ERROR and not found_by_rule(d.code) for d in diagnostics):
            self._judged.setdefault(path, {})[plan] = config
        budget = {key: sum(e.count for e in found) for key, found in entries.items()}
        used = self._used.setdefault(path, Counter())
        kept, accepted = [], []
        name = _Naming(plan)
        for diagnostic in diagnostics:
            if not may_enter(diagnostic) or not (self._writing or budget):
                kept.append(diagnostic)
                continue
            key = name(diagnostic)
            folded = key.folded
            if self._writing:
                self._found.setdefault(path, Counter())[key] += 1
                accepted.append(diagnostic)
            elif used[folded] < budget.get(folded, 0):
                used[folded] += 1
                accepted.append(diagnostic)
            else:
                kept.append(diagnostic)
        self._found.setdefault(path, Counter())
        return Applied(tuple(kept), tuple(accepted))

    def problems(self, config: Config) -> tuple[Diagnostic, ...]:
        """Why the baseline of a plan can't be used."""
        setting = config.baseline
        return self._entries(setting.value, setting)[1] if setting.value else ()

    def stale(self) -> list[Diagnostic]:
        """A finding for each entry of which some were not found, though they were looked for."""
        return ordered(
            diagnostic
            for path, (entries, _) in self._read.items()
            for key, found in entries.items()
            for diagnostic in self._stale(path, key, found)
        )

    def _stale(self, path: Path, key: Key, entries: list[Entry]) -> Iterable[Diagnostic]:
        if self._stays(path, key):
            return
        config = self._judged.get(path, {}).get(key.path)
        left = self._used.get(path, Counter())[key]
        for entry in entries:
            found = min(left, entry.count)
            left -= found
            if found == entry.count:
                continue
            where = f" in `{key.within}`" if key.within else ""
            if config is None:
                fact = "and there is no such file"
            else:
                fact = "and not found" if not found else f"and found {_times(found)}"
            yield STALE_BASELINE.at(
                entry.span,
                f"`{key.code}`{where} of `{key.path}` is accepted {_times(entry.count)}, {fact}",
                hint=f"write the baseline anew: `{self._command(path)}`",
            )

    def _stays(self, path: Path, key: Key) -> bool:
        """Whether this run can't tell if such findings are there: then an entry is not stale."""
        from rbdsl.rules.registry import usual_severity

        config = self._judged.get(path, {}).get(key.path)
        if config is None:
            return not is_absent(path.parent / key.path)
        usual = usual_severity(key.code)
        return config.severity_of(key.code, usual, str(config.place)) is None

    def written(self) -> list[Written]:
        """The baselines with what was found; entries of which that could not be told stay."""
        done = []
        for path, found in self._found.items():
            counts = Counter(found)
            for entries in self._read[path][0].values():
                for entry in entries:
                    if self._stays(path, entry.key):
                        counts[entry.key] = entry.count
            plans = len({key.path for key in counts})
            done.append(Written(path, written(counts), counts.total(), plans))
        return done

    def _entries(
        self, path: Path, setting: Setting[Path | None]
    ) -> tuple[dict[Key, list[Entry]], tuple[Diagnostic, ...]]:
        if path not in self._read:
            self._settings[path] = setting
            self._read[path] = self._load(path, setting)
        return self._read[path]

    def _command(self, path: Path) -> str:
        """What writes a baseline anew: the command as it was given, with few of many plans."""
        setting = self._settings.get(path)
        named = ["--baseline", shown_from_here(path)] if setting and not setting.origin.span else []
        plans = [shown_path(argument) for argument in self._arguments[:_FEW]]
        more = " …" if len(self._arguments) > _FEW else ""
        return shlex.join(["rbc", "check", *named, "--write-baseline", *plans]) + more

    def _load(
        self, path: Path, setting: Setting[Path | None]
    ) -> tuple[dict[Key, list[Entry]], tuple[Diagnostic, ...]]:
        shown = shown_from_here(path)
        if is_absent(path):
            if self._writing:
                return {}, ()
            where = setting.origin.span or Source(shown, "").span(0, 0)
            message = f"there is no baseline `{shown}`"
            making = self._command(path)
            return {}, (BAD_BASELINE.at(where, message, hint=f"`{making}` makes it"),)
        source, unreadable = read_source(path, shown, may_be_empty=True)
        if source is None:
            return {}, (unreadable,) if unreadable else ()
        entries, problems = parse_baseline(source, self._command(path))
        by_key: dict[Key, list[Entry]] = {}
        for entry in entries or ():
            by_key.setdefault(entry.key.folded, []).append(entry)
        return by_key, problems


class _Naming:
    """Gives the findings of one plan their keys; each source is parsed once."""

    def __init__(self, plan: str) -> None:
        self._plan = plan
        self._sources: dict[Source, Enclosing] = {}
        self._own: Callable[[str], str] = posixpath.basename

    def __call__(self, diagnostic: Diagnostic) -> Key:
        source = diagnostic.span.source
        if source not in self._sources:
            self._sources[source] = Enclosing(source)
        within, text = self._sources[source].of(diagnostic.span)
        name = self._own(source.path.replace("\\", "/"))
        if name != self._own(self._plan):
            within = f"{name}: {within}"  # a module
        return Key(self._plan, diagnostic.code, within, text)


def _plan(config: Config, baseline: Path) -> str:
    """The path of a plan from the folder of a baseline."""
    return os.path.relpath(config.place, baseline.parent).replace(os.sep, "/")


def _usual(config: Config) -> Path:
    """Where a baseline is written that is not configured: beside the nearest configuration."""
    folder = config.files[-1].path.parent if config.files else Path.cwd()
    return folder / FILE_NAME


def _times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number} times")
