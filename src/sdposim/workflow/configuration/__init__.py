"""The configuration: its models, its validation in plain sentences, and its documents."""
