"""The steps of an identification, each the command of a rule and a module that is tracked alone."""
