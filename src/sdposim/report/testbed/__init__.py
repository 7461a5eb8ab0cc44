"""What the testbed finds: a page of one study, one module per question.

Modules have the form that `report.mechanisms` says, and what they share is in its `tools`.
`demands.TESTBED` has the question of each.
"""
