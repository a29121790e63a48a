"""Notifications arrive as the services document them, in order, once, and never cost a run anything."""

from __future__ import annotations

import contextlib
import html
import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.runtime.running import Scripts, is_running, plan, wait_for
from tests.systems.receivers import (
    HttpReceiver,
    command_lines,
    everything_in,
    http_receiver,
    mail_server,
    make_certificate,
    path_without,
)

pytestmark = [
    pytest.mark.needs("curl"),
    # aiosmtpd takes a connection that was TLS from the start for one in the clear.
    pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS"),
]

Compiled = Callable[[str], Scripts]
EVENTS = "start, phase, failure, gate, sla_breach, success"
CHANNELS = f"""
  communications {{
    channel slack "#x" using SLACK
    channel pagerduty "api" using PAGER
    channel webhook "x" using HOOK
    channel email "sre@example.com" using SMTP
    notify slack, pagerduty, webhook, email on {EVENTS}
    notify slack, pagerduty, webhook, email on failure, success
  }}
"""
ONE = '  phase work "Work" { budget 10s; step a "A" { run `CODE` } }\n'


def told(code: str = "true", channels: str = CHANNELS) -> str:
    """A plan of one phase, and who is told of it."""
    return plan(ONE.replace("CODE", code) + channels)


def only(channel: str, target: str = "x", events: str = EVENTS) -> str:
    """The one channel of a plan, with the secret HOOK."""
    return f'communications {{ channel {channel} "{target}" using HOOK\n notify {channel} on {events} }}\n'


def everybody(http: HttpReceiver, mail: str = "smtp://127.0.0.1:9") -> dict[str, str]:
    """The secrets of all channels."""
    return {
        "SLACK": f"{http.address}/slack",
        "PAGER": "routing-key-1",
        "HOOK": f"{http.address}/hook",
        "SMTP": mail,
        "RBC_PAGERDUTY_URL": f"{http.address}/pager",
        "RBC_MAIL_FROM": "rollback@example.com",
    }


def test_each_event_arrives_once_and_in_order_at_each_kind_of_receiver(compiled: Compiled) -> None:
    """The first messages are held back until the run is far ahead of them."""
    scripts = compiled(
        plan(
            """
  phase one "One" { budget 10s
    step a "A" { run `until grep -q sla_breach "$RBC_RUN_DIR/journal.jsonl"; do sleep 0.1; done` } }
  phase two "Two" { after one; budget 10s
    gate ok "Go on?" { approvers "dba"; timeout 100ms; otherwise continue }
    step b "B" { run `touch far` } }
"""
            + CHANNELS
        )
    )
    script = scripts.folder / "rollback.sh"
    script.write_text(script.read_text().replace("sla=1800", "sla=1"))
    with http_receiver() as http, mail_server() as mail:
        http.until = dict.fromkeys(["/slack", "/pager", "/hook"], scripts.folder / "far")
        result = scripts.run(env=everybody(http, f"smtp://{mail.address}"))
        mails = mail.mails()
    assert result.returncode == 8, result.stdout
    assert "was not told" not in result.stdout
    happened = ["begun", "SLA of 1s", "One: done", "waits for a person", "Two: done", "done in"]
    slack = [json.loads(body)["text"] for body in http.bodies("/slack")]
    pager = [json.loads(body)["payload"]["summary"] for body in http.bodies("/pager")]
    hook = [json.loads(body)["text"] for body in http.bodies("/hook")]
    for texts in (slack, pager, hook, [str(m["Subject"]) for m in mails]):
        assert len(texts) == len(happened)
        for text, word in zip(texts, happened, strict=True):
            assert word in text
    assert [json.loads(body)["event"] for body in http.bodies("/hook")] == [
        *("start", "sla_breach", "phase", "gate", "phase", "success")
    ]
    sent = [e["channel"] for e in scripts.events("notification") if e["outcome"] == "sent"]
    assert sorted(set(sent)) == ["email", "pagerduty", "slack", "webhook"]
    assert len(sent) == 4 * len(happened)


def test_a_message_says_what_somebody_has_to_know_at_night(compiled: Compiled) -> None:
    """What happened, why, how far it is, how late, where, and a command that shows the rest."""
    body = """
  phase one "One" { budget 10s; step a "A" { run `true` } }
  phase two "Phase 2" { after one; budget 10s; step b "Restore it" { run `echo "no backup" >&2; exit 3` } }
"""
    scripts = compiled(plan(body + only("slack", events="failure")))
    with http_receiver() as http:
        assert scripts.run(env={"HOOK": f"{http.address}/slack"}).returncode == 1
        (text,) = (json.loads(body)["text"] for body in http.bodies("/slack"))
    first, why, phases, time, run, look = text.split("\n")
    assert first == "[op-1] Demo: failed (exit status 1)"
    assert why == "why: Phase 2, Restore it: exit status 3: no backup"
    assert phases == "phases: 1 of 2 done, two failed"
    assert re.fullmatch(r"time: \d+s \(SLA 30m\)", time)
    assert run == f"run: {scripts.run_folder.name} on {os.uname().nodename}, scenario full"
    shown = subprocess.run(
        ["bash", "-c", html.unescape(look.removeprefix("look: "))],
        cwd="/",
        text=True,
        capture_output=True,
        check=True,
    )
    assert "ended: failure" in shown.stdout


HOSTILE = '"a\\" \\\\ <!channel> & ü𝛼 $(x) `y`\\nBcc: all@example.com"'


def hostile(channels: str) -> str:
    """A plan with a title that tries everything."""
    return told(channels=channels).replace('"Demo"', HOSTILE)


def test_slack_gets_text_that_can_call_nobody(compiled: Compiled) -> None:
    with http_receiver() as http:
        compiled(hostile(only("slack"))).run(env={"HOOK": f"{http.address}/slack"})
    assert http.headers[0]["Content-Type"] == "application/json"
    message = json.loads(http.bodies("/slack")[0])
    assert list(message) == ["text"]
    assert 'a" \\ &lt;!channel&gt; &amp; ü𝛼 $(x) `y` Bcc: all@example.com: the' in message["text"]


def test_pagerduty_gets_what_its_events_api_documents(compiled: Compiled) -> None:
    steps = "".join(
        f'step {s} "Step {s}" {{ notify pagerduty severity {s} }}\n'
        for s in ("low", "medium", "high", "critical")
    )
    text = plan(f'phase work "Work" {{ budget 9s\n{steps} }}\n' + only("pagerduty", events="start"))
    with http_receiver() as http:
        scripts = compiled(text.replace('"Demo"', '"' + "ü𝛼 long " * 200 + '"'))
        scripts.run(env={"HOOK": 'key"1', "RBC_PAGERDUTY_URL": f"{http.address}/pager"})
    events: list[dict[str, Any]] = [json.loads(body) for body in http.bodies("/pager")]
    assert len({e["dedup_key"] for e in events}) == 1
    assert 0 < len(events[0]["dedup_key"]) <= 255
    assert {e["routing_key"] for e in events} == {'key"1'}
    for event in events:
        assert 0 < len(event["payload"]["summary"]) <= 1024
        assert event["payload"]["source"]
    assert events[0]["payload"]["summary"].startswith("[op-1] ü𝛼 long ü𝛼 long")
    assert [(e["event_action"], e["payload"]["severity"]) for e in events] == [
        ("trigger", "warning"),
        ("trigger", "info"),
        ("trigger", "warning"),
        ("trigger", "error"),
        ("trigger", "critical"),
        ("resolve", "info"),
    ]


def test_an_incident_stays_open_until_a_resumed_run_succeeds(compiled: Compiled) -> None:
    """Also where the plan tells PagerDuty of no success."""
    with http_receiver() as http:
        scripts = compiled(told("test -e mended", only("pagerduty", events="start, failure")))
        environment = {"HOOK": "routing-key", "RBC_PAGERDUTY_URL": f"{http.address}/pager"}
        assert scripts.run(env=environment).returncode == 1
        failed = [json.loads(body) for body in http.bodies("/pager")]
        (scripts.folder / "mended").touch()
        assert scripts.run("--resume", env=environment).returncode == 0
    events = [json.loads(body) for body in http.bodies("/pager")]
    assert [e["event_action"] for e in failed] == ["trigger", "trigger"]
    assert [e["event_action"] for e in events[2:]] == ["trigger", "resolve"]
    assert len({e["dedup_key"] for e in events}) == 1
    assert "resumed" in events[2]["payload"]["summary"]


def test_a_killed_run_continues_its_incident_and_repeats_nothing(compiled: Compiled) -> None:
    body = """
  phase one "One" { budget 10s; step a "A" { run `true` } }
  phase two "Two" { after one; budget 60s; step b "B" { rerunnable; run `test -e again || { echo $$ >here; exec sleep 50; }` } }
"""
    with http_receiver() as http:
        scripts = compiled(plan(body + only("pagerduty", events="start, phase, success")))
        environment = {"HOOK": "routing-key", "RBC_PAGERDUTY_URL": f"{http.address}/pager"}
        with scripts.started(env=environment) as run:
            wait_for(scripts.folder / "here")
            os.killpg(run.pid, signal.SIGKILL)
            run.wait(timeout=20)
        pid = (scripts.folder / "here").read_text()
        for group in scripts.folder.glob(".rbc/locks/*/alive/group.*"):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(int(group.suffix[1:]), signal.SIGKILL)
            while is_running(group.suffix[1:]) or is_running(pid):
                time.sleep(0.05)
        (scripts.folder / "again").touch()
        result = scripts.run("--resume", env=environment)
        assert result.returncode == 0, result.stdout
    events = [json.loads(body) for body in http.bodies("/pager")]
    assert len({e["dedup_key"] for e in events}) == 1
    assert sum("One: done" in e["payload"]["summary"] for e in events) <= 1
    assert events[-1]["event_action"] == "resolve"


def test_a_mail_is_one_that_a_strict_reader_accepts(compiled: Compiled) -> None:
    target = "sre@example.com, boss@example.com"
    with mail_server() as mail:
        scripts = compiled(hostile(only("email", target, "start, success")))
        environment = {"HOOK": f"smtp://{mail.address}", "RBC_MAIL_FROM": "rollback@example.com"}
        result = scripts.run(env=environment)
        taken, mails = mail.taken, mail.mails()
    assert "was not told" not in result.stdout
    assert [to for to, _ in taken] == [["sre@example.com"], ["boss@example.com"]] * 2
    first = mails[0]
    assert first["From"].addresses[0].addr_spec == "rollback@example.com"
    assert [a.addr_spec for a in first["To"].addresses] == target.split(", ")
    assert first["Subject"] == (
        '[op-1] a" \\ <!channel> & ü𝛼 $(x) `y` Bcc: all@example.com: the rollback has begun'
    )
    assert first["Bcc"] is None
    assert first["Date"].datetime.tzinfo is not None
    assert re.fullmatch(r"<[^\s<>@]+@[^\s<>@]+>", first["Message-ID"])
    assert mails[0]["Message-ID"] != mails[2]["Message-ID"]
    assert first.get_content_type() == "text/plain"
    assert "ü𝛼" in first.get_content()
    assert "phases: 0 of 1 done" in first.get_content()
    raw = taken[0][1]
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 78
    assert b"\n" not in raw.replace(b"\r\n", b"")


def test_one_recipient_who_has_left_does_not_keep_a_mail_from_the_others(
    compiled: Compiled,
) -> None:
    with mail_server() as mail:
        mail.unknown.add("gone@example.com")
        scripts = compiled(
            told(channels=only("email", "gone@example.com,sre@example.com", "start"))
        )
        result = scripts.run(env={"HOOK": f"smtp://{mail.address}"})
    assert result.returncode == 0
    assert [to for to, _ in mail.taken] == [["sre@example.com"]]
    assert re.search(
        r"email was not told of `start`: gone@example.com: .*status 550", result.stdout
    )


@pytest.mark.needs("openssl")
@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_mail_server_that_wants_a_password_gets_it_by_tls(
    compiled: Compiled, tmp_path: Path, scheme: str
) -> None:
    certificate = make_certificate(tmp_path)
    with mail_server(certificate, implicit=scheme == "smtps", password="pa ss") as mail:  # noqa: S106
        scripts = compiled(told(channels=only("email", "sre@example.com", "start")))
        url = f"{scheme}://rollback:pa%20ss@{mail.address}"
        result = scripts.run(env={"HOOK": url, "CURL_CA_BUNDLE": str(certificate)})
    assert "was not told" not in result.stdout
    assert len(mail.taken) == 1
    assert mail.logins[-1] == ("rollback", "pa ss")


def test_a_password_is_not_sent_in_the_clear(compiled: Compiled) -> None:
    with mail_server(password="hunter22") as mail:  # noqa: S106
        scripts = compiled(told(channels=only("email", "sre@example.com", "start")))
        result = scripts.run(env={"HOOK": f"smtp://rollback:hunter22@{mail.address}"})
    assert result.returncode == 0
    assert "a password is sent by TLS only" in result.stdout
    assert mail.logins == []


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        ("refuse", "nobody listens at its address"),
        ("500", "it answers, status 500"),
        ("302", "it answers, status 302"),
        ("close", "it broke off the connection"),
        ("hang", "no answer within 2s"),
        ("https", "its certificate or TLS is not to be trusted"),
        ("no host", "its host is not known"),
        ("not a URL", "$HOOK is not an http(s) URL"),
    ],
)
@pytest.mark.needs("openssl")
def test_a_receiver_in_trouble_is_reported_and_costs_nothing(
    compiled: Compiled, tmp_path: Path, trouble: str, said: str
) -> None:
    certificate = make_certificate(tmp_path) if trouble == "https" else None
    with http_receiver(certificate) as http, http_receiver() as good:
        url = f"{http.address}/secret-path"
        url = {
            "refuse": "http://127.0.0.1:9/secret-path",
            "no host": "https://nowhere.invalid/secret-path",
            "not a URL": "file:///secret-path",
        }.get(trouble, url)
        http.answers["/secret-path"] = int(trouble) if trouble.isdigit() else trouble
        scripts = compiled(told())
        environment = everybody(good) | {"HOOK": url}
        if trouble == "hang":
            environment["RBC_MESSAGE_TIMEOUT"] = "2"
        result = scripts.run(env=environment)
    assert result.returncode == 0
    assert f"webhook was not told of `success`: {said}" in result.stdout
    failed = [e for e in scripts.events("notification") if e["channel"] == "webhook"]
    assert [(e["about"], e["outcome"], e["error"]) for e in failed][-1] == (
        "success",
        "failed",
        said,
    )
    assert http.bodies("/elsewhere") == []
    if trouble != "hang":
        slack = [e for e in scripts.events("notification") if e["channel"] == "slack"]
        assert [(e["about"], e["outcome"], e.get("error")) for e in slack] == [
            (about, "sent", None) for about in ("start", "phase", "success")
        ]
        assert len(good.bodies("/slack")) == 3
    assert "secret-path" not in result.stdout + result.stderr + everything_in(scripts.run_folder)


def test_without_curl_a_run_says_so_and_goes_on(compiled: Compiled, tmp_path: Path) -> None:
    scripts = compiled(told(channels=only("slack")))
    result = scripts.run(
        env={"HOOK": "https://example.com/x", "PATH": path_without("curl", tmp_path)}
    )
    assert result.returncode == 0
    assert "curl is not here: slack will not be told of anything" in result.stdout
    assert [e["error"] for e in scripts.events("notification")] == ["curl is not here"] * 3


@pytest.mark.parametrize("stop", [False, True])
def test_receivers_that_hang_hold_up_neither_steps_nor_the_end(
    compiled: Compiled, stop: bool
) -> None:
    """None of them ever answers, and all of them are asked at the same time."""
    before = "".join(
        f'phase p{n} "P" {{ budget 9s; step s "S" {{ run `true` }} }}\n' for n in range(6)
    )
    scripts = compiled(
        plan(
            before
            + ONE.replace("CODE", "touch stepped; test ! -e wait || sleep 50").replace(
                "budget", "after p0, p1, p2, p3, p4, p5; budget"
            )
            + CHANNELS
        )
    )
    with http_receiver() as http:
        http.answers = dict.fromkeys(["/slack", "/pager", "/hook"], "hang")
        environment = everybody(http) | {"RBC_MESSAGE_TIMEOUT": "2"}
        if stop:
            (scripts.folder / "wait").touch()
        with scripts.started(env=environment) as run:
            wait_for(scripts.folder / "stepped")
            for _ in range(3):
                assert http.held.acquire(timeout=30)
            if stop:
                run.terminate()
            run.wait(timeout=50)
            assert str(scripts.folder) not in command_lines(), "a message outlives its run"
            out, _ = run.communicate(timeout=50)
        assert not http.release.is_set()
    assert run.returncode == (143 if stop else 0)
    last = "failure" if stop else "success"
    for channel in ("slack", "pagerduty", "webhook"):
        assert f"{channel} was not told of `{last}`: no answer within 2s" in out
    assert not (scripts.run_folder / "tmp").exists()


def test_secrets_are_in_no_command_line_log_journal_or_report(compiled: Compiled) -> None:
    """The receivers hold the messages while all command lines of the machine are read."""
    scripts = compiled(told("until test -e looked; do sleep 0.1; done"))
    with http_receiver() as http, mail_server() as mail:
        http.answers = dict.fromkeys(["/slack-s3cret", "/pager", "/hook-s3cret"], "hang")
        environment = everybody(http) | {
            "SLACK": f"{http.address}/slack-s3cret",
            "HOOK": f"{http.address}/hook-s3cret",
            "PAGER": "routing-s3cret",
            "SMTP": f"smtp://user:mail-s3cret@{mail.address}",
            "RBC_MESSAGE_TIMEOUT": "3",
        }
        with scripts.started(env=environment) as run:
            for _ in range(3):
                assert http.held.acquire(timeout=30)
            seen = command_lines()
            (scripts.folder / "looked").touch()
            out, _ = run.communicate(timeout=50)
    assert " curl " in seen or "curl -s" in seen
    assert "s3cret" not in seen
    assert "s3cret" not in out + everything_in(scripts.run_folder)
    assert out.count("was not told") >= 4


def test_a_dry_run_tells_nobody_and_a_rehearsal_says_what_it_is(compiled: Compiled) -> None:
    with http_receiver() as http, mail_server() as mail:
        scripts = compiled(told())
        environment = everybody(http, f"smtp://{mail.address}")
        assert scripts.run("--dry-run", env=environment).returncode == 0
        assert not http.got
        assert not mail.taken
        assert scripts.run("--rehearsal", "staging", env=environment).returncode == 0
        mails = mail.mails()
    start = "REHEARSAL in staging: [op-1] Demo: the rollback has begun"
    assert json.loads(http.bodies("/slack")[0])["text"].startswith(start)
    assert json.loads(http.bodies("/hook")[0])["text"] == start
    pager = json.loads(http.bodies("/pager")[0])
    assert pager["payload"]["summary"] == start
    assert pager["dedup_key"] != "rollback/op-1"
    assert mails[0]["Subject"] == start


def test_a_hook_that_fails_or_hangs_is_reported_and_leaves_nothing(compiled: Compiled) -> None:
    hooks = "hook start `exit 3`\n hook success `echo $$ >pid; touch begun; sleep 300`\n"
    scripts = compiled(told(channels=hooks))
    result = scripts.run(env={"RBC_MESSAGE_TIMEOUT": "1"})
    assert result.returncode == 0
    assert "the hook on `start` failed: exit status 3" in result.stdout
    assert "the hook on `success` failed: exit status 143" in result.stdout
    assert not is_running((scripts.folder / "pid").read_text())
    assert [e["event_name"] for e in scripts.events("hook")] == ["start", "success"]


def test_a_webhook_without_a_secret_is_its_target(compiled: Compiled) -> None:
    with http_receiver() as http:
        channel = f'channel webhook "{http.address}/hooks/rollback"'
        scripts = compiled(
            told(channels=f"communications {{ {channel}\nnotify webhook on success }}\n")
        )
        result = scripts.run()
    assert "not told" not in result.stdout
    assert len(http.bodies("/hooks/rollback")) == 1


@pytest.mark.parametrize(
    ("channel", "missing"),
    [
        ('slack "#ops"', "the URL of an incoming webhook"),
        ('pagerduty "api"', "a routing key"),
        ('email "sre@example.com"', "the URL of a mail server"),
        ('webhook "x"', "`x` is no http(s) URL"),
    ],
)
def test_a_channel_that_cannot_be_reached_is_named_before_the_run(
    compiled: Compiled, channel: str, missing: str
) -> None:
    name = channel.split(maxsplit=1)[0]
    scripts = compiled(
        told(channels=f"communications {{ channel {channel}\nnotify {name} on failure }}\n")
    )
    first = scripts.run().stdout.splitlines()[0]
    assert missing in first
    assert f"(using NAME): {name} will not be told of anything" in first
