"""Receivers on loopback, for HTTP and mail: they keep what they get, and behave as a test wants."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass
class HttpReceiver:
    """Answers `default` unless `answers` has another status for a path, or `hang` or `close`.

    What hangs is held until `release` is set; `until` names a file whose presence is waited for
    before a path is answered.
    """

    address: str = ""
    answers: dict[str, int | str] = field(default_factory=dict)
    default: int | str = 200
    until: dict[str, Path] = field(default_factory=dict)
    got: list[tuple[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)
    held: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def bodies(self, path: str) -> list[str]:
        """What was sent to a path, in order."""
        return [body for at, body in self.got if at == path]


@contextmanager
def http_receiver(certificate: Path | None = None) -> Iterator[HttpReceiver]:
    """A receiver that lives as long as the block; with a certificate it speaks TLS."""
    told = HttpReceiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = content.decode("utf-8", "replace")
            answer = told.answers.get(self.path, told.default)
            if answer == "hang":
                told.held.release()
                told.release.wait(120)
            waits = told.until.get(self.path)
            while waits is not None and not waits.exists() and not told.release.wait(0.02):
                pass
            told.headers.append(dict(self.headers))
            told.got.append((self.path, body))
            if isinstance(answer, str):
                self.close_connection = True
                return
            try:
                self.send_response(answer)
                if answer in {301, 302, 307}:
                    self.send_header("Location", f"{told.address}/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()
            except OSError:
                return

        do_PUT = do_POST  # noqa: N815 - the names that the base class calls

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    scheme = "http"
    if certificate is not None:
        server.socket = server_tls(certificate).wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
        scheme = "https"
    told.address = f"{scheme}://127.0.0.1:{server.server_address[1]}"
    threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
    ).start()
    try:
        yield told
    finally:
        told.release.set()
        server.shutdown()
        server.server_close()


def make_certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1 with its key, in one file, which nobody trusts by itself."""
    path = folder / "certificate.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=loopback", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", path, "-out", path),
        ],
        check=True,
        capture_output=True,
    )
    return path


def server_tls(certificate: Path) -> ssl.SSLContext:
    """What a server needs to speak TLS with that certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@dataclass
class Mailbox:
    """What a mail server took: the envelope's recipients and the bytes of each mail."""

    address: str = ""
    taken: list[tuple[list[str], bytes]] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)

    def mails(self) -> list[EmailMessage]:
        """The mails as a strict reader of RFC 5322 sees them."""
        strict = default.clone(raise_on_defect=True)
        return [message_from_bytes(m, policy=strict) for _, m in self.taken]

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Takes recipients that it knows."""
        del server, session, options
        if address in self.unknown:
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Keeps a mail."""
        del server, session
        content = envelope.original_content or b""
        self.taken.append((list(envelope.rcpt_tos), content))
        return "250 OK"


@contextmanager
def mail_server(
    certificate: Path | None = None, *, implicit: bool = False, password: str | None = None
) -> Iterator[Mailbox]:
    """A mail server: plain, with STARTTLS where it has a certificate, or TLS from the start."""
    box = Mailbox()

    def judge(
        server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        del server, session, envelope, mechanism
        assert isinstance(data, LoginPassword)
        login = (data.login.decode(), data.password.decode())
        box.logins.append(login)
        return AuthResult(success=login[1] == password)

    tls = server_tls(certificate) if certificate else None
    options: dict[str, Any] = {"hostname": "127.0.0.1", "port": 0}
    if tls and implicit:
        options["ssl_context"] = tls
    elif tls:
        options["tls_context"] = tls
    if password is not None:
        # aiosmtpd does not count a connection that was TLS from the start as one that is safe.
        options |= {
            "auth_required": True,
            "authenticator": judge,
            "auth_require_tls": bool(tls) and not implicit,
        }
    controller = _Controller(box, **options)
    with ExitStack() as stack:
        controller.start()
        stack.callback(controller.stop)
        box.address = f"127.0.0.1:{controller.port}"
        yield box


class _Controller(Controller):
    """On a port that the system chooses."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


def everything_in(folder: Path) -> str:
    """The text of all files below a folder."""
    return "".join(
        path.read_bytes().decode("utf-8", "replace") for path in folder.rglob("*") if path.is_file()
    )


def command_lines() -> str:
    """What everybody on this machine can read of every process: its arguments."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(path.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace"))
        except OSError:
            continue
    return "\n".join(found)


def path_without(missing: str, folder: Path) -> str:
    """A PATH on which all that is installed is found, except for one program."""
    programs = folder / "programs"
    programs.mkdir()
    for place in ("/usr/bin", "/bin"):
        for program in Path(place).iterdir():
            link = programs / program.name
            if program.name != missing and not link.is_symlink():
                link.symlink_to(program)
    return str(programs)
