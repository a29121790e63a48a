"""From syntax tree to typed plan: one module per part of the language."""
