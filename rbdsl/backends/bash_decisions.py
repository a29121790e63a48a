"""What people do or decide in a phase, as headings and declarations of a script."""

from __future__ import annotations

from rbdsl.backends.bash_words import Call, duration, spoken
from rbdsl.backends.quoting import comment_text, sh
from rbdsl.model.plan import Phase
from rbdsl.model.steps import Gate, Manual


def decision_lines(phase: Phase) -> list[str]:
    """What a person does or decides in a phase, with what the plan says of it."""
    lines = []
    for item in phase.items:
        if isinstance(item, Gate | Manual):
            who = ", ".join(a.plain for a in item.approvers) if isinstance(item, Gate) else item.by
            kind = "Gate" if isinstance(item, Gate) else "By hand"
            lines.append(f"{kind}: {item.title.plain}{f' ({who})' if who else ''}")
            lines += item.note.plain.strip().split("\n") if item.note else ()
    return [comment_text(line) for line in lines]


def decision(item: Gate | Manual) -> Call:
    """The declaration of a gate or manual step."""
    call = Call(
        "gate" if isinstance(item, Gate) else "manual", item.name.text, sh(item.title.plain)
    )
    call.put("timeout", duration(item.timeout))
    if isinstance(item, Gate):
        call.put("approvers", ", ".join(a.plain for a in item.approvers))
        call.flag("continue", item.continue_otherwise)
    else:
        call.put("approvers", item.by.plain if item.by else None)
    if item.timeout:
        end = "goes on" if isinstance(item, Gate) and item.continue_otherwise else "ends as denied"
        call.put("otherwise", f"without an answer in {spoken(item.timeout.ms)} the run {end}")
    call.put("note", item.note.plain.strip() if item.note else None)
    return call
