"""A global phase stands between phases that run in each region.

## Why

It would have to wait for all regions, while the next wave waits for it. Global phases come
before or after all regions.

## Bad

```rbplan
level 4
regions { wave us-east-1; wave eu-west-1 }
phase stop "Stop" { budget 1m; step stop "Stop" { run `./stop.sh "$region"` } }
phase dns "DNS" { global; after stop; budget 1m; step dns "DNS" { run `./dns.sh` } }
phase start "Start" { after dns; budget 1m; step start "Start" { run `./start.sh "$region"` } }
```

## Good

```rbplan
level 4
regions { wave us-east-1; wave eu-west-1 }
phase stop "Stop" { budget 1m; step stop "Stop" { run `./stop.sh "$region"` } }
phase start "Start" { after stop; budget 1m; step start "Start" { run `./start.sh "$region"` } }
phase dns "DNS" { global; after start; budget 1m; step dns "DNS" { run `./dns.sh` } }
```

## How it can be fooled

By a per-region phase that does something global.
"""

from rbdsl.analysis.regions import GLOBAL_BETWEEN as CODE

__all__ = ("CODE",)
