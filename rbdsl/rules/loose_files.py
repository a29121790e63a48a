"""Files that are no artifacts and stand in shell only: read and never written, or the reverse.

A file of the repository is read without being written, rightly so; so only those are taken whose
name says that somebody saved them: backups, snapshots, dumps, checksums, baselines.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from rbdsl.analysis.file_programs import Use
from rbdsl.model.plan import Plan
from rbdsl.model.steps import Gate, Manual
from rbdsl.patterns import lazy_pattern
from rbdsl.record import dataclass
from rbdsl.rules.placed_calls import PlacedCall
from rbdsl.rules.placed_files import PlacedFile

_SAVED = (
    r"(?i)(?:^|[._-])(?:back-?ups?|bak|snapshots?|dumps?|baselines?|saved|captured)"
    r"(?:$|[._-]|\d)|(?:^|[._-])(?:before|pre)[._-]|\.(?:rdb|dump|sha\d+(?:sum)?|md5(?:sum)?)$"
)
_SAVING = r"(?i)back-?up|snapshot|dump|capture|export|save|baseline|checksum|prepare|fetch|download"
_GENERIC = frozenset(["backup", "dump", "snapshot", "pre", "before", "saved", "latest", "old"])
"""Words of a name that do not say what is in the file."""
_UNSURE = lazy_pattern(r"[$*?\[\]{}~`:]")
_ALIKE = 0.72


@dataclass(frozen=True, slots=True)
class LooseFiles:
    """`missing` are read and never written, `unused` are captured and never mentioned again."""

    missing: tuple[PlacedFile, ...] = ()
    unused: tuple[PlacedFile, ...] = ()


def loose_files(plan: Plan, files: Sequence[PlacedFile], calls: Sequence[PlacedCall]) -> LooseFiles:
    """The loose files of a plan, each at its first mention; `files` and `calls` are all of it."""
    return LooseFiles(tuple(_missing(plan, files, calls)), tuple(_unused(plan, files, calls)))


def alike(one: str, other: str) -> bool:
    """Whether two paths look like names of the same thing: same ending, and much the same stem."""
    one, other = posixpath.basename(one), posixpath.basename(other)
    stem, ending = _split(one)
    other_stem, other_ending = _split(other)
    if ending != other_ending or one == other or not stem or not other_stem:
        return False
    first, second = re.split(r"[._-]", stem)[0], re.split(r"[._-]", other_stem)[0]
    words = set(re.findall(r"[a-z]{3,}", stem.lower())) - _GENERIC
    others = set(re.findall(r"[a-z]{3,}", other_stem.lower())) - _GENERIC
    if first.lower() == second.lower() and (words <= others or others <= words):
        return True
    return SequenceMatcher(None, stem, other_stem).ratio() >= _ALIKE and words == others


def _split(name: str) -> tuple[str, str]:
    match = re.fullmatch(r"(.*?)((?:\.[A-Za-z]\w{0,8}){1,2})", name)
    return (match[1], match[2].lower()) if match else (name, "")


def _missing(
    plan: Plan, files: Sequence[PlacedFile], calls: Sequence[PlacedCall]
) -> Iterator[PlacedFile]:
    candidates: dict[str, PlacedFile] = {}
    for file in files:
        if file.use in (Use.READ, Use.PROVE) and _is_sure(file) and _is_saved(file.path):
            candidates.setdefault(file.path, file)
    if not candidates:
        return
    paths = {posixpath.normpath(artifact.path.plain) for artifact in plan.artifacts}
    made = [f.path for f in files if f.use in (Use.WRITE, Use.NAME)]
    if any(map(_may_save, calls)):
        return
    for path, file in candidates.items():
        name = posixpath.basename(path)
        if not (path in paths or any(_may_be(name, path, other) for other in made)):
            yield file


def _is_sure(file: PlacedFile) -> bool:
    """Whether it is one file, of that name, in the folder that the script runs in."""
    path = file.path
    return (
        bool(path)
        and not file.file.where
        and not path.startswith(("/", "-", ".."))
        and _UNSURE.search(path) is None
        and file.place.programs.isdisjoint(("cd", "pushd"))
    )


def _is_saved(path: str) -> bool:
    # Terraform writes the backup of its state by itself.
    name = posixpath.basename(path)
    return re.search(_SAVED, name) is not None and not name.endswith(".tfstate.backup")


def _may_be(name: str, path: str, other: str) -> bool:
    """Whether what is written may be the file: of that name, around it, or not known."""
    if name in other or path.startswith(other.rstrip("/") + "/"):
        return True
    return other.endswith((".", "/")) or "$" in other.replace("$(", "") or "*" in other


def _may_save(call: PlacedCall) -> bool:
    """Whether a script of the plan's own may save files without naming them."""
    place = call.place
    acts = (place.captures or place.phase is not None) and "/" in call.call.words[0].text
    return acts and re.search(_SAVING, call.call.program) is not None


def _unused(
    plan: Plan, files: Sequence[PlacedFile], calls: Sequence[PlacedCall]
) -> Iterator[PlacedFile]:
    written: dict[str, PlacedFile] = {}
    for file in files:
        if file.place.captures and file.use is Use.WRITE and _is_kept(file):
            written.setdefault(file.path, file)
    if not written:
        return
    paths = {posixpath.normpath(artifact.path.plain) for artifact in plan.artifacts}
    told = _told(plan, calls)
    for path, file in written.items():
        mentions = [f for f in files if f is not file and f.use is not Use.WRITE]
        if path not in paths and not any(_covers(f.path, path) for f in mentions):
            name = posixpath.basename(path)
            if not any(name in text for text in told):
                yield file


def _is_kept(file: PlacedFile) -> bool:
    path = file.path
    return (
        bool(path)
        and not file.file.where
        and not path.startswith(("-", "/dev/"))
        and not path.endswith((".log", ".err"))  # for people, and nothing to restore from
        and (not path.startswith("/") or path.startswith("/tmp/"))  # noqa: S108 - of the plan
        and _UNSURE.search(path) is None
    )


def _covers(mention: str, path: str) -> bool:
    """Whether a path that is mentioned is the file, its folder, or a pattern that fits it."""
    name = posixpath.basename(path)
    if name in mention or path.startswith(mention.rstrip("/") + "/") or mention == ".":
        return True
    if "*" in mention or "?" in mention:
        pattern = re.escape(posixpath.basename(mention)).replace(r"\*", ".*").replace(r"\?", ".")
        return re.fullmatch(pattern, name) is not None
    return "$" in mention and posixpath.dirname(path) != "" and "/" in mention


def _told(plan: Plan, calls: Sequence[PlacedCall]) -> list[str]:
    """The texts for people, and the shell that names files in ways that are not followed."""
    texts = [fact.value.plain for fact in plan.capture.facts] if plan.capture else []
    for phase in plan.phases:
        texts.extend(t.plain for t in (phase.note, phase.critical, phase.objective) if t)
        texts.extend(item.title.plain for item in phase.items if isinstance(item, (Gate, Manual)))
    for step in plan.steps():
        texts.extend(t.plain for t in (step.title, step.note) if t)
    for call in calls:
        texts.extend(call.call.given)
        if call.call.program in ("for", "eval") or call.call.function:
            texts.append(call.call.text)
    texts.extend(m.value.plain for s in plan.steps() for e in s.expectations if (m := e.matcher))
    checks = plan.verification.checks if plan.verification else ()
    texts.extend(m.value.plain for c in checks for e in c.expectations if (m := e.matcher))
    return texts
