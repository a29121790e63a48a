"""Level: what the certification level demands.

The analysis finds the proofs; `report` turns what is missing into findings.
"""
