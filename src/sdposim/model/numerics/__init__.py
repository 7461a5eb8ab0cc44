"""Random numbers, strict arithmetic and machine code: what the model is computed with."""
