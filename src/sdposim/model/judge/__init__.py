"""Section 2.2: what a judge says of a batch, a folder per slot and a file per part.

A judge observes each rollout's reward, with Gaussian noise of SD sigma, and says it on a `scale`.
A critique comes with `hints` besides.
"""
