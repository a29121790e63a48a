"""What is downloaded is run without having been looked at.

## Why

The rollback is what somebody else publishes at that minute. A connection that breaks in the middle
runs the first half, and an error page is run as well.

## Bad

```rbplan
phase tool "Tool" {
  budget 1m
  step install "Install" {
    run `curl -fsS --max-time 20 https://get.example.com/tool.sh | bash`
    expect `tool --version`
  }
}
```

## Good

```rbplan
phase tool "Tool" {
  budget 1m
  step install "Install" {
    run ```
      curl -fsS --max-time 20 -o tool-1.4.2.sh https://get.example.com/tool-1.4.2.sh
      sha256sum -c tool-1.4.2.sha256
      bash tool-1.4.2.sh
    ```
    expect `tool --version`
  }
}
```

## How it can be fooled

A file that is downloaded and then run in two commands is not found, whether it was checked or not.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.wrappers import SHELLS
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.acting import acting, near, shown
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB885", "download-is-run", Severity.WARNING)
DESTROYS = False  # what it runs is unknown

PROGRAMS = frozenset(["curl", "wget"])
_RUNNERS = frozenset([*SHELLS, "python", "python3", "perl", "ruby", "node", "eval", "source", "."])
_NEUTRAL = frozenset(["gunzip", "zcat", "base64", "tee", "sed", "tr"])


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such download."""
    for placed in acting(context, *PROGRAMS):
        if _is_run(placed):
            yield CODE.at(
                placed.span,
                f"what {shown(placed.call.text)} brings is run as it is",
                hint="keep a copy of that version, compare its SHA-256, and run the copy",
            )


def _is_run(placed: PlacedCall) -> bool:
    call = placed.call
    behind = [name for name in call.pipe[call.stage + 1 :] if name not in _NEUTRAL]
    if behind[:1] and behind[0] in _RUNNERS:
        return not _has_program(placed, behind[0])
    if not call.substituted:
        return False
    return any(
        other.call.program in _RUNNERS
        and other.call.start <= call.start
        and call.end <= other.call.end
        and other.call is not call
        for other in near(placed)
    ) or _in_shell_text(placed)


def _has_program(placed: PlacedCall, runner: str) -> bool:
    """Whether the program of `python -c …` comes from elsewhere, and the download is its data."""
    return any(
        other.call.program == runner
        and other.call.pipe == placed.call.pipe
        and any(
            word.text in ("-c", "-e", "-m", "-ne", "-pe")
            or word.text.endswith((".py", ".pl", ".rb", ".sh"))
            for word in other.call.words[1:]
        )
        for other in near(placed)
    )


def _in_shell_text(placed: PlacedCall) -> bool:
    """Whether it is the text of a shell: `bash -c "$(curl …)"`, whose text is not known."""
    text = placed.place.shell.text
    before = text[max(0, placed.call.start - 200) : placed.call.start].rstrip().rpartition("\n")[2]
    return any(f'{name} -c "$(' in before or f"{name} -c $(" in before for name in SHELLS) or (
        before.endswith(('eval "$(', "eval $("))
    )
