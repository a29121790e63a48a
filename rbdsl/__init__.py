"""rbc: a plan-as-code language and compiler for rollback plans."""

__version__ = "0.1.0"
