"""Commands that end with 0 also where they have not done it, and where they tell that instead.

A table of the requests to AWS whose answer names what was refused, and of others of that kind: the
sockets of programs, bulk requests to a search server, shells of other systems.
"""

from __future__ import annotations

import re
from itertools import pairwise

from rbdsl.analysis.calls import Call
from rbdsl.record import dataclass
from rbdsl.rules.placed_calls import PlacedCall


@dataclass(frozen=True, slots=True)
class Told:
    """What a command may leave undone, and who tells.

    - `act`: the command, for the message.
    - `tells`: where the answer says it, for the message.
    - `seen`: a pattern of what is in shell that has read the answer.
    - `asked`: a pattern of what asks afterwards for what was to be done.
    - `hint`: how to read it.
    - `anywhere`: whether it is enough that anything in the plan asks, and not only the step.
    """

    act: str
    tells: str
    seen: str
    asked: str
    hint: str
    anywhere: bool = False


_AWS = {
    # service and request → the field of the answer that names what was not done
    ("dynamodb", "batch-write-item"): "UnprocessedItems",
    ("dynamodb", "batch-get-item"): "UnprocessedKeys",
    ("sqs", "send-message-batch"): "Failed",
    ("sqs", "delete-message-batch"): "Failed",
    ("sqs", "change-message-visibility-batch"): "Failed",
    ("sns", "publish-batch"): "Failed",
    ("s3api", "delete-objects"): "Errors",
    ("kinesis", "put-records"): "FailedRecordCount",
    ("firehose", "put-record-batch"): "FailedPutCount",
    ("events", "put-events"): "FailedEntryCount",
    ("events", "put-targets"): "FailedEntryCount",
    ("events", "remove-targets"): "FailedEntryCount",
    ("ecr", "batch-delete-image"): "failures",
    ("glue", "batch-create-partition"): "Errors",
    ("glue", "batch-delete-partition"): "Errors",
    ("lambda", "invoke"): "FunctionError",
}
_UNWAITED = frozenset(["Event", "DryRun"])
"""The kinds of invocation that do not wait for the function."""

_SOCKETS = frozenset(["socat", "nc", "ncat", "netcat"])
_OF_HAPROXY = r"(?i)haproxy|hapee|\badmin\.sock"
_ORDERS = (
    r"\b(?:set (?:server|weight|maxconn|map|ssl)|(?:enable|disable) (?:server|frontend|agent)"
    r"|(?:add|del|clear|commit) (?:map|acl|server|ssl|table)|shutdown (?:sessions?|frontend))\b"
)
_OF_BALANCER = r"\bshow (?:stat|servers|backend|map|acl|table)\b|\bget (?:weight|map)\b|;csv\b"

_BULK = r"/_bulk(?:\Z|\?)"
_GRAPHQL = r"/graphql/?(?:\Z|\?)"
_RPC = r"/(?:api_jsonrpc\.php|jsonrpc)/?(?:\Z|\?)"
_NEVER = r"(?!)"
_OUTPUT = "its output alone"

PROGRAMS = _SOCKETS | {"aws", "az", "curl", "ftp", "asterisk"}


def told(placed: PlacedCall) -> Told | None:
    """How a call may fail with status 0; None for one that is not known for it."""
    call = placed.call
    if call.has("help", "version", "dry-run", "dryrun"):
        return None
    match call.program:
        case "aws":
            return _of_aws(call)
        case "curl":
            return _of_http(placed)
        case program if program in _SOCKETS:
            return _of_socket(placed)
        case "ftp" if call.given:
            hint = "take a client that fails: `curl --fail -T FILE ftp://…`, `lftp`, `sftp -b`"
            return Told("ftp", _OUTPUT, _NEVER, r"\bftp\b|ftp://", hint)
        case "asterisk" if call.bundled >= {"r", "x"} and "show" not in call.text:
            hint = "judge what it prints, or ask afterwards: `asterisk -rx '… show …' | grep …`"
            return Told(
                "asterisk -rx", _OUTPUT, _NEVER, r"asterisk\b.*\bshow\b", hint, anywhere=True
            )
        case "az" if call.operands[:3] == ("vm", "run-command", "invoke"):
            hint = "let the script end with a word of its own, and judge it: `| grep -q '^done$'`"
            return Told("az vm run-command invoke", "`message`", r"\bmessage\b", _NEVER, hint)
    return None


def _of_aws(call: Call) -> Told | None:
    names = next((pair for pair in pairwise(call.operands[:6]) if pair in _AWS), None)
    if names is None:
        return None
    if names[1] == "invoke" and not _UNWAITED.isdisjoint(
        w.rpartition("=")[2] for w in call.text.split()
    ):
        return None
    field, service = _AWS[names], names[0]
    act = f"aws {' '.join(names)}"
    if names[1] == "invoke":
        answer = call.operands[-1]
        seen = rf"{field}|{re.escape(answer)}" if answer not in ("/dev/null", names[1]) else field
        return Told(act, f"`{field}`", seen, _NEVER, f"judge it: `| jq -e '.{field} == null'`")
    hint = f"judge it: `| jq -e '(.{field} | length) == 0'`, and repeat what is left"
    if field.endswith("Count"):
        hint = f"judge it: `| jq -e '.{field} == 0'`, and repeat what is left"
    seen = rf"\b{field}\b"
    return Told(act, f"`{field}`", seen, rf"\baws\b.*\b{service}\b", hint)


def _of_http(placed: PlacedCall) -> Told | None:
    """A request that is answered 200 also where its parts were refused."""
    addresses = [placed.filled(w).strip("\"'") for w in placed.call.operands]
    sent = "\n".join((*placed.texts, *placed.call.given))
    seen = r"\.errors?\b|\berrors?[\"']"
    if any(re.search(_BULK, address) for address in addresses):
        hint = "judge it: `| jq -e '.errors == false'`"
        return Told("_bulk", "`errors`", seen, r"/_(?:count|search|mget|doc)\b", hint)
    if any(re.search(_GRAPHQL, address) for address in addresses) and "mutation" in sent:
        return Told("a mutation", "`errors`", seen, _NEVER, "judge it: `| jq -e '.errors == null'`")
    if any(re.search(_RPC, address) for address in addresses):
        hint = "judge it: `| jq -e '.error == null'`"
        return Told("the request", "`error`", seen, r"jsonrpc", hint)
    return None


def _of_socket(placed: PlacedCall) -> Told | None:
    """An order to HAProxy over its socket; of what only runs shows, the text says what it is."""
    call = placed.call
    if not re.search(_OF_HAPROXY, " ".join(placed.texts)):
        return None
    said = "\n".join(placed.filled(given) for given in call.given)
    if not re.search(_ORDERS, said):
        spoken = not said or "$" in said
        if not spoken or not re.search(_ORDERS, placed.place.shell.text):
            return None
    hint = "HAProxy says nothing where it obeys: take its answer, and fail where there is one"
    return Told(call.program, _OUTPUT, _NEVER, _OF_BALANCER, hint, anywhere=True)
