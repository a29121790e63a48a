"""Evidence and style: dates, tests, ladders, checklists."""
