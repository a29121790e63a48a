"""Which requests to clouds, swarms and search servers only start something, and who waits for it.

As tables: from a call to what it starts and how its end is waited for; nothing else is known here.
"""

from __future__ import annotations

from rbdsl.analysis.calls import Call
from rbdsl.patterns import lazy_pattern

AWS: dict[tuple[str, str], str] = {
    ("ecs", "update-service"): "ecs wait services-stable",
    ("ecs", "run-task"): "ecs wait tasks-stopped",
    ("rds", "restore-db-instance-from-db-snapshot"): "rds wait db-instance-available",
    ("rds", "restore-db-instance-to-point-in-time"): "rds wait db-instance-available",
    ("rds", "restore-db-cluster-from-snapshot"): "rds wait db-cluster-available",
    ("rds", "restore-db-cluster-to-point-in-time"): "rds wait db-cluster-available",
    ("rds", "modify-db-instance"): "rds wait db-instance-available",
    ("rds", "reboot-db-instance"): "rds wait db-instance-available",
    ("rds", "promote-read-replica"): "rds wait db-instance-available",
    ("redshift", "restore-from-cluster-snapshot"): "redshift wait cluster-restored",
    ("cloudfront", "create-invalidation"): "cloudfront wait invalidation-completed",
    ("deploy", "create-deployment"): "deploy wait deployment-successful",
    ("lambda", "update-function-code"): "lambda wait function-updated-v2",
    ("elasticbeanstalk", "update-environment"): "elasticbeanstalk wait environment-updated",
    ("cloudformation", "update-stack"): "cloudformation wait stack-update-complete",
    ("cloudformation", "rollback-stack"): "cloudformation wait stack-rollback-complete",
    ("cloudformation", "execute-change-set"): "cloudformation wait stack-update-complete",
    ("dynamodb", "restore-table-from-backup"): "dynamodb wait table-exists",
    ("dynamodb", "restore-table-to-point-in-time"): "dynamodb wait table-exists",
    ("ec2", "start-instances"): "ec2 wait instance-status-ok",
    ("ec2", "reboot-instances"): "ec2 wait instance-status-ok",
    ("autoscaling", "start-instance-refresh"): "autoscaling describe-instance-refreshes",
    ("autoscaling", "rollback-instance-refresh"): "autoscaling describe-instance-refreshes",
    ("eks", "update-nodegroup-version"): "eks wait nodegroup-active",
    ("elasticache", "modify-replication-group"): "elasticache wait replication-group-available",
    ("backup", "start-restore-job"): "backup describe-restore-job",
    ("apprunner", "start-deployment"): "apprunner list-operations",
    ("ssm", "send-command"): "ssm wait command-executed",
    ("ssm", "start-automation-execution"): "ssm get-automation-execution",
    ("codebuild", "start-build"): "codebuild batch-get-builds",
    ("codepipeline", "start-pipeline-execution"): "codepipeline get-pipeline-execution",
    ("stepfunctions", "start-execution"): "stepfunctions describe-execution",
    ("glue", "start-job-run"): "glue get-job-run",
    ("batch", "submit-job"): "batch describe-jobs",
}
"""What the AWS only takes on, and the command that waits for it or asks how far it is."""

_COMMANDS = frozenset(["ssm", "codebuild", "codepipeline", "stepfunctions", "glue", "batch"])
"""Services that run commands: how those ended, only they know."""
_AWS_ASKS = lazy_pattern(
    r"describe-|wait\Z|get-(?:command|automation|deployment|pipeline|job|build)|batch-get-"
    r"|list-(?:command|deployment|operations|pipeline)"
)

_RESTORE = lazy_pattern(r"/_snapshot/[^/?\s]+/[^/?\s]+/_restore\b")
_SNAPSHOT = lazy_pattern(r"/_snapshot/[^/?\s]+/[^/?\s]+(?:\?|\Z)")
_TASK = lazy_pattern(r"/_(reindex|update_by_query|delete_by_query|forcemerge)\b")
_WAITS = "wait_for_completion=true"
_LEAVES = "wait_for_completion=false"
_SEARCH_ASKS = lazy_pattern(
    r"/_recovery|/_tasks|/_cluster/health|/_cat/(?:recovery|indices|shards|health|tasks|snapshots)"
    r"|/_snapshot/[^/?\s]+/[^/?\s]+(?:/_status|\Z)|/_snapshot/_status"
)
_SWARM = frozenset(["service/update", "service/rollback", "service/scale", "service/create"])


def runs_commands(call: Call) -> bool:
    """Whether it has a service run commands, whose exit status nobody gets who does not ask."""
    return call.program == "aws" and call.operands[0] in _COMMANDS


def asks_aws(call: Call) -> bool:
    """Whether a call of the AWS waits for something, or asks how far it is."""
    return any(map(_AWS_ASKS.match, call.operands[:3]))


def begun_at_search(call: Call) -> tuple[str, str]:
    """What a request to Elasticsearch or OpenSearch leaves running, and its server.

    Both empty where it waits for the end, or where it is no such request.
    """
    for word in call.words[1:]:
        url = word.text
        server = url.partition("/_")[0]
        if "/_" not in url or _WAITS in url:
            continue
        if _RESTORE.search(url):
            return "the restore of a snapshot", server
        if _SNAPSHOT.search(url) and _method(call) in ("PUT", "POST"):
            return "a snapshot", server
        task = _TASK.search(url)
        if task and _LEAVES in url:
            return f"the {task[1].replace('_', ' ')}", server
    return "", ""


def asks_search(call: Call) -> bool:
    """Whether a request asks such a server how far it is."""
    if call.program != "curl" or _method(call) not in ("", "GET"):
        return False
    return any(_SEARCH_ASKS.search(word.text) for word in call.words[1:])


def _method(call: Call) -> str:
    return (call.value("X", "request") or "").upper()


def detached(call: Call, word: str) -> bool:
    """Whether an order to a swarm comes back before it is carried out; `word` is its verb."""
    if word not in _SWARM:
        return False
    return call.has("d", "detach") and call.value("detach") != "false"


def asks_swarm(call: Call) -> bool:
    """Whether a call asks how far a swarm is."""
    words = call.operands[:2]
    if words in (("service", "ps"), ("service", "ls"), ("stack", "ps"), ("stack", "services")):
        return True
    return words == ("service", "inspect") and "UpdateStatus" in call.text


def only_glances(call: Call) -> bool:
    """Whether `rollout status` prints the state and comes back: `--watch=false`."""
    if call.program not in ("kubectl", "oc") or call.operands[:2] != ("rollout", "status"):
        return False
    return call.value("watch", "w") == "false"
