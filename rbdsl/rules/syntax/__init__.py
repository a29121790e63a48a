"""Syntax: what the parser can't read.

Documentation only: the parser reports these, and the project what is no text at all.
"""
