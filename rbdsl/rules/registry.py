"""Finds the rules and runs them.

A rule is a module `rbNNN_slug.py` in one of the family folders: `CODE` is what it reports, its
docstring is its documentation, and `check(context)` yields diagnostics. A rule without `check` is
reported by an earlier stage (the parser, the lowering, the analysis) and only documented here.
Nothing is registered by hand: to add a rule is to add its module and its fixture. `PROGRAMS`
and `PARTS` say what a rule is about: its module is loaded where a plan has something of that, and
for every plan where it says nothing (see `rbdsl.rules.needs`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from importlib import import_module

from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.patterns import lazy_pattern
from rbdsl.record import dataclass
from rbdsl.rules.context import Context
from rbdsl.rules.needs import may_concern, names
from rbdsl.rules.suppression import Judged, Suppression, suppress
from rbdsl.rules.suppression import allowances as read_allowances
from rbdsl.source import Source, Span

Check = Callable[[Context], Iterator[Diagnostic]]

FAMILIES: dict[str, tuple[range, ...]] = {
    "syntax": (range(100, 200),),
    "names": (range(200, 300),),
    "time": (range(300, 400),),
    "level": (range(400, 500),),
    "graph": (range(500, 600),),
    "triggers": (range(600, 700),),
    "reversibility": (range(700, 800),),
    "artifacts": (range(800, 820), range(950, 955), range(958, 960)),
    "hangs": (range(820, 835), range(955, 958)),
    "silence": (range(835, 855), range(940, 950), range(960, 970)),
    "aim": (range(855, 865), range(970, 980)),
    "destruction": (range(865, 890), range(980, 990)),
    "values": (range(890, 900), range(990, 1000)),
    "evidence": (range(900, 940),),
}
"""The family folders, each with the numbers of its codes: RB8xx had too few for the shell."""

_REPORTED_ELSEWHERE = ("syntax", "names")
_BINDING = (
    "RB301",  # the SLA is the level's, though the rule stands with the times
    "RB810",  # no script could be made of it
)
_MODULE = lazy_pattern(r"(rb\d{3}_\w+)\.py")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what it reports, its family, where its module is, and how it is checked.

    `needs` is what a plan must have something of, None where the rule may be about any plan.
    """

    code: Code
    family: str
    module: str
    documentation: str
    check: Check | None
    needs: frozenset[str] | None

    @property
    def summary(self) -> str:
        """The first sentence of its documentation."""
        return self.documentation.split("\n\n", 1)[0].replace("\n", " ").strip()


def run(context: Context) -> list[Diagnostic]:
    """What all rules have to say about a plan, also of what it allows by name."""
    return [diagnostic for check in _concerned(context) for diagnostic in check(context)]


def run_by_itself(context: Context, source: Source) -> list[Diagnostic]:
    """What the rules that need no plan say of a module's own shell; see `rbdsl.rules.by_itself`."""
    from rbdsl.rules.by_itself import BY_THEMSELVES

    rules = (_index()[code] for code in sorted(BY_THEMSELVES))
    checks = (_load(*rule).check for rule in rules if may_concern(rule[1], context.holds))
    found = (d for check in checks if check for d in check(context))
    return [d for d in found if d.span.source is source]


def unless_allowed(
    found: Iterable[Diagnostic],
    source: Source,
    *,
    rules: bool,
    shellcheck: bool,
    shells: Sequence[Span] = (),
) -> Judged:
    """The findings without those that a file allows by name, and with those about its comments.

    `rules` and `shellcheck` say who was asked: what nobody looked for is not allowed in vain.
    `shells` are the places of the file's shell.
    """
    asked = {True: shellcheck, False: rules}
    return suppress(found, source, suppressible, shells, lambda c: asked[_is_shellchecks(c)])


def _is_shellchecks(code: str) -> bool:
    return code.startswith("SC")


def allowances(source: Source) -> tuple[Suppression, ...]:
    """What a plan allows itself by comments."""
    return read_allowances(source, suppressible)


def suppressible(code: str) -> bool | None:
    """Whether a plan or a configuration may allow a finding; None where no rule has the code.

    What the language and the level demand, and what earlier stages report, holds for every plan.
    What ShellCheck reports is a matter of the plan; nobody here knows which codes it has.
    """
    if _is_shellchecks(code):
        return True
    family = _index().get(code, ("", ""))[0]
    if not family:
        return None
    if family in {*_REPORTED_ELSEWHERE, "level"} or code in _BINDING:
        return False
    return _load(*_index()[code]).check is not None


def found_by_rule(code: str) -> bool:
    """Whether a finding comes from a rule that is run on a plan, and not from an earlier stage."""
    where = _index().get(code)
    if where is None or where[0] in _REPORTED_ELSEWHERE:
        return where is None
    return _load(*where).check is not None


def usual_severity(code: str) -> Severity:
    """The severity of a rule; a warning where no rule has the code."""
    where = _index().get(code)
    return _load(*where).code.severity if where else Severity.WARNING


def destroys(code: str) -> bool:
    """Whether what a rule finds destroys something: its family is called so, with few exceptions.

    A module that says `DESTROYS = False` is about a danger of another kind.
    """
    family, module = _index().get(code, ("", ""))
    if family != "destruction":
        return False
    return getattr(import_module(f"rbdsl.rules.{family}.{module}"), "DESTROYS", True) is True


@cache
def rule_names() -> dict[str, str]:
    """The name of every rule by its code, in order; loads none of them."""
    return {
        code: module[len("rbNNN_") :].replace("_", "-")
        for code, (_, module) in sorted(_index().items())
    }


@cache
def _index() -> dict[str, tuple[str, str]]:
    """The family and the module of every rule, by its code."""
    return {
        module[: len("rbNNN")].upper(): (family, module)
        for family in FAMILIES
        for module in _names(family)
    }


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule, by code."""
    rules = [_load(family, name) for family in FAMILIES for name in _names(family)]
    return tuple(sorted(rules, key=lambda rule: rule.code.id))


def _concerned(context: Context) -> Iterator[Check]:
    """The checks that may find something in a plan; the modules of all others stay unloaded."""
    for family, module in _asked():
        if may_concern(module, context.holds):
            check = _load(family, module).check
            if check:
                yield check


@cache
def _asked() -> tuple[tuple[str, str], ...]:
    """The families that are not the business of an earlier stage, with each of their modules."""
    families = (family for family in FAMILIES if family not in _REPORTED_ELSEWHERE)
    return tuple((family, module) for family in families for module in _names(family))


def _names(family: str) -> list[str]:
    """The rule modules of a family folder, sorted.

    Listed by hand: `pkgutil` would cost a cold start 10 ms for reading archives, too.
    """
    files = os.listdir(os.path.join(os.path.dirname(__file__), family))
    return sorted(match[1] for match in map(_MODULE.fullmatch, files) if match)


@cache
def _load(family: str, name: str) -> Rule:
    module = import_module(f"rbdsl.rules.{family}.{name}")
    code: Code = module.CODE
    check: Check | None = getattr(module, "check", None)
    says = hasattr(module, "PROGRAMS") or hasattr(module, "PARTS")
    needed = names(getattr(module, "PROGRAMS", ()), getattr(module, "PARTS", ()))
    about = needed if says else None
    if family == "level" and check:
        about = frozenset([code.id])  # only what is not proven of it is reported
    return Rule(code, family, module.__name__, module.__doc__ or "", check, about)
