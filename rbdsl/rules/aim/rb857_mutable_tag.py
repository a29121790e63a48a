"""An image is named by a tag that others move.

## Why

`latest` is what was pushed last, which in a rollback is the version that is to go. With no tag at
all it is `latest` as well, and a task definition of ECS without a revision is the last one. A node
that has the tag already may run another image than its neighbour.

## Bad

```rbplan
phase back "Back" {
  budget 2m
  step image "Image" {
    run `kubectl -n shop set image deployment/shop shop=registry.example.com/shop:stable`
    expect `./served.sh 3.1`
  }
}
```

## Good

```rbplan
phase back "Back" {
  budget 2m
  step image "Image" {
    run `kubectl -n shop set image deployment/shop shop=registry.example.com/shop:3.1.4`
    expect `./served.sh 3.1`
  }
}
```

What is the newest moves without a tag, too: `gcloud run services update-traffic --to-latest` and
`$LATEST` of a Lambda function are the version that is to go, and so is a chart of a registry
without `--version`. An image of the plan (`let image`) is reported where it is named.

## How it can be fooled

By a tag that looks like a version and is moved all the same; a digest can't be moved. A container
that only lends a tool (`docker run --rm alpine …`) is spared. That a chart comes from a repository
is known where the plan adds it (`helm repo add`), or by names that everybody gives to one; a family
without revision is meant where the plan has registered it before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbdsl.analysis.arguments import arguments
from rbdsl.analysis.calls import Word
from rbdsl.diagnostics import Code, Diagnostic, Severity
from rbdsl.rules.acting import acting
from rbdsl.rules.aim.images import families, newest, newest_charts, of_plan
from rbdsl.rules.context import Context
from rbdsl.rules.placed_calls import PlacedCall

CODE = Code("RB857", "mutable-tag", Severity.WARNING)

_MOVED = frozenset(
    """
    alpha approved beta canary current default dev develop edge head latest live lts main master
    newest next nightly previous prev prod production qa rc release rolling stable staging test
    testing tip trunk uat
    """.split()  # noqa: SIM905 - a list of words is read as one
)
_ENGINES = ("docker", "podman", "nerdctl", "crictl", "ctr")
_RUN_LETTERS = "evwpluhmcaH"
_RUN_NAMES = frozenset(
    """
    env env-file user workdir volume name network entrypoint mount publish label memory cpus
    add-host pull platform restart hostname log-driver log-opt health-cmd cap-add security-opt
    host context config log-level url connection
    """.split()  # noqa: SIM905 - a list of words is read as one
)
_BY_OPTION: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    # how platforms are told the image of a container: their first words, and the options
    "aws": (("lambda",), ("--image-uri=",)),
    "gcloud": (("run",), ("--image=",)),
    "az": (
        ("containerapp", "container", "webapp", "functionapp"),
        ("--image=", "--docker-custom-image-name=", "--container-image-name="),
    ),
    "fly": (("deploy",), ("--image=",)),
    "flyctl": (("deploy",), ("--image=",)),
}
_REFERENCE = r"(?:[\w.$-]+(?::\d+)?/)*[\w.$-]+(?::[\w.$-]+)?(?:@sha256:\w+)?\Z"


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each such image."""
    for placed, word, option, family in families(context):
        yield CODE.at(
            placed.span_as_written(word),
            f"`{family}` has no revision, and so means the one that was registered last",
            hint=f"name it: `--{option} {family}:41`",
        )
    for placed, chart in newest_charts(context):
        yield CODE.at(
            placed.span,
            f"`{chart}` has no version, and so means the chart that was published last",
            hint="name it: `--version 4.2.1`",
        )
    for placed, said in newest(context):
        yield CODE.at(placed.span, said.fact, hint=said.hint)
    images = {v.name.shell: v for v in of_plan(context) if _moved(v.value.plain if v.value else "")}
    for variable in images.values():
        if variable.value:
            yield CODE.at(
                variable.value.span,
                f"`{_moved(variable.value.plain)}` is moved to whatever is pushed",
                hint="name the version, or better the digest: `…@sha256:…`",
            )
    programs = (*_ENGINES, "kubectl", "oc", "helm", "skopeo", "crane", *_BY_OPTION)
    for placed in acting(context, *programs):
        for word, image in _images(placed):
            tag = _moved(placed.filled(image))
            if tag is not None and image.removeprefix("$") not in images:
                yield CODE.at(
                    placed.span_of(word),
                    f"`{tag}` is moved to whatever is pushed"
                    if tag
                    else f"`{image}` has no tag, and so means `latest`: whatever was pushed last",
                    hint="name the version, or better the digest: `…@sha256:…`",
                )


def _images(placed: PlacedCall) -> Iterator[tuple[Word, str]]:
    """The images that a call is about, with the words that name them."""
    call = placed.call
    operands = list(call.operands)
    if call.program in ("kubectl", "oc"):
        if operands[:2] == ["set", "image"]:
            yield from ((w, w.text.partition("=")[2]) for w in _assignments(call.words))
        elif operands[:1] in (["run"], ["create"]):
            yield from _of_option(call.words, "--image=")
    elif call.program in _BY_OPTION:
        firsts, options = _BY_OPTION[call.program]
        for option in options if operands[:1] and operands[0] in firsts else ():
            yield from _of_option(call.words, option)
    elif call.program == "helm":
        tags = [w for w in call.words if re.search(r"(?:^|[.=])(?:image\.)?tag=[^,]*\Z", w.text)]
        yield from ((w, "image:" + w.text.rpartition("=")[2]) for w in tags)
    elif operands[:2] == ["service", "update"]:
        yield from _of_option(call.words, "--image=")
    elif operands[:1] == ["pull"]:
        named = [w for w in call.words[2:] if not w.text.startswith("-")]
        yield from ((word, word.text) for word in named[:1])
    elif operands[:1] in (["run"], ["create"]):
        read = arguments(call, _RUN_LETTERS, _RUN_NAMES)
        if not read.has("rm") and len(read.operands) > 1:
            yield read.operands[1], read.operands[1].text
    elif call.program in ("skopeo", "crane") and operands[:1] == ["copy"]:
        named = [w for w in call.words[2:] if not w.text.startswith("-")]
        yield from ((word, word.text.removeprefix("docker://")) for word in named[:1])


def _assignments(words: tuple[Word, ...]) -> Iterator[Word]:
    return (w for w in words[1:] if "=" in w.text and not w.text.startswith("-"))


def _of_option(words: tuple[Word, ...], option: str) -> Iterator[tuple[Word, str]]:
    for at, word in enumerate(words):
        if word.text.startswith(option):
            yield word, word.text.removeprefix(option)
        elif word.text == option.rstrip("=") and at + 1 < len(words):
            yield words[at + 1], words[at + 1].text


def _moved(image: str) -> str | None:
    """The tag that others move, empty where there is none; None where the image stays."""
    if not re.match(_REFERENCE, image) or "@" in image:
        return None
    name, colon, tag = image.rpartition("/")[2].partition(":")
    if colon:
        return tag if tag.lower() in _MOVED else None
    return None if "$" in name or image.startswith(("localhost", ".")) else ""
