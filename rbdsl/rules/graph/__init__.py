"""Graph and scenarios: what runs, in which order, and what a partial rollback leaves out."""
