"""Phases wait for each other in a circle.

## Why

None of them could ever start. The whole circle is named, with the statement behind each of its
sides.

## Bad

```rbplan
phase database "Database" { after apps; budget 3m; step load "Load" { run `./load.sh` } }
phase apps "Apps" { after database; budget 2m; step deploy "Deploy" { run `./deploy.sh` } }
```

## Good

```rbplan
phase database "Database" { budget 3m; step load "Load" { run `./load.sh` } }
phase apps "Apps" { after database; budget 2m; step deploy "Deploy" { run `./deploy.sh` } }
```

## How it can be fooled

It can't be.
"""

from rbdsl.analysis.analyse import CYCLE as CODE

__all__ = ("CODE",)
