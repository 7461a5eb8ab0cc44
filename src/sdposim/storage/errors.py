"""The one exception that a user is meant to read."""


class UserError(Exception):
    """A mistake in the configuration, the input files or the environment.

    The message is one sentence that names the key or file, the value and what is allowed; the
    command line prints it without a traceback.
    """
