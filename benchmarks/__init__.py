"""What the product does in numbers, each a ratio within one run."""
