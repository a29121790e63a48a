"""Variables and secrets: What shell reads that nobody sets, and secrets where others see them."""
