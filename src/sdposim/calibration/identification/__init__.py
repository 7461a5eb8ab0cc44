"""Which program drew the paper's landscapes: hypotheses, simulations and evidence of each."""
