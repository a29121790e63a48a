"""Syntax: what the parser can't read. Documentation only; the parser reports these."""
