"""Where a plan names an image itself, and where it asks a platform for the newest that there is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from rbdsl.analysis.calls import Word
from rbdsl.model.plan import Variable, VariableKind
from rbdsl.model.values import ValueType
from rbdsl.rules.acting import acting
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall
from rbdsl.rules.shell_text import variables_read

_IMAGE = r"(?i)(?:[\w.-]+(?::\d+)?/)+[\w.-]+:[\w.-]+\Z"
_NAMED = r"(?i)image|\bimg"
_SHORT = r"[\w.-]+:[\w.-]+\Z"
_PUSHING = frozenset(["tag", "push", "build", "rmi", "images", "inspect", "manifest"])


class Newest(NamedTuple):
    """What a command says instead of a version: `option` or a word that matches, and the mend."""

    program: str
    operands: tuple[str, ...]
    words: str
    fact: str
    hint: str


_NEWEST = (
    Newest(
        "gcloud",
        ("run", "services", "update-traffic"),
        r"--to-latest(?:=true)?\Z",
        "`--to-latest` sends the traffic to whatever revision was made last: the one to go",
        "name the old one: `--to-revisions=REVISION=100`",
    ),
    Newest(
        "aws",
        ("lambda", "update-alias|create-alias"),
        r"(?:--function-version=)?\\?\$LATEST\Z",
        "`$LATEST` is the code that was uploaded last",
        "name the published version: `--function-version 11`",
    ),
    Newest(
        "aws",
        ("autoscaling|ec2", ".."),
        r".*Version['\"]?[=:] ?['\"]?\\?\$Latest\b",
        "`$Latest` is the launch template's version that was made last",
        "name its version: `Version=17`",
    ),
    Newest(
        "az",
        ("containerapp", "ingress", "traffic", "set"),
        r"(?:--revision-weight=)?latest=(?!0\b)\d+\Z",
        "`latest` is whatever revision was made last: the one to go",
        "name the old one: `--revision-weight REVISION=100`",
    ),
    Newest(
        "kamal",
        ("rollback|deploy|redeploy",),
        r"(?:--version=)?latest\Z",
        "`latest` is whatever was pushed last",
        "name the version",
    ),
    Newest(
        "aws",
        ("elasticbeanstalk", "update-environment"),
        r"(?:--version-label=)?latest\Z",
        "`latest` is whatever was uploaded under this name last",
        "name the version's own label",
    ),
)


_FAMILIES: dict[tuple[str, ...], str] = {
    # what takes a definition of AWS by its family and number, and the option that names it
    ("ecs", "update-service"): "task-definition",
    ("ecs", "create-service"): "task-definition",
    ("ecs", "create-task-set"): "task-definition",
    ("ecs", "run-task"): "task-definition",
    ("ecs", "start-task"): "task-definition",
    ("batch", "submit-job"): "job-definition",
}
_REPOSITORIES = frozenset(
    """
    argo bitnami elastic grafana hashicorp ingress-nginx jetstack prometheus-community stable
    strimzi traefik
    """.split()  # noqa: SIM905 - a list of words is read as one
)
"""Names that everybody gives to repositories of charts; a folder hardly has one."""
_REGISTERING = (("register-task-definition",), ("register-job-definition",))
_FAMILY = r"(?:arn:aws[\w-]*:\w+:[\w-]*:\d*:(?:task|job)-definition/)?[\w-]+\Z"


def families(context: Context) -> Iterator[tuple[PlacedCall, Word, str, str]]:
    """The calls that take a definition by its family alone: the word and its option, what it says.

    What a plan registers itself is the newest one, and meant.
    """
    registered = False
    for placed in acting(context, "aws"):
        call = placed.call
        registered = registered or call.operands[1:2] in _REGISTERING
        option = _FAMILIES.get(call.operands[:2])
        said = call.value(option) if option else None
        family = placed.place.settled(said) if said else ""
        if option and said and re.match(_FAMILY, family) and not registered:
            words = (w for w in call.words if re.match(f"--{option}(?:=|\\Z)", w.text))
            yield placed, next(words, call.words[0]), option, family


def newest_charts(context: Context) -> Iterator[tuple[PlacedCall, str]]:
    """The calls of Helm that take a chart from a registry or repository without its version."""
    helm = context.calls_by_program.get("helm", ()) if "helm" in context.acting else ()
    added = (p.call.operands[2:3] for p in helm if p.call.operands[:2] == ("repo", "add"))
    repositories = _REPOSITORIES.union(*added)
    for placed in acting(context, "helm"):
        call = placed.call
        if call.operands[:1] not in (("upgrade",), ("install",)) or call.has("version", "devel"):
            continue
        chart = placed.place.settled(next(iter(call.operands[2:3]), ""))
        path = chart.removeprefix("oci://")
        if chart and (
            call.has("repo")
            or ("/" in chart and chart.partition("/")[0] in repositories)
            or (path != chart and not {"@", ":"} & set(path))
        ):
            yield placed, chart


def newest(context: Context) -> Iterator[tuple[PlacedCall, Newest]]:
    """The calls that ask for the newest version instead of one by its name."""
    for placed in acting(context, *{one.program for one in _NEWEST}):
        call = placed.call
        for one in _NEWEST:
            if one.program == call.program and _begins(placed, one.operands):
                texts = (text for text in placed.texts[1:])
                if any(re.match(one.words, text) for text in texts):
                    yield placed, one
                    break


def _begins(placed: PlacedCall, wanted: tuple[str, ...]) -> bool:
    operands = placed.call.operands
    return len(operands) >= len(wanted) and all(
        want == ".." or word in want.split("|")
        for word, want in zip(operands, wanted, strict=False)
    )


def of_plan(context: Context) -> Iterator[Variable]:
    """The variables of a plan that name an image which a step brings into use."""
    for variable in context.plan.variables:
        value = variable.value
        if value is None or variable.kind is VariableKind.SECRET:
            continue
        if variable.type is not ValueType.STRING or ":" not in value.plain:
            continue
        named = re.search(_NAMED, variable.name.text) and re.match(_SHORT, value.plain)
        if (named or re.match(_IMAGE, value.plain)) and _is_used(context, variable.name.shell):
            yield variable


def _is_used(context: Context, name: str) -> bool:
    """Whether a step reads it that changes something, other than to tag, push or only lend it."""
    for place in context.places:
        if place.captures or not place.role.acts or name not in variables_read(place.shell.text):
            continue
        reading = [
            placed.call
            for placed in place.calls
            if any(name in variables_read(word.text) for word in placed.call.words)
        ]
        if not reading or any(
            not call.has("rm") and _PUSHING.isdisjoint(call.operands[:2]) for call in reading
        ):
            return True
    return False
