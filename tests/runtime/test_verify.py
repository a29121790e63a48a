"""verify.sh, and notifications."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.runtime.metric_server import metric_server
from tests.runtime.running import Scripts, plan

Compiled = Callable[[str], Scripts]

CHECKS = plan(
    """
  service api in production
  service db in production
  metrics from http "ADDRESS/${metric}" json ".value" { errors ratio }
  phase work "Work" { budget 10s; step a "A" { for api; run `true` } }
  phase data "Data" { budget 10s; step b "B" { for db; run `true` } }
  scenario part "Part" { run work; use_when "x" }
  verification {
    check up "Is up" { for api; expect "page" `echo healthy` contains "healthy" }
    check rows "Rows" { for db; expect `cat rows` equals "5" }
    check soft "Soft" warn { expect `false` }
    check slow "Comes up" { expect `echo x >> asked; test "$(wc -l < asked)" -ge 3` within 10s every 50ms }
    metric errors < 1%
    confirm "Login works"
  }
"""
)


@pytest.mark.parametrize(
    ("rows", "errors", "arguments", "status"),
    [
        ("5", "0.005", [], 0),
        ("4", "0.005", [], 7),
        ("4", "0.005", ["--scenario", "part"], 0),
        ("5", "0.02", [], 7),
        ("5", "null", [], 7),
    ],
)
def test_all_checks_are_made(
    compiled: Compiled, rows: str, errors: str, arguments: list[str], status: int
) -> None:
    with metric_server() as server:
        server.says("/errors", f'{{"value": {errors}}}')
        scripts = compiled(CHECKS.replace("ADDRESS", server.address))
        (scripts.folder / "rows").write_text(rows)
        shown = scripts.run(*arguments, role="verify")
        found = scripts.run("--json", *arguments, role="verify")
    assert shown.returncode == found.returncode == status, shown.stdout + shown.stderr
    assert "☐ Login works" in shown.stdout
    assert "⚠ Soft" in shown.stdout
    document = json.loads(found.stdout)
    assert document["passed"] is (status == 0)
    assert document["confirm"] == ["Login works"]
    outcomes = {c["name"]: c["outcome"] for c in document["checks"]}
    assert outcomes["up"] == outcomes["slow"] == "ok"
    assert outcomes["soft"] == "warned"
    assert outcomes["rows"] == ("skipped" if arguments else "ok" if rows == "5" else "failed")
    assert outcomes["errors"] == ("ok" if errors == "0.005" else "failed")
    assert scripts.left() == ["asked", "rows"]


CHANNELS = plan(
    """
  secret TOKEN
  phase work "Work" { budget 10s; step a "A \\"quoted\\"" { run `CODE` }
    step tell "Tell them" { notify webhook severity high } }
  communications {
    channel slack "#x" using SLACK
    channel pagerduty "api" using PAGER
    channel webhook "x" using HOOK
    notify slack, pagerduty on start, failure, success
    notify webhook on phase
  }
"""
)


@pytest.mark.parametrize(("code", "status"), [("true", 0), ("false", 1)])
def test_notifications_arrive(compiled: Compiled, code: str, status: int) -> None:
    with metric_server() as server:
        for path in ("/slack", "/pager", "/hook"):
            server.says(path, "ok")
        scripts = compiled(CHANNELS.replace("CODE", code))
        result = scripts.run(
            env={
                "TOKEN": "token-1",
                "SLACK": f"{server.address}/slack",
                "PAGER": "routing-key-1",
                "HOOK": f"{server.address}/hook",
                "RBC_PAGERDUTY_URL": f"{server.address}/pager",
            }
        )
    assert result.returncode == status, result.stdout
    slack = [json.loads(body)["text"] for body in server.bodies("/slack")]
    assert len(slack) == 2
    assert all("[op-1] Demo" in text for text in slack)
    pager = [json.loads(body) for body in server.bodies("/pager")]
    assert {p["routing_key"] for p in pager} == {"routing-key-1"}
    assert {p["dedup_key"] for p in pager} == {"rollback op-1"}
    assert sorted(p["event_action"] for p in pager) == (
        ["resolve", "trigger"] if status == 0 else ["trigger", "trigger"]
    )
    hook = [json.loads(body) for body in server.bodies("/hook")]
    assert [h["event"] for h in hook] == (["high", "phase"] if status == 0 else [])
    assert "routing-key-1" not in result.stdout


def test_dead_receivers_neither_fail_nor_stop_a_run(compiled: Compiled) -> None:
    with metric_server() as server:
        server.says("/pager", "no", 500)
        scripts = compiled(CHANNELS.replace("CODE", "true"))
        result = scripts.run(
            env={
                "TOKEN": "token-1",
                "SLACK": "http://127.0.0.1:9/x",
                "PAGER": "routing-key-2",
                "RBC_PAGERDUTY_URL": f"{server.address}/pager",
            }
        )
    assert result.returncode == 0
    assert "$HOOK is not set" in result.stdout
    failed = [e["channel"] for e in scripts.events("notification") if e["outcome"] == "failed"]
    assert sorted(set(failed)) == ["pagerduty", "slack", "webhook"]


def test_a_slow_receiver_does_not_delay_the_steps(compiled: Compiled) -> None:
    with metric_server() as server:
        server.says("/slack", "ok", delay=3)
        scripts = compiled(CHANNELS.replace("CODE", "touch stepped"))
        environment = {
            "TOKEN": "token-1",
            "SLACK": f"{server.address}/slack",
            "PAGER": "routing-key-2",
            "HOOK": "http://127.0.0.1:9",
            "RBC_PAGERDUTY_URL": "http://127.0.0.1:9",
        }
        scripts.run(env=environment)
        sent = [e["seq"] for e in scripts.events("notification") if e["channel"] == "slack"]
        (stepped,) = [e["seq"] for e in scripts.events("step_outcome") if e["step"] == "a"]
    assert stepped < min(sent)


def test_a_mail_is_sent_by_smtp(compiled: Compiled) -> None:
    """A server of a few lines that speaks as much SMTP as curl needs."""
    import socketserver
    import threading

    got: list[str] = []

    class Mailbox(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 hi\r\n")
            for raw in self.rfile:
                line = raw.decode().rstrip("\r\n")
                got.append(line)
                if line == "DATA":
                    self.wfile.write(b"354 go\r\n")
                    for part in self.rfile:
                        got.append(part.decode().rstrip("\r\n"))
                        if part == b".\r\n":
                            break
                self.wfile.write(b"221 bye\r\n" if line == "QUIT" else b"250 ok\r\n")
                if line == "QUIT":
                    return

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mailbox) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        scripts = compiled(
            plan(
                """
  phase work "Work" { budget 10s; step a "A" { run `true` } }
  communications { channel email "sre@example.com" using SMTP
    notify email on success }
"""
            )
        )
        url = f"smtp://127.0.0.1:{server.server_address[1]}"
        result = scripts.run(env={"SMTP": url, "RBC_MAIL_FROM": "rollback@example.com"})
        server.shutdown()
    assert result.returncode == 0
    assert "MAIL FROM:<rollback@example.com>" in got
    assert "RCPT TO:<sre@example.com>" in got
    assert any(line.startswith("Subject: [op-1] Demo: done in") for line in got)


def test_a_webhook_without_a_secret_is_its_target(compiled: Compiled) -> None:
    with metric_server() as server:
        server.says("/hooks/rollback", "ok")
        scripts = compiled(
            plan(
                f"""
  phase work "Work" {{ budget 10s; step a "A" {{ run `true` }} }}
  communications {{
    channel webhook "{server.address}/hooks/rollback"
    notify webhook on start, success
  }}
"""
            )
        )
        result = scripts.run()
    assert result.returncode == 0
    assert "not set" not in result.stdout
    told = [json.loads(body)["event"] for body in server.bodies("/hooks/rollback")]
    assert sorted(told) == ["start", "success"]


@pytest.mark.parametrize(
    ("channel", "missing"),
    [
        ('slack "#ops"', "the URL of the incoming webhook"),
        ('pagerduty "api"', "the routing key"),
        ('email "sre@example.com"', "the URL of the mail server"),
        ('webhook "x"', "`x` is no http(s) URL"),
    ],
)
def test_a_channel_that_cannot_be_reached_says_what_is_missing(
    compiled: Compiled, channel: str, missing: str
) -> None:
    scripts = compiled(
        plan(
            f"""
  phase work "Work" {{ budget 10s; step a "A" {{ run `true` }} }}
  communications {{ channel {channel}
    notify {channel.split(maxsplit=1)[0]} on success }}
"""
        )
    )
    result = scripts.run()
    assert result.returncode == 0
    assert missing in result.stdout
    assert "using NAME" in result.stdout
    assert "$ is not set" not in result.stdout
    (failed,) = scripts.events("notification")
    assert missing in failed["error"]
