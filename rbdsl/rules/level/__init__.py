"""Level: what the certification level demands. The analysis reports these."""
