"""Which settings the paper had, from the numbers it gives."""
