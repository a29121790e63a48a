"""Findings for the tests of formats: a plan with everything that a format could stumble over."""

from __future__ import annotations

from rbdsl.diagnostics import Code, Diagnostic, Edit, Fix, Label, Severity, Suppressed
from rbdsl.review.findings import Findings
from rbdsl.source import Source

CLAIMED = Code("RB304", "claimed-time-differs", Severity.ERROR)
ORDER = Code("RB502", "redundant-order", Severity.PEDANTIC)
UNUSED = Code("RB910", "unused-suppression", Severity.WARNING)
FOREIGN = Code("SC2086", "shellcheck", Severity.INFO)

PLAN = """\
rbplan 1
plan p "Ein Plan für 日本 😀" { claims 8m } # rbc: allow RB306 "x"
  after one, two
  run `rm $x`
"""


def place(source: Source, text: str) -> tuple[int, int]:
    start = source.text.index(text)
    return start, start + len(text)


def mixed(path: str = "./plans/ä b.rbplan") -> Findings:
    """One finding of each severity, one of another program, and one that is allowed."""
    source = Source(path, PLAN)
    module = Source("std/kubernetes", "rbplan 1\nmodule\n")
    claim = source.span(*place(source, "8m"))
    comment = source.span(*place(source, ' # rbc: allow RB306 "x"'))
    order = source.span(*place(source, "one, "))
    word = source.span(*place(source, "$x"))
    found = [
        CLAIMED.at(
            claim,
            "the plan claims 8m and takes 9m: 3m + 6m = 9m",
            labels=[Label(claim, "1m short"), Label(module.span(9, 15), "used here")],
            notes=["critical path: a 3m + b 6m = 9m"],
            hint="write `claims 9m`",
            fix=Fix("claim 9m", (Edit(claim, "9m"),), safe=False),
        ),
        UNUSED.at(comment, "`RB306` is allowed", fix=Fix("remove it", (Edit(comment, ""),))),
        ORDER.at(order, "`one` comes before anyway"),
        Diagnostic(
            FOREIGN.id,
            FOREIGN.name,
            FOREIGN.severity,
            "Double quote",
            word,
            fix=Fix(
                "quote it",
                (
                    Edit(source.span(word.start, word.start), '"'),
                    Edit(source.span(word.end, word.end), '"'),
                ),
            ),
            url="https://www.shellcheck.net/wiki/SC2086",
        ),
    ]
    allowed = Suppressed(CLAIMED.at(claim, "and allowed"), "it is right here")
    return Findings(tuple(found), (allowed,), (source.path, "plans/good.rbplan"))


def hostile() -> Findings:
    """One finding in whose every text there is something that a format must not pass on."""
    nasty = (
        "::error::x %0A ##[error]y <b>&\"' |]]> @team #12 `a|b` **b** [l](http://x) </details>"
        "\x1b[2J\u202e\x00"
    )
    source = Source('a,b:c%\n"<&>.rbplan', nasty + "\n")
    span = source.span(0, 7)
    found = CLAIMED.at(
        span, nasty, labels=[Label(span, nasty)], notes=[nasty + "\n" + nasty], hint=nasty
    )
    return Findings((found,), (), (source.path,))


def many(number: int, code: Code = CLAIMED) -> Findings:
    """So many findings of one kind, at lines of their own."""
    source = Source("a.rbplan", "claims 8m\n" * number)
    found = [code.at(source.span(10 * n, 10 * n + 6), f"finding {n + 1}") for n in range(number)]
    return Findings(tuple(found), (), (source.path,))
