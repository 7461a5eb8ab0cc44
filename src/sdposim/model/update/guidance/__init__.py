"""What the teacher knows beyond its base: `(feedback, lanes, tilt)`.

Args:
    feedback: (L,), the distinct feedback values f of the batch.
    lanes: how many there are, padded.
    tilt: (L,), written: by how much a teacher's logits rise for each unit of the guidance q - h.
"""
