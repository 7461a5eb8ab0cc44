"""Sections 2.3 to 2.5: what moves the policy, a folder per slot and a file per part.

A method has up to two terms, a blend of the two, a regulariser, and a preconditioner. A term either
distils, with a `divergence` from a teacher (`base`, `guidance`), or scores tokens: an `advantage`
of each rollout, which its tokens get as `credit`. Each term is a descent direction, float64
(C, V): the negative gradient of its loss with respect to the logits. A loss is a mean over rollouts
of a sum over their positions, so that a context counts by the share of the rollouts that came by.
"""
