"""Simulation study of Self-Distillation Policy Optimization (SDPO): replication and audit."""

__version__ = "0.1.0"
