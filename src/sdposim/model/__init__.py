"""The paper's section 2, one module per subsection; every function names its equation."""
