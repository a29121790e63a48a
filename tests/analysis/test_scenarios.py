from __future__ import annotations

from rbdsl.model.plan import PointOfNoReturn
from rbdsl.model.proof import Check, Verification
from tests.analysis.building import (
    SPAN,
    analysed,
    name,
    names,
    phase,
    scenario,
    seed_phases,
    step,
    text,
)


def check(title: str, subjects: str = "") -> Check:
    return Check(name(title), text(title), warn=False, span=SPAN, subjects=names(subjects))


def verification(*checks: Check) -> Verification:
    return Verification(checks, (), (), SPAN)


def point(title: str, blocks: str) -> PointOfNoReturn:
    return PointOfNoReturn(name(title), text(title), None, None, names(blocks), (), SPAN)


def test_ranges_follow_the_order_of_declaration() -> None:
    analysis = analysed(
        seed_phases(),
        scenarios=(
            scenario("some", "preparation verification..cleanup"),
            scenario("backwards", "cleanup..database"),
            scenario("ghosts", "nothing..cleanup database..nowhere preparation"),
        ),
    )
    assert analysis.scenario("some").timeline.names == ("preparation", "verification", "cleanup")
    assert analysis.scenario("backwards").timeline.names == ()
    assert analysis.scenario("ghosts").timeline.names == ("preparation",)


def test_checks_of_services_and_phases_that_are_left_out_are_skipped() -> None:
    analysis = analysed(
        [
            phase("app", items=[step("a", "api"), step("b", "auth")]),
            phase("db", items=[step("c", "postgres")]),
        ],
        scenarios=(scenario("auth", only="auth"), scenario("app_only", "app")),
        verification=verification(
            check("api", "api"),
            check("auth", "auth"),
            check("both", "api auth"),
            check("schema", "db"),
            check("everything"),
            check("unknown", "redis"),
        ),
    )
    assert analysis.scenario("auth").skipped_checks == ("api", "both", "schema")
    assert analysis.scenario("app_only").skipped_checks == ("schema",)


def test_a_point_of_no_return_blocks_the_scenarios_with_its_phases() -> None:
    analysis = analysed(
        seed_phases(),
        points_of_no_return=(point("migrations", "database"), point("sent", "traffic cleanup")),
        scenarios=(
            scenario("application_only", "application..cleanup"),
            scenario("first", "preparation..stop_traffic"),
            scenario("all", "preparation..cleanup"),
        ),
    )
    blocked = {
        r.scenario.name.text: [p.name.text for p in r.blocked_by] for r in analysis.scenarios
    }
    assert blocked == {
        "application_only": ["sent"],
        "first": [],
        "all": ["migrations", "sent"],
    }
