"""What a step replaces, changes or goes back in, and so is there before the step has begun.

In: a question for mere existence, the work of the step, and what the plan captures. Out: the name
of what is there already. Some commands only work on what exists (`update`, `rollback`, `cp
--force`); of what may also create something (`put`, `cp`) the plan has to have read it before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rbdsl.rules.effects import database, restores_over
from rbdsl.rules.forms import Form, by_program, matching, objects
from rbdsl.rules.placed_calls import Place, PlacedCall

_ASKS = by_program(
    [
        Form("bq", "show|head"),
        Form("gsutil", "stat|ls"),
        Form("gcloud", "storage ls"),
        Form("gcloud", "storage objects describe"),
        Form("gcloud", "run services describe"),
        Form("gcloud", "sql instances describe"),
        Form("gcloud", "functions describe"),
        Form("aws", "s3 ls"),
        Form("aws", "s3api head-object", names="key"),
        Form("aws", "dynamodb describe-table", names="table-name"),
        Form("aws", "lambda get-function|get-function-configuration", names="function-name"),
        Form("aws", "rds describe-db-instances", names="db-instance-identifier"),
        Form("aws", "rds describe-db-clusters", names="db-cluster-identifier"),
        Form("aws", "ecs describe-services", names="services"),
        Form("aws", "ssm get-parameter", names="name"),
        Form("aws", "secretsmanager describe-secret|get-secret-value", names="secret-id"),
        Form("aws", "cloudformation describe-stacks", names="stack-name"),
        Form("az", "webapp|containerapp|functionapp show", names="name n"),
        Form("docker|podman", "inspect"),
        Form("docker|podman", "container|image|service|volume|config inspect"),
        Form("nomad", "job status|inspect"),
        Form("nomad", "status"),
        Form("consul", "kv get"),
        Form("vault", "kv get"),
        Form("vault", "read"),
        Form("argocd", "app get"),
        Form("zfs", "list"),
    ]
)
_EXISTING = by_program(
    [
        Form("bq", "cp", options="force f"),
        Form("bq", "load", also="replace"),
        Form("bq", "update"),
        Form("gcloud", "run services update|update-traffic|replace"),
        Form("gcloud", "sql instances patch"),
        Form("gcloud", "sql backups restore", names="restore-instance"),
        Form("aws", "dynamodb update-table", names="table-name"),
        Form(
            "aws",
            "lambda update-function-code|update-function-configuration|update-alias",
            names="function-name",
        ),
        Form("aws", "rds modify-db-instance", names="db-instance-identifier"),
        Form("aws", "rds modify-db-cluster", names="db-cluster-identifier"),
        Form("aws", "ecs update-service", names="service"),
        Form("aws", "ssm put-parameter", also="overwrite", names="name"),
        Form("aws", "secretsmanager update-secret|put-secret-value", names="secret-id"),
        Form("aws", "secretsmanager update-secret-version-stage", names="secret-id"),
        Form("aws", "cloudformation update-stack|rollback-stack", names="stack-name"),
        Form("az", "webapp|containerapp|functionapp update|restart", names="name n"),
        Form("docker", "service update|rollback"),
        Form("docker|podman", "restart|stop"),
        Form("nomad", "job revert|restart|scale"),
        Form("vault", "kv rollback|patch"),
        Form("argocd", "app rollback|set|sync"),
        Form("zfs", "rollback"),
    ]
)
"""What fails, or replaces, where it works on something that exists."""
_MAKING = by_program(
    [
        Form("gsutil", "cp|mv|rsync"),
        Form("gcloud", "storage cp|mv|rsync"),
        Form("aws", "s3 cp|mv|sync"),
        Form("aws", "s3api put-object|copy-object", names="key"),
        Form("aws", "ssm put-parameter", names="name"),
        Form("bq", "cp|load|mk"),
        Form("consul", "kv put"),
        Form("vault", "kv put"),
        Form("vault", "write"),
    ]
)
"""What may create something, or write it over."""
_COPYING = frozenset(["cp", "mv", "sync", "rsync"])
_FAILS = ("f", "fail", "fail-with-body")
_LOOKS = ("", "GET", "HEAD")
_WRITES = ("PUT", "PATCH", "POST")
_SQL = ("psql", "mysql", "mariadb")


def replaced(placed: PlacedCall, run: Place, captured: Iterable[PlacedCall]) -> str:
    """The name of what a question is about, where the work finds it there; else empty."""
    asked = set(_asked(placed))
    if not asked:
        return ""
    for work in run.calls:
        if work.call.program in (placed.call.program, "pg_restore"):
            found = asked.intersection(_existing(work))
            if found:
                return min(found)
    own = (work for work in run.calls if work.call.program == placed.call.program)
    known = asked & {name for work in own for name in _made(work)}
    if not known:
        return ""
    read = {name for other in captured for name in _read(other)}
    return min(known & read, default="")


def _asked(placed: PlacedCall) -> Iterator[str]:
    """What a call asks for, where it succeeds for anything of that name."""
    call = placed.call
    if call.program == "curl":
        yield from _address(placed, _LOOKS) if call.has(*_FAILS) else ()
        return
    if call.program in _SQL:
        said = [statement.text.lower() for statement in placed.statements]
        name = placed.filled(database(call))
        if name and said and all(text in ("select 1", "select 1;") for text in said):
            yield f"database {name}"
        return
    form = matching(call, _ASKS)
    if form:
        yield from _names(form, placed)


def _existing(work: PlacedCall) -> Iterator[str]:
    """What a call of the work needs to be there."""
    call = work.call
    if call.program == "pg_restore":
        if restores_over(call) and not call.has("create", "C"):
            yield f"database {work.filled(database(call))}"
    elif call.program == "curl":
        yield from _address(work, ("PATCH",))
    else:
        form = matching(call, _EXISTING)
        yield from _names(form, work) if form else ()


def _made(work: PlacedCall) -> Iterator[str]:
    """What a call of the work writes, whether it is there or not."""
    if work.call.program == "curl":
        yield from _address(work, _WRITES)
        return
    form = matching(work.call, _MAKING)
    if form:
        names = list(_names(form, work))
        yield from names if form.names else names[-1:] if _copies(work) else names[:1]


def _read(placed: PlacedCall) -> Iterator[str]:
    """What a call of the capture has found there."""
    if placed.call.program == "curl":
        yield from _address(placed, _LOOKS)
        return
    form = matching(placed.call, _ASKS)
    if form:
        yield from _names(form, placed)
    form = matching(placed.call, _MAKING)
    if form and _copies(placed):
        yield from list(_names(form, placed))[:-1]


def _copies(placed: PlacedCall) -> bool:
    """Whether it takes sources and, as the last one, a target."""
    return not _COPYING.isdisjoint(placed.call.operands[:2])


def _names(form: Form, placed: PlacedCall) -> Iterator[str]:
    """The names that a call of a form is about, without project and snapshot."""
    for word in objects(form, placed.call) or ():
        name = placed.filled(word)
        if placed.call.program == "bq":
            name = name.rpartition(":")[2]
        elif placed.call.program == "zfs":
            name = name.partition("@")[0]
        if name and "*" not in name:
            yield name


def _address(placed: PlacedCall, methods: tuple[str, ...]) -> Iterator[str]:
    """The address of a request by one of some methods."""
    method = (placed.call.value("X", "request") or "").upper()
    if method in methods:
        yield from (text for text in map(placed.filled, placed.call.operands) if "://" in text)
