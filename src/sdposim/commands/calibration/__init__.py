"""The steps of a calibration, each the command of a rule and a module that is tracked alone."""
