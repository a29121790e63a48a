"""Names and types: what the words of a plan mean. Documentation only: the lowering reports it."""
