"""Which phases of a plan may stop those who write, or the traffic.

Taken widely, by the words of steps and commands: a rule that asks for it must rather keep silent
than be wrong.
"""

from __future__ import annotations

from functools import lru_cache

from rbdsl.model.plan import Phase, Plan
from rbdsl.patterns import lazy_pattern

_QUIET = lazy_pattern(
    r"(?i)read[-_ ]?only|maintenance|drain|quiesc|suspend|freez|pause|terminate|revoke|lock|stop"
    r"|\bhalt|shut|block|reject|deny|fence|disable|isolate|detach|deregister|switch|route|routing"
    r"|traffic|standby|offline|allow_connections|connection limit|desired-count[ =]0|replicas[ =]0"
    r"|(?:artisan|compose|scale) down|cut[-_ ]?(?:off|over)|evacuat|unpublish"
)


@lru_cache(maxsize=1024)  # asked of the same step for each command behind it
def says_quiet(text: str) -> bool:
    """Whether a text has a word for stopping writers or traffic."""
    return _QUIET.search(text) is not None


def quieting_phases(plan: Plan) -> tuple[Phase, ...]:
    """The phases that have such a word anywhere, the shell of their modules included."""
    return tuple(phase for phase in plan.phases if says_quiet(_words(phase)))


def _words(phase: Phase) -> str:
    shells = (shell.text for step in phase.all_steps for shell in step.shells)
    titles = (f"{step.name} {step.title}" for step in phase.all_steps)
    return "\n".join((phase.span.text, *titles, *shells))
