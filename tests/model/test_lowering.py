"""What the statements of a plan become."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rbdsl.model.bounds import FromBaseline
from rbdsl.model.plan import Plan
from rbdsl.model.steps import Manual, Step
from rbdsl.model.values import Dimension, show_ms
from tests.checking import checked, in_plan
from tests.model.test_errors import METRICS


def plan_of(text: str) -> Plan:
    result = checked(text)
    assert result.plan is not None, [f"{d.span} {d.message}" for d in result.diagnostics]
    return result.plan


def the_step(body: str) -> Step:
    plan = plan_of(in_plan("", phases=f'phase a "A" {{ budget 1m\n step s "S" {{\n{body}\n}} }}'))
    return plan.phases[0].steps[0]


def test_a_fence_is_dedented_and_knows_where_its_lines_stand() -> None:
    text = in_plan(
        "",
        phases='phase a "A" { budget 1m; step s "S" {\n'
        "    run ````sh\n      if true; then\n\n        cat <<X\n    ```\n      fi\n    ````\n} }",
    )
    step = plan_of(text).phases[0].steps[0]
    assert step.run is not None
    assert step.run.text == "  if true; then\n\n    cat <<X\n```\n  fi"
    at = step.run.locate(3, 5)
    assert text[at : at + 3] == "cat"


def test_line_ends_of_windows_change_nothing() -> None:
    text = in_plan(
        'change """\n  Two\n  lines\n"""',
        phases='phase a "A" { budget 1m\n step s "S" {\n run ```\n  a\n  b\n ```\n } }',
    )
    plain, windows = plan_of(text), plan_of(text.replace("\n", "\r\n"))
    assert windows.phases[0].steps[0].run is not None
    assert plain.phases[0].steps[0].run is not None
    assert windows.phases[0].steps[0].run.text == plain.phases[0].steps[0].run.text == "a\nb"
    assert str(windows.change) == str(plain.change) == "Two\nlines"


def test_escapes_and_references() -> None:
    plan = plan_of(
        in_plan(
            'let who = "me"\nlet both = "${who} & \\"\\${who}\\" \\u{e9}\\t\\\\"\nowner "${both}!"'
        )
    )
    assert str(plan.owner) == 'me & "${who}" é\t\\!'
    both = plan.variables[1].value
    assert both is not None
    (reference, literal) = both.items[0].parts
    assert getattr(reference, "shell", None) == "who"
    assert literal == ' & "${who}" é\t\\'


def test_thresholds_are_kept_in_the_unit_of_their_dimension() -> None:
    plan = plan_of(
        in_plan(
            METRICS
            + "triggers { automatic { errors > 1% for 2m; p99 >= 0.5s; failed > 6/h; failed > 10/min\n"
            "stuck > 3 consecutive; errors > 0.05 for 4 consecutive } }"
        )
    )
    assert plan.triggers is not None
    found = [(t.threshold.dimension, t.threshold.value) for t in plan.triggers.automatic]
    assert found == [
        (Dimension.RATIO, Decimal("0.01")),
        (Dimension.DURATION, 500),
        (Dimension.RATE, Decimal("0.1")),
        (Dimension.RATE, 10),
        (Dimension.COUNT, 3),
        (Dimension.RATIO, Decimal("0.05")),
    ]
    assert [t.consecutive for t in plan.triggers.automatic] == [None, None, None, None, 3, 4]
    assert [t.counts_breaches for t in plan.triggers.automatic] == [False] * 4 + [True, False]
    assert [m.factor for m in plan.metrics] == ["1", "1000", "0.016666666666666667", "1"]


def test_a_step_has_all_it_was_given() -> None:
    step = the_step(
        'timeout 90s; takes 45s; retry 2 every 10s; rerunnable; on_failure continue; note "N"\n'
        'creates dump "d/x.dump" checksum sha256; requires pg_dump, docker-compose\n'
        "run `a`; undo `b`; done_when `c`\n"
        'expect "label" `d` equals "x" within 60s every 5s\n'
        "expect `e` equals_file dump"
    )
    assert (step.attempts, step.retry and step.retry.delay_ms) == (3, 10_000)
    assert step.timeout
    assert step.timeout.ms == 90_000
    assert [s.text for s in step.shells] == ["c", "a", "b", "d", "e"]
    assert step.continue_on_failure
    assert step.rerunnable is not None
    first, second = step.expectations
    assert (str(first.label), first.within and first.within.ms) == ("label", 60_000)
    assert second.matcher
    assert second.matcher.artifact
    assert second.matcher.artifact.text == "dump"
    assert [str(r) for r in step.requires] == ["pg_dump", "docker-compose"]


def test_unnamed_steps_get_distinct_names_from_their_titles() -> None:
    plan = plan_of(
        in_plan(
            "",
            phases='phase a "A" { budget 1m; step "Do it!" { run `a` }; step "Do it" { run `b` }\n'
            'ensure step "Do it" { run `c` }; manual "Ça" }',
        )
    )
    phase = plan.phases[0]
    names = [i.name.text for i in phase.items if isinstance(i, Step | Manual)]
    assert names == ["do_it", "do_it_2", "a"]
    assert [s.name.text for s in phase.ensure] == ["do_it_3"]


def test_keywords_are_names_where_a_name_is_expected() -> None:
    plan = plan_of(
        in_plan(
            "service step in phase",
            phases='phase budget "B" { budget 1m; step run "R" { for step; run `true` } }\n'
            'phase after "A" { after budget; budget 1m; verify }\n'
            'scenario only "O" { run budget..after; only step }',
        )
    )
    assert [p.name.text for p in plan.phases] == ["budget", "after"]
    assert plan.scenarios[0].only[0].text == "step"


@given(st.integers(0, 10**10))
def test_durations_are_shown_so_that_they_read_back(ms: int) -> None:
    from rbdsl.model.lowering.quantities import duration_ms

    assert duration_ms(show_ms(ms)) == ms


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cf", "Co", "Cn")))


@given(TEXT)
def test_any_text_survives_quoting(text: str) -> None:
    quoted = text.replace("\\", "\\\\").replace('"', '\\"').replace("${", "\\${")
    plan = plan_of(in_plan(f'let x = "{quoted}"'))
    value = plan.variables[0].value
    assert value is not None
    assert value.plain == text


@pytest.mark.parametrize(
    ("written", "relation", "words", "part", "plus"),
    [
        ("p99 <= baseline", "<=", "baseline", "0", "0"),
        ("p99 < baseline+10%", "<", "baseline + 10%", "0.1", "0"),
        ("p99 >= baseline - 2s", ">=", "baseline - 2s", "0", "-2000"),
        ("errors <= baseline + 0.5pp", "<=", "baseline + 0.5pp", "0", "0.005"),
        ("failed > baseline - 60/h", ">", "baseline - 60/h", "0", "-1"),
        ("p99 within 10% of baseline warn within 1m", "within", "10% of baseline", "0.1", "0"),
        ("stuck within 3 of baseline", "within", "3 of baseline", "0", "3"),
    ],
)
def test_margins_of_a_baseline_are_signed_and_in_the_unit_of_their_dimension(
    written: str, relation: str, words: str, part: str, plus: str
) -> None:
    text = (
        'metrics from http "http://m/${metric}" json ".value" '
        "{ errors ratio; p99 duration; failed rate; stuck count }\n"
        f"verification {{ metric {written} }}"
    )
    plan = checked(in_plan(text)).plan
    assert plan is not None
    assert plan.verification is not None
    (bound,) = plan.verification.bounds
    assert isinstance(bound.bound, FromBaseline)
    assert (bound.relation, str(bound.bound)) == (relation, words)
    assert (bound.bound.part, bound.bound.plus) == (Decimal(part), Decimal(plus))
    assert plan.baselines == (bound.metric,)
