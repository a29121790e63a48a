"""The failure of a change is taken for success: `|| true`, `|| echo failed`, `exit 0` in a trap.

## Why

The step is done, the run goes on, and the report says that all went well. What did not happen is
found out by the customers: a rollback that did not roll back.

## Bad

```rbplan
phase back "Back" {
  budget 2m
  step image "Image" {
    run `kubectl -n shop set image deployment/shop shop=shop:3.1.4 || echo "could not set it"`
    expect `kubectl -n shop rollout status deployment/shop --timeout=60s`
  }
}
```

## Good

```rbplan
phase back "Back" {
  budget 2m
  step image "Image" {
    run ```
      kubectl -n shop set image deployment/shop shop=shop:3.1.4 || {
        echo "could not set it" >&2
        exit 1
      }
    ```
    expect `kubectl -n shop rollout status deployment/shop --timeout=60s`
  }
}
```

A step whose failure really does not matter says so: `on_failure continue`. Then the failure is in
the journal. In such a step `|| true` only lets the rest of it be tried, and is left alone.

## How it can be fooled

Sure for commands that are known to change something; of scripts of your own those count whose name
says so (`restore.sh`, `bin/roll-back`). Clearing away what may not be there (`rm`,
`docker rm`, `kill`), or what the same text has made itself or makes anew behind it, is left alone:
`createdb` fails where `dropdb … || true` before it did nothing. So is what ends something, where
the note that is written instead says that it had ended (`|| echo "it has stopped already"`), and
what a function of your own does about a failure, unless its name says that it only prints. `kubectl
rollout resume` and `pause` fail where there is nothing to do: they are left alone where more of
`kubectl` follows.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.calls import Call
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.patterns import lazy_pattern
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall, Role
from rbdsl.rules.silence.answers import is_shrug
from rbdsl.rules.silence.best_effort import gives_reason, next_tells, was_so_already
from rbdsl.rules.silence.changes import act, changes
from rbdsl.rules.silence.own_makings import clears_own

CODE = Code("RB839", "failure-swallowed", Severity.WARNING)

_NAME = lazy_pattern(
    r"(?:\A|[-_.])(?:restore|roll[-_]?back|revert|undo|downgrade|deploy|redeploy|migrate|import"
    r"|restart|reload|activate|failover|install|switch|sync)(?:[-_.]|\Z)"
)
_OTHER_NAME = lazy_pattern(
    r"notify|announce|tell|report|mail|slack|log|check|verify|test|wait|status|stop|list|show|lock"
)
_SIGNALS = frozenset(["EXIT", "ERR", "0"])
_SUCCESS = lazy_pattern(r"(?:^|[;\s])(?:exit|return) 0\s*\Z")


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each change whose failure nobody learns of."""
    for placed in context.calls:
        call = placed.call
        if not placed.place.role.acts or placed.place.role is Role.HOOK:
            continue
        if call.program == "trap":
            if _traps(placed):
                yield CODE.at(
                    placed.span,
                    "every failure becomes a success: the trap ends the text with 0",
                    hint="leave `exit 0` out of it; a trap keeps the status by itself",
                )
        elif is_shrug(call.otherwise) and _acts(call) and not _is_meant(placed):
            yield _report(placed)


def _acts(call: Call) -> bool:
    """Whether a call changes something, by what is known of it or by the name of the script."""
    if changes(call):
        return True
    is_script = "/" in call.words[0].text or call.program.endswith((".sh", ".py", ".ps1", ".pl"))
    name = call.program
    return is_script and bool(_NAME.search(name)) and not _OTHER_NAME.search(name)


def _is_meant(placed: PlacedCall) -> bool:
    """Whether a failure does not matter: the step says so, or it clears away what is its own.

    Or the next command tells, or what is said instead gives the reason.
    """
    step = placed.place.step
    if step is not None and step.continue_on_failure:
        return True
    if clears_own(placed) or next_tells(placed) or gives_reason(placed):
        return True
    return was_so_already(placed)


def _traps(placed: PlacedCall) -> bool:
    words = [word.text for word in placed.call.words[1:]]
    return len(words) > 1 and not _SIGNALS.isdisjoint(words[1:]) and bool(_SUCCESS.search(words[0]))


def _report(placed: PlacedCall) -> Diagnostic:
    otherwise = placed.call.otherwise
    does = f"`{_shown(otherwise)}` runs instead, and the step goes on"
    hint = "leave it out: a step ends at its first failure; or end it with `exit 1`"
    if placed.call.program == "robocopy":
        hint = "0 to 7 are its degrees of success: `rc=0; … || rc=$?; ((rc < 8))`"
    return CODE.at(
        placed.span,
        f"a failure of `{act(placed)}` passes for success: {does}",
        hint=hint,
    )


def _shown(words: tuple[str, ...]) -> str:
    """The command that runs instead, without what it says."""
    return " ".join(words) if len(words) < 2 or words[0] in ("exit", "return") else f"{words[0]} …"
