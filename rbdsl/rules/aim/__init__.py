"""Wrong target: Commands that may reach something else than what is meant."""
