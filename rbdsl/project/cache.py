"""The cache of findings in `.rbc_cache/`: small entries by key, safe with any number of processes.

An entry is written beside its place and then moved there, so that nobody sees half of one. What
can't be read, is cut off or was changed counts as not there; what can't be written is not kept, and
`refusal` says why. Entries are JSON and hold no code. Imports next to nothing when it finds.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from errno import ELOOP
from hashlib import sha256
from typing import Any

from rbdsl.project.roots import root_of

NAME = ".rbc_cache"
OLDEST = 30 * 86_400
"""Seconds after which an entry that nobody asked for is dropped."""

LARGEST = 256 * 1024 * 1024
"""Bytes of all entries together; beyond them the ones that were not asked for longest go."""

_DAY = 86_400
_TAG = (
    "Signature: 8a477f597d28d172789f06886806bc55\n"
    "# What rbc has found in plans, to be quicker next time. It can be removed at any time.\n"
    "# The first line is a mark for backup programs: https://bford.info/cachedir/\n"
)
_OWN_FILES = {".gitignore": "*\n", "CACHEDIR.TAG": _TAG}
_LEFT_OVER = ".tmp"
_SHARD = 2
"""Letters of a key that name the folder of its entry."""

LINK = "it is a symbolic link, and is not followed"
"""Why there is no cache: whoever may make the link chooses which files are written."""


def folder_for(place: str) -> str:
    """The cache of the project that a folder belongs to."""
    return os.path.join(root_of(os.path.realpath(place))[0], NAME)


class Cache:
    """Entries of one folder; a key is the hexadecimal SHA-256 of all that an entry depends on."""

    def __init__(self, folder: str) -> None:
        """The folder is made when the first entry is written."""
        self.folder = folder
        self.refusal: str | None = None
        self._now = time.time()
        self._prepared = False
        self._is_link = os.path.islink(folder)

    def get(self, key: str) -> dict[str, Any] | None:
        """The entry of a key, or None where there is none that can be trusted."""
        if self._is_link:
            return None
        path = self._path(key)
        try:
            with open(path, "rb") as stream:
                data = stream.read()
                used = os.fstat(stream.fileno()).st_mtime
        except OSError:
            return None
        if data[:64] != sha256(data[64:]).hexdigest().encode():
            return None
        if self._now - used > _DAY:
            self._touch(path)
        import json

        try:
            entry = json.loads(data[64:])
        except (ValueError, RecursionError):
            return None
        return entry if isinstance(entry, dict) else None

    def put(self, key: str, entry: dict[str, Any]) -> None:
        """Keep an entry; where that can't be done, `refusal` says why."""
        import json

        body = json.dumps(entry, separators=(",", ":")).encode()
        path = self._path(key)
        beside = f"{path}.{os.getpid()}{_LEFT_OVER}"
        self.prepare()
        if self.refusal is not None:
            return
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(beside, "wb") as stream:
                stream.write(sha256(body).hexdigest().encode() + body)
            os.replace(beside, path)
        except OSError as problem:
            self.refusal = (problem.strerror or str(problem)).lower()

    def _path(self, key: str) -> str:
        return os.path.join(self.folder, key[:2], key[2:])

    def _touch(self, path: str) -> None:
        try:
            os.utime(path)
        except OSError:
            return  # Somebody else's folder: it will be dropped and made again.

    def prepare(self) -> None:
        """Make the folder, once; `refusal` says why it can't be had."""
        if self._prepared:
            return
        self._prepared = True
        if self._is_link:
            self.refusal = LINK
            return
        try:
            self._make()
        except OSError as problem:
            self.refusal = (problem.strerror or str(problem)).lower()
            return
        if not os.access(self.folder, os.W_OK):
            self.refusal = "permission denied"

    def _make(self) -> None:
        """The folder with what tells other programs to leave it alone."""
        os.makedirs(self.folder, exist_ok=True)
        for name, text in _OWN_FILES.items():
            path = os.path.join(self.folder, name)
            if not os.path.exists(path):
                beside = f"{path}.{os.getpid()}{_LEFT_OVER}"
                with open(beside, "w", encoding="utf-8") as stream:
                    stream.write(text)
                os.replace(beside, path)
        tidied = os.path.join(self.folder, "tidied")
        try:
            due = self._now - os.stat(tidied).st_mtime > _DAY
        except FileNotFoundError:
            due = False
            self._mark(tidied)
        if due:
            self._mark(tidied)
            self.tidy()

    def _mark(self, path: str) -> None:
        with open(path, "ab"):
            os.utime(path)

    def tidy(self) -> int:
        """Drop what nobody asked for in `OLDEST`, and the oldest beyond `LARGEST`; how many."""
        entries = sorted(self._entries(), reverse=True)
        dropped = total = 0
        for used, size, path in entries:
            total += size
            stale = self._now - used > (3600 if path.endswith(_LEFT_OVER) else OLDEST)
            if stale or total > LARGEST:
                dropped += _removed(path)
        return dropped

    def clear(self) -> int:
        """Remove all entries; how many there were.

        Raises OSError where they can't be read, or one can't be removed.
        """
        if self._is_link:
            raise OSError(ELOOP, LINK, self.folder)
        with suppress(FileNotFoundError):
            for part in os.scandir(self.folder):
                if len(part.name) == _SHARD:
                    os.scandir(part.path).close()
        paths = [path for _, _, path in self._entries()]
        for path in paths:
            os.unlink(path)
        return len(paths)

    def _entries(self) -> list[tuple[float, int, str]]:
        """When each entry was last asked for, its size, its path."""
        found = []
        try:
            parts = [part.path for part in os.scandir(self.folder) if len(part.name) == _SHARD]
            for part in parts:
                for file in os.scandir(part):
                    status = file.stat()
                    found.append((status.st_mtime, status.st_size, file.path))
        except OSError:
            return found  # Another process is at it: what is left is for the next time.
        return found


def _removed(path: str) -> bool:
    try:
        os.unlink(path)
    except OSError:
        return False
    return True
