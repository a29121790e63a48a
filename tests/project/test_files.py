"""What reading a source says about everything that is not a readable plan."""

from __future__ import annotations

import io
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rbdsl.diagnostics import Diagnostic
from rbdsl.project.files import MAX_BYTES, read_source, read_stream
from rbdsl.syntax.errors import UNREADABLE_SOURCE


@pytest.fixture
def as_nobody() -> Iterator[Callable[[], None]]:
    """Root may read everything, so that root becomes somebody else for a while."""
    root = os.geteuid() == 0
    yield lambda: os.seteuid(65534) if root else None
    if root:
        os.seteuid(0)


def refusal(path: Path) -> Diagnostic:
    source, diagnostic = read_source(path, "plan.rbplan")
    assert source is None
    assert diagnostic is not None
    assert diagnostic.code == UNREADABLE_SOURCE.id == "RB100"
    return diagnostic


def test_reads_text_and_drops_the_byte_order_mark(tmp_path: Path) -> None:
    plan = tmp_path / "plan.rbplan"
    plan.write_bytes(b"\xef\xbb\xbfrbplan 1\r\nname \xc3\xa9\r\n")
    source, diagnostic = read_source(plan)
    assert diagnostic is None
    assert source is not None
    assert source.text == "rbplan 1\r\nname é\r\n"
    assert source.bom
    assert source.path == str(plan)


@pytest.mark.parametrize(
    ("data", "message", "line", "column"),
    [
        (b"", "the file is empty", 1, 1),
        (b" \n\t\r\n", "the file is empty", 1, 1),
        (b"\xef\xbb\xbf", "the file is empty", 1, 1),
        (b"rbplan 1\nplan \0x", "the file is binary: a NUL at byte 14", 2, 6),
        (b"rbplan 1\n# caf\xe9\n", "the file is not valid UTF-8: byte 0xe9 at offset 14", 2, 6),
        (b"\xef\xbb\xbf\n\n\xc3", "the file is not valid UTF-8: byte 0xc3 at offset 5", 3, 1),
        # The column counts characters, the offset bytes.
        ("é é ".encode() + b"\xff", "the file is not valid UTF-8: byte 0xff at offset 6", 1, 5),
        ("rbplan 1\n".encode("utf-16"), "the file is UTF-16, not UTF-8", 1, 1),
        (
            b"rbplan 1\n" + b"phase a { (x " * 60,
            "the file is nested too deeply: 100 brackets stand in one another",
            2,
            648,
        ),
        (b"a\r\nb # c\rd\n", "the file has a carriage return that ends no line", 2, 6),
        (b"rbplan 1\rplan\r", "the file has a carriage return that ends no line", 1, 9),
        (b"\xed\xa0\x80", "the file is not valid UTF-8: byte 0xed at offset 0", 1, 1),
    ],
)
def test_says_what_is_wrong_and_where(
    tmp_path: Path, data: bytes, message: str, line: int, column: int
) -> None:
    plan = tmp_path / "plan.rbplan"
    plan.write_bytes(data)
    found = refusal(plan)
    assert found.message == message
    assert found.span.begin == (line, column)


def test_a_missing_file(tmp_path: Path) -> None:
    assert refusal(tmp_path / "no.rbplan").message == "there is no such file"


def test_a_path_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    assert refusal(tmp_path / "file" / "x.rbplan").message.startswith("the file cannot be read: ")


def test_a_path_with_a_nul() -> None:
    assert "cannot be read" in refusal(Path("a\0b")).message


def test_a_folder(tmp_path: Path) -> None:
    assert refusal(tmp_path).message == "this is a folder, not a file"


def test_a_pipe_without_a_writer_does_not_block(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.rbplan"
    os.mkfifo(pipe)
    found = refusal(pipe)
    assert found.message == "this is a named pipe, not a file"
    assert found.hint == "pipe it into `-` to read it from standard input"


def test_a_device() -> None:
    assert refusal(Path("/dev/zero")).message == "this is a device, not a file"


def test_a_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s.rbplan")
        assert refusal(tmp_path / "s.rbplan").message == "this is a socket, not a file"


def test_a_link_to_itself(tmp_path: Path) -> None:
    loop = tmp_path / "loop.rbplan"
    loop.symlink_to(loop)
    assert "symbolic links" in refusal(loop).message


def test_a_link_to_nowhere_names_what_is_missing(tmp_path: Path) -> None:
    link = tmp_path / "plan.rbplan"
    link.symlink_to("gone.rbplan")
    assert refusal(link).message == "this is a link to `gone.rbplan`, and there is no such file"


def test_a_file_without_permission(tmp_path: Path, as_nobody: Callable[[], None]) -> None:
    plan = tmp_path / "plan.rbplan"
    plan.write_text("rbplan 1\n")
    plan.chmod(0)
    as_nobody()
    assert refusal(plan).message == "the file cannot be read: permission denied"


def test_an_enormous_file_is_refused_by_its_size(tmp_path: Path) -> None:
    plan = tmp_path / "plan.rbplan"
    with plan.open("wb") as stream:
        stream.truncate(100 * 1024 * 1024)
    assert refusal(plan).message == "the file is too large: 100 MB, and 8 MB is the most"


def test_a_stream_is_read_up_to_the_limit_only() -> None:
    class Endless(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def read(self, size: int = -1) -> bytes:
            assert size == MAX_BYTES + 1
            return b"#" * size

    source, diagnostic = read_stream(Endless(), "<stdin>")  # type: ignore[arg-type]
    assert source is None
    assert diagnostic is not None
    assert diagnostic.message == "the file is too large: more than 8 MB, and 8 MB is the most"


def test_only_the_broken_line_of_a_binary_file_is_kept(tmp_path: Path) -> None:
    plan = tmp_path / "plan.rbplan"
    plan.write_bytes(b"a\n" * 1000 + b"x" * 1_000_000 + b"\0" + b"y" * 1_000_000)
    found = refusal(plan)
    assert len(found.span.source.text) < 10_000 + 1000
    assert found.span.begin.line == 1001


def test_a_name_that_is_not_utf_8_can_be_shown(tmp_path: Path) -> None:
    plan = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.rbplan"))
    _, diagnostic = read_source(plan)
    assert diagnostic is not None
    assert diagnostic.span.source.path.endswith("caf\\udce9.rbplan")
    assert diagnostic.span.source.path.encode()
