"""How far from its teacher a student is in a context, for what led there:
`(settings, forward, reverse, entropy)`.

Args:
    forward, reverse: KL(teacher || student) and KL(student || teacher) in nats.
    entropy: the teacher's, in nats.

Returns:
    d. A token gets the credit -sum d over the positions after it: the derivative of a loss over
    sequences by how its later contexts came about, which losses by token hold fixed.
"""
