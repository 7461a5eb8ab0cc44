"""One module per step of the workflow; the digest of such a module is the digest of the step."""
