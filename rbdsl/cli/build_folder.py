"""The output folder of one plan: what would change in it, and changing it.

All files are written beside the folder's own, flushed, and then renamed into place, so that
a reader sees each file whole, old or new. Files that have not changed are left alone. Nothing
is ever written or removed outside of the output folder, whatever links stand in it.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from enum import StrEnum
from hashlib import sha256
from pathlib import Path, PurePosixPath

import click

from rbdsl.backends.output import OutputFile
from rbdsl.record import dataclass

MANIFEST = "manifest.json"


class ChangeKind(StrEnum):
    """What would happen to a file."""

    MISSING = "missing"
    STALE = "stale"
    MODE = "not executable"
    LEFTOVER = "no longer produced"


@dataclass(frozen=True, slots=True)
class Change:
    """A file that is not as it should be: its path in the folder, its bytes there and the new ones.

    `before` is None where there is no file, `after` where there should be none.
    """

    path: str
    kind: ChangeKind
    before: bytes | None
    after: bytes | None
    executable: bool = False


@contextmanager
def locked(out: Path) -> Iterator[None]:
    """Make the folder and keep other compilers out of it, so that none leaves half of its files.

    What differs has to be looked at again inside: another one may have been there before. A file
    system that knows no locks goes without.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        folder = os.open(out, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as problem:
        raise _refusal(problem, out) from problem
    try:
        with suppress(OSError):
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


@dataclass(frozen=True, slots=True)
class BuildFolder:
    """`out/<plan>`; refuses (`click.ClickException`) paths and links that lead outside of `out`."""

    out: Path
    plan: str

    @property
    def path(self) -> Path:
        """The folder itself."""
        return self.out / self.plan

    def changes(self, outputs: Sequence[OutputFile]) -> list[Change]:
        """What differs from these outputs, in their order, then the leftovers of an earlier run."""
        found = [change for output in outputs if (change := self._compare(output))]
        return found + list(self._leftovers({output.path for output in outputs}))

    def apply(self, changes: Sequence[Change]) -> None:
        """Make the changes; raises `click.ClickException` where the system does not let it."""
        if not changes:
            return
        # The manifest comes last: until then the old one still tells what is stale.
        new = [c for c in changes if c.after is not None]
        new.sort(key=lambda change: change.path == MANIFEST)
        try:
            self.out.mkdir(parents=True, exist_ok=True)
            staging = Path(tempfile.mkdtemp(prefix=f".{self.plan}.", dir=self.out))
        except OSError as problem:
            raise _refusal(problem, self.out) from problem
        try:
            for number, change in enumerate(new):
                _write(staging / str(number), change)
            for number, change in enumerate(new):
                target = self._confined(change.path)
                target.parent.mkdir(parents=True, exist_ok=True)
                (staging / str(number)).replace(target)
            for change in changes:
                if change.after is None:
                    self._confined(change.path).unlink(missing_ok=True)
                    _remove_empty(self._confined(change.path).parent, self.path)
        except OSError as problem:
            raise _refusal(problem, self.path) from problem
        finally:
            shutil.rmtree(staging, ignore_errors=True)

    def _compare(self, output: OutputFile) -> Change | None:
        target = self._confined(output.path)
        after = output.text.encode()
        try:
            before = target.read_bytes()
            mode = target.stat().st_mode
        except (FileNotFoundError, NotADirectoryError):
            return Change(output.path, ChangeKind.MISSING, None, after, output.executable)
        except OSError as problem:
            raise _refusal(problem, target, "read") from problem
        if before != after:
            return Change(output.path, ChangeKind.STALE, before, after, output.executable)
        if output.executable and not mode & stat.S_IXUSR:
            return Change(output.path, ChangeKind.MODE, before, after, output.executable)
        return None

    def kept(self, outputs: Sequence[OutputFile]) -> list[str]:
        """Files of an earlier run that are no longer produced, and that somebody edited since."""
        found = self._earlier({output.path for output in outputs})
        return [path for path, data, digest in found if sha256(data).hexdigest() != digest]

    def _leftovers(self, produced: set[str]) -> Iterator[Change]:
        """Files that the old manifest lists, unchanged since, and that are not produced now."""
        for path, data, digest in self._earlier(produced):
            # A file that somebody edited since is theirs now.
            if sha256(data).hexdigest() == digest:
                yield Change(path, ChangeKind.LEFTOVER, data, None)

    def _earlier(self, produced: set[str]) -> Iterator[tuple[str, bytes, str]]:
        """Path, bytes and listed digest of what is there and no longer produced."""
        for path, digest in _listed(self.path / MANIFEST):
            if path not in produced and path != MANIFEST and _is_plain(path):
                with suppress(OSError):
                    yield path, self._confined(path).read_bytes(), digest

    def _confined(self, path: str) -> Path:
        """The file of that path, if it stays within `out` with all links followed."""
        target = self.path / path
        root = os.path.realpath(self.out)
        real = os.path.realpath(target)
        if not _is_plain(path) or os.path.commonpath([root, real]) != root:
            raise click.ClickException(
                f"`{target}` leads outside of `{self.out}`, where nothing is written"
            )
        return target


def _is_plain(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return bool(parts) and parts[0] != "/" and ".." not in parts


def _listed(manifest: Path) -> Iterable[tuple[str, str]]:
    """The outputs of an earlier compilation with their SHA-256; none where it can't be told."""
    try:
        entries = json.loads(manifest.read_bytes())["manifest"]["outputs"]
        return [(str(entry["path"]), str(entry["sha256"])) for entry in entries]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _write(path: Path, change: Change) -> None:
    # The mode is left to the umask of the user.
    mode = 0o777 if change.executable else 0o666
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as stream:
        stream.write(change.after or b"")
        stream.flush()
        os.fsync(stream.fileno())


def _remove_empty(folder: Path, top: Path) -> None:
    """Remove folders that a removed file left empty, up to the folder of the plan."""
    with suppress(OSError):
        while folder != top and top in folder.parents:
            folder.rmdir()
            folder = folder.parent


def _refusal(problem: OSError, path: Path, doing: str = "write") -> click.ClickException:
    where = problem.filename if isinstance(problem.filename, str) else path
    words = (problem.strerror or str(problem)).lower()
    return click.ClickException(f"cannot {doing} `{where}`: {words}")
