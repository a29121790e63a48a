"""Matchers that judge nothing: `matches ".*"`, `echo ok` of which "ok" is asked, every status.

In: an expectation. Out: why its matcher holds whatever is answered, for a message; None where an
answer can be wrong. All that is left of such an expectation is its exit status.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from rbdsl.analysis.calls import calls
from rbdsl.analysis.counting import COUNTS, prints_a_count
from rbdsl.analysis.http_answers import NO_ANSWER, PAGES, STATUSES, printed, tells_status_only
from rbdsl.analysis.matching import ANSWERS, holds, takes_anything
from rbdsl.analysis.own_texts import own_ending, own_text

if TYPE_CHECKING:
    from rbdsl.analysis.calls import Call
    from rbdsl.model.steps import Expectation, Matcher


def is_judged(expectation: Expectation) -> bool:
    """Whether what is printed is compared with something that can be otherwise."""
    return expectation.matcher is not None and judges_nothing(expectation) is None


def judges_nothing(expectation: Expectation) -> str | None:
    """Why the matcher holds for every answer."""
    matcher = expectation.matcher
    return None if matcher is None else _why(matcher, expectation.shell.text)


@lru_cache(maxsize=256)  # asked for each command of a text
def _why(matcher: Matcher, text: str) -> str | None:
    """Why a matcher holds for all that a text may answer."""
    if takes_anything(matcher):
        return f"{named(matcher)} holds for every answer, also for none"
    if matcher.value.references:
        return None
    said = own_text(text)
    if said is not None:
        return "what is asked for is its own text" if holds(matcher, said) else None
    said = own_ending(text)
    if said is not None and all(holds(matcher, f"{answer}\n{said}") for answer in ANSWERS):
        return f"`{said.strip()}`, which is asked for, stands in the text itself"
    if all(holds(matcher, count) for count in COUNTS) and prints_a_count(calls(text)):
        return f"{named(matcher)} holds for every count, 0 too"
    if _takes_every_status(matcher, text):
        return f"{named(matcher)} holds for every status, {NO_ANSWER} and 500, too"
    return None


def named(matcher: Matcher) -> str:
    """A matcher as it is written, cut short: `matches ".*"`."""
    value = matcher.value.plain
    return f'`{matcher.kind.value} "{value if len(value) <= 40 else value[:39] + "…"}"`'


def takes_errors(matcher: Matcher, call: Call) -> bool:
    """Whether whatever a request that is refused may print passes, so that nobody sees that it was.

    Of a status `000` has to pass, too: `^[2-5]` says that every answer of a server is right.
    """
    if matcher.value.references:
        return False
    shown = [printed(call, status, page) for status in (NO_ANSWER, *STATUSES) for page in PAGES]
    return all(one is not None and holds(matcher, one) for one in shown)


def _takes_every_status(matcher: Matcher, text: str) -> bool:
    """Whether nothing but a status is printed, and any is right."""
    if "_code}" not in text:
        return False
    found = calls(text)
    if not found:
        return False
    (asking, *others), fallback = found, ""
    if others:
        own = own_text(" ".join(asking.otherwise)) if asking.otherwise else None
        if own is None or len(others) > 1:
            return False
        fallback = own
    if not tells_status_only(asking) or len(asking.pipe) > 1 or asking.substituted:
        return False
    shown = [printed(asking, status, "") for status in STATUSES]
    shown.append(f"{printed(asking, NO_ANSWER, '')}{fallback}")
    return all(one is not None and holds(matcher, one) for one in shown)
