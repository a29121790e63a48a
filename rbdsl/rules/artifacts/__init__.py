"""Artifacts and values: what is saved, what is read, what is missing."""
