"""The judgement of a plan as an in-toto statement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Literal, cast

from rbdsl import __version__
from rbdsl.analysis.results import Analysis
from rbdsl.backends.identity import place
from rbdsl.backends.output import InputFile, OutputFile
from rbdsl.documents import certificate as document
from rbdsl.documents.manifest import Compiler
from rbdsl.documents.shape import PlanIdentity, in_seconds
from rbdsl.record import dataclass
from rbdsl.review.certificate.judgement import Judged, Judgement
from rbdsl.review.certificate.runs import JudgedRun


@dataclass(frozen=True, slots=True)
class Files:
    """What the statement is about: the sources with the plan first, and what is made of them.

    `policy_sha256` is None for the shipped policy; `outputs` are empty where nothing can be made.
    """

    inputs: tuple[InputFile, ...]
    plan_sha256: str
    outputs: tuple[OutputFile, ...]
    policy_sha256: str | None


def statement(
    analysis: Analysis,
    judgement: Judgement,
    runs: Sequence[JudgedRun],
    files: Files,
    time: datetime | None,
) -> str:
    """The statement as JSON text."""
    plan = analysis.plan
    return document.CertificateDocument(
        type=document.STATEMENT_TYPE,
        subject=[*_sources(files), *_outputs(plan.name.text, files)],
        predicate_type=document.PREDICATE_TYPE,
        predicate=document.Predicate(
            plan=PlanIdentity(
                name=plan.name.text,
                title=plan.title.plain,
                level=plan.level.number,
                sha256=files.plan_sha256,
            ),
            compiler=Compiler(name="rbc", version=__version__),
            certified_at=time,
            level=document.Level(
                number=plan.level.number,
                title=analysis.policy.title,
                policy_sha256=files.policy_sha256,
                sla_seconds=in_seconds(analysis.sla_ms),
                clock_seconds=in_seconds(analysis.slowest_clock_ms),
                worst_seconds=in_seconds(analysis.slowest_worst_ms),
            ),
            reached=judgement.reached,
            requirements=[_requirement(analysis, judged) for judged in judgement.requirements],
            runs=[_run(judged) for judged in runs],
            problems=[
                document.Problem(code=d.code, message=d.message, position=place(plan, d.span))
                for d in judgement.problems
            ],
        ),
    ).to_json()


def _sources(files: Files) -> list[document.Subject]:
    return [_subject(file.path, file.sha256) for file in files.inputs]


def _outputs(plan: str, files: Files) -> list[document.Subject]:
    return [
        _subject(f"{plan}/{file.path}", sha256(file.text.encode()).hexdigest())
        for file in files.outputs
    ]


def _subject(name: str, digest: str) -> document.Subject:
    return document.Subject(name=name, digest=document.Digest(sha256=digest))


def _requirement(analysis: Analysis, judged: Judged) -> document.Requirement:
    requirement = judged.requirement
    return document.Requirement(
        id=requirement.id,
        code=requirement.code,
        title=requirement.title,
        mandatory=requirement.mandatory,
        status=judged.verdict.value,
        binding=judged.binding.value,
        evidence=judged.evidence,
        position=None if judged.run else place(analysis.plan, requirement.span),
        run=judged.run.run.run if judged.run else None,
    )


def _run(judged: JudgedRun) -> document.Run:
    run = judged.run
    return document.Run(
        run=run.run,
        plan_sha256=run.plan_sha256,
        environment=run.rehearsal,
        scenario=run.scenario,
        started_at=run.started,
        ended_at=run.ended,
        outcome=run.outcome,
        clock_seconds=run.clock_seconds,
        verified=run.verified,
        worth=judged.worth.value,
        why=judged.why,
        bound_by=cast("Literal['plan', 'script'] | None", judged.bound or None),
        journal_lines=run.lines,
        journal_head=run.head,
    )
