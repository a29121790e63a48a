"""Commands that hang: What waits for a person who is not there, or for ever."""
