"""Triggers and metrics: when the rollback starts by itself."""
