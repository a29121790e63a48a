"""Names and types: what the words of a plan mean, and whether they are declared.

Documentation only: the lowering reports these.
"""
