"""The steps of a joint fit, each the command of a rule and a module that is tracked alone."""
