"""What a command changes on the machine that it runs on, for every later call of its program.

The current context of kubectl, the project of gcloud, the workspace of Terraform, what is checked
out: an object as in `rbdsl.rules.objects`. Where the state is a step's own (`KUBECONFIG`,
`--configuration`) there is none.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbdsl.analysis.shell_variables import variables
from rbdsl.record import dataclass
from rbdsl.rules.objects import Object
from rbdsl.rules.placed_calls import PlacedCall

CLIENT = "client"
"""The system of such an object."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A command that changes a state: its first words, and the state's kind and name.

    `{}` in a name is the word behind those. The state is the step's own with one of `variables` or
    of `options`. `needs` is an option that has to be there; `folder` the option that says where,
    without which it is the `cd` before.
    """

    words: tuple[str, ...]
    kind: str
    name: str = ""
    variables: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    needs: str = ""
    folder: str = ""


_CONTEXT = "current context of"
_OF_KUBECTL = ("KUBECONFIG",)
_FILES = ("kubeconfig", "file", "f")
_OF_GCLOUD = ("CLOUDSDK_CONFIG", "CLOUDSDK_ACTIVE_CONFIG_NAME")


def _context(*words: str, needs: str = "") -> _Known:
    return _Known(words, _CONTEXT, "kubectl", _OF_KUBECTL, _FILES, needs)


_KUBECTL = (
    _context("config", "use-context"),
    _context("config", "set-context", needs="current"),
)
_TERRAFORM = (
    _Known(("workspace", "select"), "workspace in", variables=("TF_DATA_DIR",), folder="chdir"),
)
_TABLE = {
    "kubectl": _KUBECTL,
    "oc": (*_KUBECTL, _context("project")),
    "gcloud": (
        _context("container", "clusters", "get-credentials"),
        _Known(("config", "set"), "gcloud setting", "{}", _OF_GCLOUD, ("configuration",)),
        _Known(("config", "configurations", "activate"), "configuration of", "gcloud", _OF_GCLOUD),
    ),
    "az": (
        _context("aks", "get-credentials"),
        _Known(("account", "set"), "subscription of", "az", ("AZURE_CONFIG_DIR",)),
    ),
    "aws": (
        _context("eks", "update-kubeconfig"),
        _Known(("configure", "set"), "aws setting", "{}", ("AWS_CONFIG_FILE",)),
    ),
    "docker": (_Known(("context", "use"), _CONTEXT, "docker", ("DOCKER_CONFIG",)),),
    "terraform": _TERRAFORM,
    "tofu": _TERRAFORM,
    "git": tuple(
        _Known((verb,), "checkout in", folder="C") for verb in ("checkout", "switch", "reset")
    ),
}


def client_state(placed: PlacedCall) -> Iterator[Object]:
    """The states that a call changes."""
    call = placed.call
    for known in _TABLE.get(call.program, ()):
        if call.operands[: len(known.words)] != known.words or not _applies(placed, known):
            continue
        name = _folder(placed, known.folder) if known.folder else _name(placed, known)
        if name and "$" not in name:
            yield CLIENT, *call.where, known.kind, name


def _applies(placed: PlacedCall, known: _Known) -> bool:
    call = placed.call
    if known.needs and not call.has(known.needs):
        return False
    if known.folder == "C" and any(word.text == "--" for word in call.words):
        return False  # some files, and not another commit
    return not call.has(*known.options) and not _own(placed, *known.variables)


def _name(placed: PlacedCall, known: _Known) -> str:
    """The name of a state: that of a setting with its profile."""
    behind = placed.call.operands[len(known.words) :]
    if known.name == "{}":
        default = "default" if placed.call.program == "aws" else ""
        profile = placed.filled(placed.call.value("profile") or default)
        what = placed.filled(behind[0]) if behind else ""
        return f"{what} of {profile}" if profile else what
    return known.name


def _own(placed: PlacedCall, *names: str) -> bool:
    """Whether the state lies where a variable of the call or of its text says."""
    made = variables(placed.place.shell.text).names
    return any(name in placed.call.environment or name in made for name in names)


def _folder(placed: PlacedCall, option: str) -> str:
    """The folder of an option, or of the `cd` before."""
    said = placed.call.value(option)
    if said is None:
        before = (
            other.call.operands[0] if other.call.operands else "$HOME"
            for other in placed.place.before(placed)
            if other.call.program in ("cd", "pushd") and other.call.where == placed.call.where
        )
        said = next(before, ".")
    return placed.filled(said)
