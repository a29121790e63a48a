"""A file can't be read, or what is in it is no text.

Missing, a folder, a device or pipe, without permission, empty, larger than 8 MB, binary, not
UTF-8, with a carriage return inside of a line, or nested as deep as no plan is. The command exits
with 2: nothing is known of the plan.

## Why

A plan that can't be read is a plan that isn't there. In a pipeline this must never look like a
plan without findings.

## Bad

A plan that was saved as UTF-16, or a path with a typing error in it.

## Good

```sh
rbc check plans/api.rbplan
generate-plan | rbc check - --stdin-filename plans/api.rbplan
```

## How it can be fooled

By a text that is no plan: the other rules of this family report that.
"""

from rbdsl.syntax.errors import UNREADABLE_SOURCE as CODE

__all__ = ("CODE",)
