"""How the requirements of the levels are proven: one function each, in families."""
