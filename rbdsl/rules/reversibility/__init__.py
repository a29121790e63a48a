"""Point of no return: what can not be taken back, and what is left to do then."""
