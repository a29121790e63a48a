"""Time and SLA: budgets, claims, worst cases, limits."""
