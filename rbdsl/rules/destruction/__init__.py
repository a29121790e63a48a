"""Destructive commands: What can't be taken back."""
