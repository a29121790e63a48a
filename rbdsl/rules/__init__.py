"""The rules: one module each, whose docstring is its documentation.

`registry` finds and runs them, `documentation` turns their docstrings into pages, `suppression`
takes out what a plan allows by name.
"""
