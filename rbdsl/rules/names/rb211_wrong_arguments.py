"""A call has unknown, repeated or missing arguments, or calls what can't be called.

## Why

A misspelt `replicas` that fell back to its default would scale to the wrong number.

## Bad

```rbplan
rbplan 1
use "k8s.rbplan" as k8s
plan example "Example" {
  level 2
  phase stop "Stop" { budget 1m; step scale "Scale" k8s.scale(deployment: "api", replica: 0) }
}
```

```rbplan file="k8s.rbplan"
rbplan 1
module "Kubernetes"
step scale(deployment: string, replicas: int) "Scale" {
  run `kubectl scale "deployment/$deployment" --replicas="$replicas"`
}
```

## Good

```rbplan
rbplan 1
use "k8s.rbplan" as k8s
plan example "Example" {
  level 2
  phase stop "Stop" { budget 1m; step scale "Scale" k8s.scale(deployment: "api", replicas: 0) }
}
```

```rbplan file="k8s.rbplan"
rbplan 1
module "Kubernetes"
step scale(deployment: string, replicas: int) "Scale" {
  run `kubectl scale "deployment/$deployment" --replicas="$replicas"`
}
```

## How it can be fooled

By a value of the right type that is wrong.
"""

from rbdsl.model.errors import WRONG_ARGUMENTS as CODE

__all__ = ("CODE",)
