"""What people and their tools get to read: findings as text and JSON, drawings of a plan."""
