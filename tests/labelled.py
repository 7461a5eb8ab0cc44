"""A fixture for modules that test pages: import `labels`."""

import pytest

from sdposim.report.labels import named
from sdposim.workflow.configuration.models import Config


@pytest.fixture(autouse=True)
def labels():
    """Methods and feedbacks are called as the configuration says, as in the command."""
    config = Config()
    groups = (
        [{"name": name, "label": own.label} for name, own in group.items()]
        for group in (config.methods, config.feedbacks)
    )
    with named(*groups):
        yield
