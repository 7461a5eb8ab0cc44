"""Section 2.2: what a judge says of a batch, a folder per slot and a file per part.

A judge takes each rollout for its reward, or with a `bias` for something else, adds `noise`, and
says it on a `scale`. A critique comes with `hints` besides.
"""
