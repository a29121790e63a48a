"""The codes of everything that can be wrong with names, types and units (RB2xx)."""

from rbdsl.diagnostics import Code, Severity

UNKNOWN_NAME = Code("RB201", "unknown-name", Severity.ERROR)
"""A phase, service, metric, artifact, channel, variable or module that is not declared."""

DUPLICATE_NAME = Code("RB202", "duplicate-name", Severity.ERROR)
"""Two things of one kind with the same name."""

WRONG_TYPE = Code("RB203", "wrong-type", Severity.ERROR)
"""A value of another type than the one that is needed here."""

WRONG_UNIT = Code("RB204", "wrong-unit", Severity.ERROR)
"""A quantity without a unit, with an unknown one, or with one of another dimension."""

MISSING = Code("RB205", "missing-statement", Severity.ERROR)
"""A statement that its block can't do without."""

REPEATED = Code("RB206", "repeated-statement", Severity.ERROR)
"""A statement that may stand once in its block and stands there again."""

UNKNOWN_CHOICE = Code("RB207", "unknown-choice", Severity.ERROR)
"""A word that is none of the possible ones, e.g. `automation sometimes`."""

COLLISION = Code("RB208", "variable-collision", Severity.ERROR)
"""Two names that become the same shell variable."""

MODULE_NOT_LOADED = Code("RB209", "module-not-loaded", Severity.ERROR)
"""A module that is missing, unreadable, outside the project, or has errors."""

IMPORT_CYCLE = Code("RB210", "import-cycle", Severity.ERROR)
"""Modules that use each other in a circle."""

WRONG_ARGUMENTS = Code("RB211", "wrong-arguments", Severity.ERROR)
"""A call with unknown, repeated or missing arguments, or of something that can't be called."""

RESERVED_NAME = Code("RB212", "reserved-name", Severity.ERROR)
"""A variable that would overwrite one of the shell's or of the generated script's own."""

WRONG_FILE = Code("RB213", "wrong-file", Severity.ERROR)
"""A file that holds no plan, two plans, or parts of a module beside a plan."""

EMPTY = Code("RB214", "empty", Severity.ERROR)
"""Shell, a name or a block with nothing in it."""

WRONG_ORDER = Code("RB215", "wrong-order", Severity.ERROR)
"""A range that ends before it begins."""

OUT_OF_RANGE = Code("RB216", "out-of-range", Severity.ERROR)
"""A number outside of what makes sense here."""
