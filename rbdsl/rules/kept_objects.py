"""The objects of Kubernetes that a plan keeps in a file: `kubectl get … -o yaml >"$file"`.

Each with its kinds and names as they are asked for, and with whether something takes out of it
what the server alone may write (`resourceVersion`) before it is kept or put back.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.calls import Call
from rbdsl.analysis.file_programs import Use
from rbdsl.patterns import lazy_pattern
from rbdsl.record import dataclass
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall
from rbdsl.rules.placed_files import PlacedFile

CLUSTER = ("kubectl", "oc")
_CARRIERS = frozenset(
    ["cat", "tee", "gzip", "zstd", "xz", "sort", "ts", "pv", "envsubst", "base64"]
)
"""Programs that hand on what they read, whole."""
_AS_IT_IS = lazy_pattern(r"\.(?:items\[\]|\s*)?\Z")
_VERSION = "resourceVersion"


@dataclass(frozen=True)
class KeptObject:
    """A file with objects: where it is written, by which `get`, and what that asks for.

    `whole` says that they are in it as the server gave them.
    """

    file: PlacedFile
    get: Call
    kinds: frozenset[str]
    names: tuple[str, ...]
    whole: bool

    @property
    def shown(self) -> str:
        """`configmap/limits`, or the kind where no name is known."""
        kind = min(self.kinds, default="object")
        return f"{kind}/{self.names[0]}" if self.names else kind


def kept_objects(context: Context) -> dict[str, KeptObject]:
    """The files in which the plan keeps objects, by their paths; of several writers the last."""
    if context.calls_by_program.keys().isdisjoint(CLUSTER):
        return {}
    found = {kept.file.path: kept for file in context.files for kept in _kept(file)}
    for file in context.files if found else ():
        kept = found.get(file.path)
        if kept and kept.whole and file.file.call and _VERSION in file.file.call.text:
            found[file.path] = KeptObject(kept.file, kept.get, kept.kinds, kept.names, whole=False)
    return found


def _kept(file: PlacedFile) -> Iterator[KeptObject]:
    pipeline = file.file.pipeline
    if file.use is not Use.WRITE or not pipeline or not _gets(pipeline[0]):
        return
    get = pipeline[0]
    kinds, names = asked_for(PlacedCall(get, file.place))
    whole = not get.has("export") and all(map(_hands_on, pipeline[1:]))
    yield KeptObject(file, get, kinds, names, whole)


def _gets(call: Call) -> bool:
    """Whether it prints objects in a form that can be applied."""
    if call.program not in CLUSTER or call.operands[:1] != ("get",):
        return False
    return call.value("output", "o") in ("yaml", "json")


def asked_for(placed: PlacedCall) -> tuple[frozenset[str], tuple[str, ...]]:
    """The kinds, in lower case, and the names that stand behind the verb of a call of kubectl."""
    kinds, names = set[str](), list[str]()
    for word in map(placed.filled, placed.call.operands[1:]):
        kind, slash, name = word.partition("/")
        if slash:
            kinds.add(kind.lower())
            names.append(name)
        elif not kinds:
            kinds.update(kind.lower().split(","))
        else:
            names.append(word)
    return frozenset(kinds), tuple(name for name in names if "$" not in name)


def _hands_on(call: Call) -> bool:
    """Whether a program of the pipe leaves the objects as they are."""
    if call.program in _CARRIERS:
        return True
    if call.program in ("jq", "yq"):
        program = next((w for w in call.operands if w not in ("eval", "e")), ".")
        return _AS_IT_IS.match(program) is not None
    return call.program in ("sed", "grep") and _VERSION not in call.text


def put_back(context: Context, *verbs: str) -> Iterator[tuple[PlacedCall, str]]:
    """The calls that hand a file to the cluster by one of these verbs, each with its path."""
    for program in CLUSTER:
        for _, placed in context.acting.get(program, ()):
            call = placed.call
            if call.operands[:1] and call.operands[0] in verbs and not _is_dry(call):
                value = call.value("filename", "f")
                if value and value != "-":
                    yield placed, placed.filled(value).removeprefix("./")


def _is_dry(call: Call) -> bool:
    return call.has("dry-run") and call.value("dry-run") != "none"
