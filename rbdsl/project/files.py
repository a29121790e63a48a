"""Reading a source: a `Source`, or the finding RB100 that says why there is none.

Nothing raises here: whatever a path leads to (a folder, a device, 100 MB, binary, another
encoding) is a mistake that a user can make.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import BinaryIO, NamedTuple

from rbdsl.diagnostics import Diagnostic, Label
from rbdsl.source import Source
from rbdsl.syntax.errors import UNREADABLE_SOURCE

MAX_BYTES = 8 * 1024 * 1024
"""The largest source that is read: some 50,000 lines, far beyond any plan, and soon answered."""

_DEEPEST = 100
_TOO_DEEP = re.compile(rb"(?:[{(\[][^{}()\[\]]*+){%d}" % _DEEPEST)
"""So many brackets in a row without one that closes: no plan nests blocks more than five deep."""

_LONE_CR = re.compile(rb"\r(?!\n)")
_BOM = b"\xef\xbb\xbf"
_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


class Reading(NamedTuple):
    """What came of reading: a source without a diagnostic, or a diagnostic without a source."""

    source: Source | None
    diagnostic: Diagnostic | None


def shown_path(path: str | os.PathLike[str]) -> str:
    """A path as text that can always be encoded: undecodable bytes of a name become `\\udcNN`."""
    return os.fspath(path).encode("utf-8", "backslashreplace").decode()


def shown_from_here(path: Path) -> str:
    """A path as findings name it: one that is relative stays as it is.

    An absolute one becomes relative where it lies below the current folder, or in one above it.
    """
    if not path.is_absolute():
        return shown_path(path)
    here = os.getcwd()
    common = os.path.commonpath([here, path])
    return shown_path(os.path.relpath(path) if common in {here, str(path.parent)} else path)


def is_absent(path: str | os.PathLike[str]) -> bool:
    """Whether there surely is nothing at a path; a folder that may not be searched leaves it open.

    Links are not followed. What is not absent is to be read: its reader says why it can't be.
    """
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except (OSError, ValueError):
        return False
    return False


def read_source(path: Path, shown: str | None = None, *, may_be_empty: bool = False) -> Reading:
    """Read a text from a regular file; `shown` is the path that findings name.

    A plan or module is never empty, a configuration may be.
    """
    shown = shown_path(path) if shown is None else shown
    try:
        # Not to block on a pipe without a writer: looked at before it is opened, and opened so
        # that an exchange in between does not block either.
        status = os.stat(path)
        if stat.S_ISDIR(status.st_mode):
            # A search that came upon a folder that it can't look into names it.
            os.scandir(path).close()
        reason = _unfit(status)
        if reason is not None:
            return _refuse(shown, *reason)
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as stream:
            reason = _unfit(os.fstat(descriptor))
            if reason is not None:
                return _refuse(shown, *reason)
            return read_stream(stream, shown, may_be_empty=may_be_empty)
    except FileNotFoundError:
        if path.is_symlink():
            target = shown_path(os.readlink(path))
            return _refuse(shown, f"this is a link to `{target}`, and there is no such file", None)
        return _refuse(shown, "there is no such file", None)
    except (OSError, ValueError) as problem:
        # ValueError: a path that the system has no spelling for, such as one with a NUL.
        words = (problem.strerror if isinstance(problem, OSError) else None) or str(problem)
        what = "folder" if os.path.isdir(path) else "file"
        return _refuse(shown, f"the {what} cannot be read: {words.lower()}", None)


def read_stream(stream: BinaryIO, shown: str, *, may_be_empty: bool = False) -> Reading:
    """Read a source from an open binary stream, such as standard input."""
    try:
        data = stream.read(MAX_BYTES + 1)
    except OSError as problem:
        words = (problem.strerror or str(problem)).lower()
        return _refuse(shown, f"the file cannot be read: {words}", None)
    if len(data) > MAX_BYTES:
        return _refuse(shown, *_too_large("more than 8 MB"))
    return decode(data, shown, may_be_empty=may_be_empty)


def decode(data: bytes, shown: str, *, may_be_empty: bool = False) -> Reading:
    """The text of a source: UTF-8 with or without a byte order mark, and not empty."""
    bom = data.startswith(_BOM)
    body = data[len(_BOM) :] if bom else data
    if not body.strip() and not may_be_empty:
        return _refuse(shown, "the file is empty", "a plan starts with `rbplan 1`")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _refuse(shown, "the file is UTF-16, not UTF-8", "save it as UTF-8")
    nul = body.find(b"\0")
    if nul >= 0:
        # The bytes around it may be anything: they are shown as far as they are UTF-8.
        where = _place(body, nul, shown)
        message = f"the file is binary: a NUL at byte {nul + len(data) - len(body)}"
        return _point(where, message, "this is not text", None)
    lone = _LONE_CR.search(body)
    if lone:
        # Some editors show a new line there, and terminals write over the one that is there.
        where = _place(body, lone.start(), shown)
        message = "the file has a carriage return that ends no line"
        return _point(where, message, "no LF behind it", "let all lines end in LF, or in CRLF")
    deep = _TOO_DEEP.search(body)
    if deep:
        innermost = max(body.rfind(sign, 0, deep.end()) for sign in (b"{", b"(", b"["))
        where = _place(body, innermost, shown)
        message = f"the file is nested too deeply: {_DEEPEST} brackets stand in one another"
        return _point(where, message, "from here", None)
    try:
        return Reading(Source(shown, body.decode("utf-8"), bom=bom), None)
    except UnicodeDecodeError as problem:
        where = _place(body, problem.start, shown)
        at = problem.start + len(data) - len(body)
        message = f"the file is not valid UTF-8: byte 0x{body[problem.start]:02x} at offset {at}"
        return _point(where, message, "not UTF-8 from here", "save it as UTF-8")


def _unfit(status: os.stat_result) -> tuple[str, str | None] | None:
    """Why it is not a file to read, with a hint, or None."""
    for is_kind, words in _KINDS:
        if is_kind(status.st_mode):
            hint = "pipe it into `-` to read it from standard input" if "pipe" in words else None
            return f"this is {words}, not a file", hint
    if status.st_size > MAX_BYTES:
        return _too_large(f"{status.st_size / 1024 / 1024:.0f} MB")
    return None


def _too_large(size: str) -> tuple[str, str]:
    return f"the file is too large: {size}, and 8 MB is the most", "is this really a plan?"


def _refuse(shown: str, message: str, hint: str | None) -> Reading:
    where = Source(shown, "").span(0, 0)
    return Reading(None, UNREADABLE_SOURCE.at(where, message, hint=hint))


def _place(body: bytes, at: int, shown: str) -> tuple[Source, int]:
    """A source to show the byte at an offset in, and its offset there in characters.

    Only the line of that byte is kept whole; 4 KB around it where the line is longer.
    """
    before = body[:at].count(b"\n")
    start = max(body.rfind(b"\n", 0, at) + 1, at - 4096)
    end = body.find(b"\n", at)
    line = body[start : min(end if end >= 0 else len(body), at + 4096)]
    head = line[: at - start].decode("utf-8", "replace")
    text = head + line[at - start :].decode("utf-8", "replace")
    return Source(shown, "\n" * before + text), before + len(head)


def _point(where: tuple[Source, int], message: str, label: str, hint: str | None) -> Reading:
    source, at = where
    span = source.span(at, at + 1)
    return Reading(
        None, UNREADABLE_SOURCE.at(span, message, labels=[Label(span, label)], hint=hint)
    )
