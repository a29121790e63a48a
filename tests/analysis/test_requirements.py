from __future__ import annotations

from pathlib import Path

import pytest

from rbdsl.analysis.catalogue import KINDS
from rbdsl.analysis.policy import LevelPolicy
from rbdsl.analysis.results import Requirement, Status
from rbdsl.compiler import check
from rbdsl.project.modules import ProjectLoader
from rbdsl.source import Source

EVERYTHING = {
    7: LevelPolicy(
        number=7,
        title="All",
        sla_ms=900_000,
        target_ms=600_000,
        per_region=False,
        breach="",
        requires=tuple(kind.id for kind in KINDS),
        recommends=(),
    )
}

STEP = 'step go "Go" { run `true` }'


def requirement(
    name: str, body: str, phases: str = f'phase a "A" {{ budget 1m; {STEP} }}'
) -> Requirement:
    text = f'rbplan 1\nplan p "P" {{\nlevel 7\n{body}\n{phases}\n}}\n'
    checked = check(Source("p.rbplan", text), ProjectLoader(Path("p.rbplan")), EVERYTHING)
    assert checked.analysis is not None, [(str(d.span), d.message) for d in checked.diagnostics]
    return next(r for r in checked.analysis.requirements if r.id == name)


CASES = [
    ("documented-procedure", 'change "Deploy."', Status.PROVEN, "1 phase with 1 step"),
    ("documented-procedure", "", Status.WEAKENED, "nothing says which change"),
    (
        "staging-test",
        "testing { in staging { passed 2025-12-08T10:00:00Z; took 12m10s } }",
        Status.PROVEN,
        "tested in `staging`, passed 2025-12-08T10:00:00Z in 12m10s",
    ),
    (
        "staging-test",
        "testing { in uat as staging { passed 2025-12-08T10:00:00Z } }",
        Status.PROVEN,
        "tested in `uat` (as `staging`)",
    ),
    (
        "staging-test",
        "testing { in staging-eu { passed 2025-12-08T10:00:00Z } }",
        Status.PROVEN,
        "tested in `staging-eu`",
    ),
    ("staging-test", "", Status.MISSING, "was not tested in staging"),
    (
        "staging-test",
        "testing { in dev { passed 2025-12-08T10:00:00Z } }",
        Status.MISSING,
        "only in `dev`",
    ),
    (
        "staging-test",
        "testing { in staging { deploy `./d.sh` } }",
        Status.MISSING,
        "the test in `staging` has no result yet",
    ),
    (
        "staging-test",
        "testing { in staging { passed 2025-12-08T10:00:00Z; failed 2025-12-09T10:00:00Z } }",
        Status.MISSING,
        "the test in `staging` failed 2025-12-09T10:00:00Z",
    ),
    ("automation", "automation full", Status.PROVEN, "the script runs its only step"),
    ("automation", "automation gated", Status.PROVEN, "the script runs its only step"),
    ("automation", "automation manual", Status.MISSING, "`automation manual`"),
    ("verification-checklist", "", Status.MISSING, "nothing verifies"),
    (
        "verification-checklist",
        'verification { check c "C" warn { expect `true` }; confirm "Login works" }',
        Status.WEAKENED,
        "1 check and 1 manual confirmation, and none of them can fail it",
    ),
    (
        "verification-checklist",
        'verification { check c "C" { expect `./c.sh` } }',
        Status.WEAKENED,
        "no phase runs it",
    ),
    (
        "verification-checklist",
        'verification { check c "C" { expect `./c.sh || true` }; check d "D" { expect `true` } }',
        Status.WEAKENED,
        "2 checks, and none of them can fail it: check “C” passes whatever it finds",
    ),
    (
        "verification-checklist",
        'verification { check c "C" { expect `echo ok` equals "ok"; expect `kubectl get pods` matches ".*" } }',
        Status.WEAKENED,
        "1 check, and none of them can fail it: check “C” passes whatever it finds",
    ),
    (
        "verification-checklist",
        'verification { check c "C" { expect `curl -s -o /dev/null -w "%{http_code}" a || true` matches "[0-9]+" } }',
        Status.WEAKENED,
        "none of them can fail it",
    ),
    (
        "data-consistency",
        'verification { check "Record counts" { expect `psql -Atc "select count(*) from t"` matches "^[0-9]+$" } }',
        Status.WEAKENED,
        "check “Record counts” passes whatever it finds",
    ),
    (
        "verification-checklist",
        'verification { check c "C" { expect `curl -s -o /dev/null -w "%{http_code}" a || true` matches "^2" } }',
        Status.WEAKENED,
        "no phase runs it",
    ),
    (
        "verification-checklist",
        'verification { check c "C" { expect `! kubectl get pods | grep -q 4.1` } }',
        Status.WEAKENED,
        (
            "1 check, and none of them fails it where nothing can be asked: check “C” passes also where "
            "nothing can be asked"
        ),
    ),
    (
        "verification-checklist",
        'verification { check c "C" { expect `diff <(aws s3 ls s3://a) <(aws s3 ls s3://b)` } }',
        Status.WEAKENED,
        "none of them fails it where nothing can be asked",
    ),
    (
        "verification-checklist",
        (
            'verification { check c "C" { expect `curl -fsS http://a || echo ok` contains "ok" }; '
            'check d "D" { expect `kubectl get pods` } }'
        ),
        Status.WEAKENED,
        "2 checks, and none of them fails it where nothing can be asked",
    ),
    (
        "verification-checklist",
        (
            'verification { check c "C" { expect `! kubectl get pods | grep -q 4.1` }; '
            'check d "D" { expect `kubectl get deployment shop` } }'
        ),
        Status.WEAKENED,
        "no phase runs it",
    ),
    (
        "verification-checklist",
        'verification { check c "C" { expect `! curl -f http://old` } }',
        Status.WEAKENED,
        "no phase runs it",
    ),
    (
        "data-consistency",
        'verification { check "Record counts" { expect `[ "$(psql -w a -c "$q")" = "$(psql -w b -c "$q")" ]` } }',
        Status.WEAKENED,
        "check “Record counts” passes also where nothing can be asked, so a rollback that lost data",
    ),
    (
        "verification-checklist",
        'verification { check c "C" { expect `if ./c.sh; then echo ok; else echo bad; fi` } }',
        Status.WEAKENED,
        "none of them can fail it",
    ),
    ("comprehensive-documentation", "", Status.MISSING, "the plan does not state `operation`"),
    (
        "comprehensive-documentation",
        (
            'operation "o"; owner "w"; risk low "r"; change "c"; service s in production; '
            'capture { fact "a" is "b" }; triggers { manual { "m" } }'
        ),
        Status.WEAKENED,
        "does not state the objective of every phase (`a`)",
    ),
    (
        "production-like-test",
        "testing { in production-blue as production { passed 2025-12-08T10:00:00Z } }",
        Status.PROVEN,
        "tested in `production-blue` (as `production`)",
    ),
    (
        "production-like-test",
        "testing { in production-like { passed 2025-12-08T10:00:00Z } }",
        Status.PROVEN,
        "tested in `production-like`",
    ),
    (
        "production-like-test",
        "testing { in staging { passed 2025-12-08T10:00:00Z } }",
        Status.MISSING,
        "was not tested in a production-like environment, only in `staging`",
    ),
    (
        "production-like-test",
        "testing { in staging as production { passed 2025-12-08T10:00:00Z } }",
        Status.WEAKENED,
        "`staging` is said to stand for production",
    ),
    ("partial-scenarios", "", Status.MISSING, "there is no scenario"),
    (
        "partial-scenarios",
        'scenario all "All" { run a }',
        Status.MISSING,
        "scenario `all` is no part of the plan",
    ),
    ("data-consistency", "", Status.MISSING, "no check looks at the data"),
    (
        "data-consistency",
        'verification { check "Record counts" { expect `./count.sh` equals "3" } }',
        Status.PROVEN,
        "check “Record counts” fails the verification",
    ),
    (
        "data-consistency",
        'verification { check users "Users" { expect `./count.sh` equals_file "before.txt" } }',
        Status.PROVEN,
        "check “Users” fails the verification",
    ),
    (
        "data-consistency",
        'verification { check "Record counts" warn { expect `./count.sh` equals "3" } }',
        Status.WEAKENED,
        "check “Record counts” only warns",
    ),
    (
        "data-consistency",
        'verification { check "Record counts" { expect `./count.sh || true` } }',
        Status.WEAKENED,
        "check “Record counts” passes whatever it finds, so a rollback that lost data passes",
    ),
    (
        "data-consistency",
        'verification { check "Record counts" { expect `psql -d shop -c "select count(*) from t"` } }',
        Status.WEAKENED,
        "check “Record counts” passes whatever it finds, so a rollback that lost data passes",
    ),
    (
        "verification-checklist",
        'verification { check c "C" { expect `kubectl -n shop get pods` } }',
        Status.WEAKENED,
        "1 check, and none of them can fail it: check “C” passes whatever it finds",
    ),
    (
        "verification-checklist",
        'verification { check c "C" { expect `curl -s http://shop/health | jq .status` } }',
        Status.WEAKENED,
        "none of them can fail it",
    ),
    (
        "data-integrity",
        'verification { check "Checksums" { expect `sha256sum -c sums || echo bad` } }',
        Status.WEAKENED,
        "check “Checksums” passes whatever it finds",
    ),
    (
        "data-consistency",
        'verification { check "Schema version" { expect `./v.sh` equals "3" } }',
        Status.WEAKENED,
        "check “Schema version” looks at the structure",
    ),
    (
        "rehearsal",
        "testing { rehearsal { planned 2025-12-08T16:00:00Z } }",
        Status.MISSING,
        "the rehearsal is planned for 2025-12-08T16:00:00Z, and was not held yet",
    ),
    (
        "rehearsal",
        'testing { rehearsal { held 2025-12-08T16:00:00Z; duration 30m; participants "A", "B" } }',
        Status.PROVEN,
        "rehearsed 2025-12-08T16:00:00Z for 30m with A and B",
    ),
    ("rehearsal", "", Status.MISSING, "no rehearsal is planned or held"),
    ("multi-region", "", Status.MISSING, "no regions are stated"),
    ("multi-region", "regions { wave a }", Status.MISSING, "`a` is the only region"),
    (
        "multi-region",
        "regions { wave a, b }",
        Status.WEAKENED,
        "all 2 regions are rolled back at once",
    ),
    (
        "multi-region",
        "regions { wave a; wave b, c }",
        Status.PROVEN,
        "3 regions in 2 waves: a → b, c",
    ),
    ("manual-gates", "", Status.MISSING, "no gate lets a person stop the run"),
    (
        "manual-gates",
        'regions { wave a; gate "Go?" { approvers "sre"; timeout 5m; otherwise abort }; wave b }',
        Status.PROVEN,
        "1 gate: “Go?”",
    ),
    (
        "manual-gates",
        'regions { wave a; gate "Go?" { timeout 5m; otherwise abort }; wave b }',
        Status.WEAKENED,
        "gate “Go?” has no approvers",
    ),
    (
        "data-integrity",
        'verification { check "Checksum" { expect `./a` }; check "Orphans" warn { expect `./b` } }',
        Status.WEAKENED,
        "data check “Orphans” only warns",
    ),
    (
        "data-integrity",
        'verification { check "Checksums of the data" { expect `./a.sh` } }',
        Status.PROVEN,
        "1 critical data check: “Checksums of the data”",
    ),
    (
        "stakeholder-rehearsal",
        'testing { rehearsal { held 2025-12-08T16:00:00Z; participants "SRE" } }',
        Status.MISSING,
        "held with SRE, and no stakeholder took part",
    ),
    (
        "stakeholder-rehearsal",
        'testing { rehearsal { held 2025-12-08T16:00:00Z; participants "SRE", "Stakeholders" } }',
        Status.PROVEN,
        "with SRE and Stakeholders",
    ),
    (
        "stakeholder-rehearsal",
        (
            'testing { rehearsal { held 2025-12-08T16:00:00Z; participants "customers" } }\n'
            'communications { audience "Customers" { within 15m; message "We are." } }'
        ),
        Status.PROVEN,
        "with customers",
    ),
    ("stakeholder-rehearsal", "", Status.MISSING, "no rehearsal is planned or held"),
    ("communication-plan", "", Status.MISSING, "no communications are planned"),
    (
        "communication-plan",
        'secret HOOK\ncommunications { channel slack "#i" using HOOK; notify slack on start }',
        Status.WEAKENED,
        "1 channel for the team, but nobody else is told",
    ),
    (
        "communication-plan",
        (
            'secret HOOK\ncommunications { channel slack "#i" using HOOK; notify slack on start\n'
            'audience "Customers" { within 15m; message "We are." } }'
        ),
        Status.PROVEN,
        "“Customers” are told, over `slack`",
    ),
    (
        "communication-plan",
        'communications { audience "Customers" { within 15m } }',
        Status.WEAKENED,
        "no message is prepared for “Customers”",
    ),
    ("enterprise-plan", "", Status.MISSING, "`permit`, `escalation`, `validation` and `archive`"),
    (
        "enterprise-plan",
        'permit "p"; archive folder "/srv/audit"',
        Status.WEAKENED,
        "does not state `escalation` and `validation`",
    ),
]


@pytest.mark.parametrize(("name", "body", "status", "evidence"), CASES)
def test_each_requirement_names_what_proves_it(
    name: str, body: str, status: Status, evidence: str
) -> None:
    found = requirement(name, body)
    assert evidence in found.evidence
    assert found.status is status
    assert (found.hint is None) is (status is Status.PROVEN)


def test_the_span_is_the_proving_element() -> None:
    found = requirement(
        "data-consistency", 'verification { check "Record counts" warn { expect `./c.sh` } }'
    )
    assert found.span.text.startswith("check")
    missing = requirement("data-consistency", "")
    assert missing.span.text == "level 7"


def test_manual_steps_weaken_automation() -> None:
    phases = f'phase a "A" {{ budget 1m; manual "Look at the plan" {{ takes 1m }}; {STEP} }}'
    found = requirement("automation", "", phases)
    assert found.status is Status.WEAKENED
    assert "1 of 2 steps are done by hand: “Look at the plan”" in found.evidence


def test_phases_without_steps_weaken_the_procedure() -> None:
    phases = f'phase a "A" {{ budget 1m; {STEP} }}\nphase b "B" {{ budget 1m; after a }}'
    found = requirement("documented-procedure", 'change "c"', phases)
    assert found.status is Status.WEAKENED
    assert "1 phase without a step: `b`" in found.evidence


def test_a_scenario_that_leaves_something_out_is_partial() -> None:
    phases = f'phase a "A" {{ budget 1m; {STEP} }}\nphase b "B" {{ budget 1m; after a; {STEP} }}'
    found = requirement("partial-scenarios", 'scenario some "Some" { run b }', phases)
    assert found.status is Status.PROVEN
    assert found.evidence == "1 partial scenario: `some`"


def test_restored_artifacts_need_checksums_for_complete_integrity() -> None:
    body = (
        'capture { step b "B" { creates dump "d.dump" SUM; run `pg_dump > "$dump"` } }\n'
        'verification { check "Integrity" { expect `./a.sh` } }'
    )
    phases = 'phase a "A" { budget 1m; step go "Go" { uses dump; run `cat "$dump"` } }'
    bare = requirement("data-integrity", body.replace(" SUM", ""), phases)
    assert bare.status is Status.WEAKENED
    assert "1 artifact without a checksum: `dump`" in bare.evidence
    sealed = requirement("data-integrity", body.replace("SUM", "checksum sha256"), phases)
    assert sealed.status is Status.PROVEN


def test_a_check_run_by_a_phase_proves_the_checklist() -> None:
    phases = 'phase v "V" { budget 1m; verify }'
    found = requirement(
        "verification-checklist", 'verification { check c "C" { expect `./c.sh` } }', phases
    )
    assert found.status is Status.PROVEN
    assert found.evidence == "1 check, run by phase `v`"


def test_a_check_that_cannot_fail_is_not_counted() -> None:
    phases = 'phase v "V" { budget 1m; verify }'
    checks = 'check c "C" { expect `./c.sh` }; check d "D" { expect `./d.sh || true` }'
    found = requirement("verification-checklist", f"verification {{ {checks} }}", phases)
    assert (found.status, found.evidence) == (Status.PROVEN, "1 check, run by phase `v`")
    itself = 'check d "D" { expect `curl -fsS --max-time 5 http://lb/ || echo ok` contains "ok" }'
    found = requirement(
        "verification-checklist",
        f'verification {{ check c "C" {{ expect `./c.sh` }}; {itself} }}',
        phases,
    )
    assert (found.status, found.evidence) == (Status.PROVEN, "1 check, run by phase `v`")
    compared = 'check c "C" { expect `./c.sh || echo bad` equals "ok" }'
    found = requirement("verification-checklist", f"verification {{ {compared} }}", phases)
    assert (found.status, found.evidence) == (Status.PROVEN, "1 check, run by phase `v`")
