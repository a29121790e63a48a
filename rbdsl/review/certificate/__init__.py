"""Which requirement of its level a plan proves, by what: pure, on a checked plan and its runs."""
