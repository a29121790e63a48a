"""There are more syntax errors than anyone reads; the rest of the file was not looked at.

## Why

A hundred messages have one cause most of the time: the file is not a plan, or a fence was never
closed. Mend the first ones.

## Bad

A file that is something else, such as a page of HTML with the ending `.rbplan`.

## Good

A plan.

## How it can be fooled

It can't be.
"""

from rbdsl.syntax.errors import TOO_MANY as CODE

__all__ = ("CODE",)
