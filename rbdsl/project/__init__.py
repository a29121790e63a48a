"""The world of files around a plan: reading sources, finding plans, loading modules."""
