"""What changed between two versions of a plan, and what got weaker: pure, on two `Checked`."""
