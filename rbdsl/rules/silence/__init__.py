"""Silent failure: Commands that fail and say that all is well."""
