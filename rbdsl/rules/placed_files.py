"""Every file that the shell of a plan names, with the element that it stands in and its place."""

from __future__ import annotations

import posixpath
from functools import cached_property

from rbdsl.analysis.calls import Call
from rbdsl.analysis.file_programs import Use
from rbdsl.analysis.shell_files import FileUse, file_uses
from rbdsl.record import dataclass
from rbdsl.rules.placed_calls import Place, PlacedCall
from rbdsl.source import Span

_LOADERS = frozenset(
    ["pg_restore", "psql", "mysql", "mariadb", "mongorestore", "redis-cli", "etcdctl", "sqlite3"]
)
_WITH_VERBS = {
    "kubectl": ("apply", "create", "replace"),
    "oc": ("apply", "create", "replace"),
    "docker": ("load", "import"),
    "podman": ("load", "import"),
    "terraform": ("apply",),
}


@dataclass(frozen=True)
class PlacedFile:
    """A file, and where in the plan it stands. `path` has the values of the plan written in."""

    file: FileUse
    place: Place

    @cached_property
    def path(self) -> str:
        """The path with what the plan says of its variables, `./` at its start left out."""
        text = self.place.filled(self.file.path)
        return posixpath.normpath(text) if text else ""

    @property
    def key(self) -> tuple[tuple[str, ...], str]:
        """What is the same for the same file: where it is, and its path."""
        return self.file.where, self.path

    @property
    def use(self) -> Use:
        """What happens to it."""
        return self.file.use

    @property
    def span(self) -> Span:
        """The word that names it."""
        return self.place.span(self.file.word.start, self.file.word.end)

    @property
    def command(self) -> Span:
        """The command that names it, or the word where that is a test."""
        call = self.file.call
        return PlacedCall(call, self.place).span if call else self.span

    @property
    def reader(self) -> Call | None:
        """The program that gets what is in it: the last one of the pipe that starts with it."""
        return self.file.pipeline[-1] if self.file.pipeline else self.file.call

    @property
    def restored(self) -> bool:
        """Whether it is read to bring back what is in it."""
        call = self.reader
        if call is None or self.use is not Use.READ:
            return False
        verbs = _WITH_VERBS.get(call.program)
        return call.program in _LOADERS or bool(verbs and set(verbs) & set(call.operands[:1]))


def placed_files(place: Place) -> list[PlacedFile]:
    """The files of a piece of shell in order; of calls that share a redirection the innermost."""
    found: dict[tuple[int, int, Use, str], PlacedFile] = {}
    for file in file_uses(place.shell.text):
        key = (file.word.start, file.word.end, file.use, file.path)
        found[key] = PlacedFile(file, place)
    return list(found.values())
