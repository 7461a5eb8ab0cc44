"""Section 2.2: what a judge says of a batch, a folder per slot and a file per part.

A judge observes each rollout's reward with `noise`, and perhaps with a `bias`, and says it on a
`scale`. A critique comes with `hints` besides.
"""
