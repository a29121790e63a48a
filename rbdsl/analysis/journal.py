"""The journal of a run of `rollback.sh`: whether it is as it was written, and what it says.

Each line carries the SHA-256 of the line before it. So a line that was changed, taken out or put
in is found, but for the last one, which nothing follows: that is compared with the lines before.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from rbdsl.record import dataclass

_FIRST = "0" * 64
_TEXTS = ("event", "time", "outcome", "unit", "rehearsal", "scenario", "plan_sha256", "run")
_CONSTANT = ("run", "plan_sha256")


@dataclass(frozen=True, slots=True)
class Run:
    """One run. `rehearsal` is the environment, empty for one in earnest.

    `outcome` is None where the run has not ended. `head` is the SHA-256 of the last line, which
    vouches for all lines. Times are as written, RFC 3339 in UTC.
    """

    run: str
    plan: str
    plan_sha256: str
    rehearsal: str
    scenario: str
    region: str
    part: str
    mode: str
    started: str
    ended: str | None
    outcome: str | None
    verified: bool
    clock_seconds: int | None
    user: str
    host: str
    compiler: str
    lines: int
    head: str


@dataclass(frozen=True, slots=True)
class BadJournal:
    """Why a journal is no evidence for anything: the line (from 1), and the fact."""

    line: int
    message: str


@dataclass(frozen=True, slots=True)
class FoundRun:
    """A journal by its path, with what it says; `script` is the text of the script that was run,
    empty where the run has kept none. `run` is None for a journal that is not of a rollback, and
    where none was `begun`.
    """

    path: str
    run: Run | BadJournal | None
    script: str = ""
    begun: bool = True


def read_journal(data: bytes, *, reported: bool = False) -> Run | BadJournal | None:
    """The run of a journal; None for one that is not that of a rollback.

    A last line without an end is what a crash leaves, and is left out; behind the end of the run
    nothing crashes any more. `reported` says that the run has written its report, which it does at
    its end.
    """
    *lines, torn = data.split(b"\n")
    events: list[dict[str, Any]] = []
    before = _FIRST
    for number, line in enumerate(lines, 1):
        event = _event(line, number)
        if isinstance(event, BadJournal):
            return event
        if event.get("prev") != before or not line.endswith(f'"prev":"{before}"}}'.encode()):
            if number == 1:
                return BadJournal(1, "it does not begin here: a line before it is missing")
            return BadJournal(
                number - 1, f"this line was changed: line {number} has the hash of another one"
            )
        if events and any(event.get(key) != events[0].get(key) for key in _CONSTANT):
            return BadJournal(number, "this line is of another run or plan")
        before = sha256(line + b"\n").hexdigest()
        events.append(event)
    if not events:
        return BadJournal(1, "it holds no line: a run writes the first one before it does anything")
    if events[0].get("event") != "run_start":
        return None
    if reported and not any(event.get("event") == "run_end" for event in events):
        return BadJournal(len(events) + 1, "the run has written its report, and its end is missing")
    return _contradiction(events, torn) or _run(events, before)


def _event(line: bytes, number: int) -> dict[str, Any] | BadJournal:
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return BadJournal(number, "this is no JSON")
    if not isinstance(event, dict):
        return BadJournal(number, "this is no JSON object")
    for key in _TEXTS:
        if not isinstance(event.get(key, ""), str):
            return BadJournal(number, f"`{key}` is no text")
    if event.get("seq") != number or isinstance(event.get("seq"), bool):
        stated = f"has number {event['seq']!r}" if "seq" in event else "has no number"
        return BadJournal(number, f"this line {stated}, and should have {number}")
    return event


def _contradiction(events: list[dict[str, Any]], torn: bytes) -> BadJournal | None:
    """What the end says and the lines before it do not, and what stands half behind it."""
    number, end = _end(events)
    if end is None:
        return None
    if torn:
        return BadJournal(
            len(events) + 1, "the run has ended, and something was written behind it by halves"
        )
    if not isinstance(end.get("clock_seconds"), int):
        return BadJournal(number, "`clock_seconds` is no number")
    good = end.get("outcome") in {"success", "sla_breach"}
    if good != (end.get("status") in {0, 8}):
        return BadJournal(
            number, f"outcome `{end.get('outcome')}` does not go with status {end.get('status')}"
        )
    phases, proven = _account(events[: number - 1])
    undone = [unit for unit, outcome in phases.items() if outcome != "done"]
    if good and (undone or not phases):
        what = f"phase `{undone[0]}` was not done" if undone else "no phase was run"
        return BadJournal(number, f"the end says `{end.get('outcome')}`, and {what}")
    if end.get("verified") is True and not proven:
        return BadJournal(number, "the end says that it is verified, and no verification passed")
    return None


def _account(events: list[dict[str, Any]]) -> tuple[dict[str, str], bool]:
    """The last word on each phase, and whether the last verification passed."""
    phases: dict[str, str] = {}
    proven = False
    for event in events:
        unit = event.get("unit", "")
        if event.get("event") == "phase_start":
            phases[unit] = "begun"
        elif event.get("event") == "phase_end":
            phases[unit] = event.get("outcome", "")
        elif event.get("event") == "verification":
            proven = event.get("outcome") == "passed"
    return phases, proven


def _end(events: list[dict[str, Any]]) -> tuple[int, dict[str, Any] | None]:
    """The line of the end and its event; None where the run was taken up again since, or died."""
    found: tuple[int, dict[str, Any] | None] = (0, None)
    for number, event in enumerate(events, 1):
        if event.get("event") == "run_end":
            found = (number, event)
        elif event.get("event") == "run_resume":
            found = (0, None)
    return found


def _run(events: list[dict[str, Any]], head: str) -> Run:
    start = events[0]
    _, end = _end(events)
    part = [f"{key} {start[key]}" for key in ("from", "only") if start.get(key)]
    return Run(
        run=str(start.get("run", "")),
        plan=str(start.get("plan", "")),
        plan_sha256=str(start.get("plan_sha256", "")),
        rehearsal=str(start.get("rehearsal", "")),
        scenario=str(start.get("scenario", "")),
        region=str(start.get("region", "")),
        part=", ".join(part),
        mode=str(start.get("mode", "")),
        started=str(start.get("time", "")),
        ended=str(end.get("time", "")) if end else None,
        outcome=str(end.get("outcome", "")) if end else None,
        verified=bool(end and end.get("verified") is True),
        clock_seconds=end["clock_seconds"] if end else None,
        user=str(start.get("user", "")),
        host=str(start.get("host", "")),
        compiler=str(start.get("compiler", "")),
        lines=len(events),
        head=head,
    )
