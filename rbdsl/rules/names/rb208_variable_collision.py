"""Two names become the same shell variable.

## Why

Variables and artifacts become shell variables of their name, with `_` for `-`. `api-image` and
`api_image` would overwrite each other, and one of the two images would never be deployed.

## Bad

```rbplan
let api-image = "api:v2.0.8"
let api_image = "api:v2.0.9"
phase apps "Apps" { budget 2m; step deploy "Deploy" { run `./deploy.sh "$api_image"` } }
```

## Good

```rbplan
let api_image = "api:v2.0.8"
phase apps "Apps" { budget 2m; step deploy "Deploy" { run `./deploy.sh "$api_image"` } }
```

## How it can be fooled

By a variable that a step sets in its own shell.
"""

from rbdsl.model.errors import COLLISION as CODE

__all__ = ("CODE",)
