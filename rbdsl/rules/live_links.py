"""Words in the names of links to the release that is in use: `current`, `/srv/shop/live`."""

WORDS = "current|live|active|latest|stable"
"""As a part of a pattern; what else may stand around them is the rule's business."""
