"""Two artifacts have the same path, or one lies inside of the other.

## Why

The second overwrites the first. The restore then reads what the other step wrote, and the
checksum fits, because it was taken of the wrong file too.

And what is a file can't be a folder with another artifact in it: what is written second fails.

## Bad

```rbplan
capture {
  step api  "Save API"  { creates api_config  "config.yaml"; run `./save.sh api > "$api_config"` }
  step auth "Save auth" { creates auth_config "config.yaml"; run `./save.sh auth > "$auth_config"` }
}
```

## Good

```rbplan
capture {
  step api  "Save API"  { creates api_config  "api.yaml"; run `./save.sh api > "$api_config"` }
  step auth "Save auth" { creates auth_config "auth.yaml"; run `./save.sh auth > "$auth_config"` }
}
```

## How it can be fooled

By paths that are only known when the script runs (`${region}`).
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from rbdsl.diagnostics import Code, Diagnostic, Label, Severity
from rbdsl.model.steps import Artifact
from rbdsl.rules.context import Context

CODE = Code("RB803", "same-path-twice", Severity.ERROR)

PARTS = ("artifacts",)


def check(context: Context) -> Iterator[Diagnostic]:
    """One finding for each artifact whose path is taken, or lies inside of another one."""
    first: dict[str, Artifact] = {}
    artifacts = context.plan.artifacts
    for artifact in artifacts:
        path = posixpath.normpath(artifact.path.plain)
        other = first.setdefault(path, artifact)
        if other is not artifact and other.name.text != artifact.name.text:
            yield CODE.at(
                artifact.path.span,
                f"artifacts `{other.name}` and `{artifact.name}` are the same file `{path}`",
                labels=(Label(other.path.span, f"`{other.name}` is written here"),),
                hint="give each its own file",
            )
    for artifact in artifacts:
        path = posixpath.normpath(artifact.path.plain)
        folder = posixpath.dirname(path)
        while folder and folder != "/":
            outer = first.get(folder)
            if outer is not None and outer.name.text != artifact.name.text:
                yield CODE.at(
                    artifact.path.span,
                    f"artifact `{artifact.name}` lies inside of artifact `{outer.name}`: `{path}` "
                    f"needs a folder where `{folder}` is a file",
                    labels=(Label(outer.path.span, f"`{outer.name}` is written here"),),
                    hint=f'give `{outer.name}` a path of its own, e.g. `"{folder}.tar"`',
                )
            folder = posixpath.dirname(folder)
