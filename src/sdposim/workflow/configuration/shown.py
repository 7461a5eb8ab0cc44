"""What the tables and figures of a configuration show, checked before anything is computed."""

from typing import Any

from sdposim.report import demands
from sdposim.workflow.configuration.models import Config
from sdposim.workflow.published import entries


def check_shown(config: Config, published: dict[str, Any]) -> None:
    """Refuse tables and figures that could not be made; the run and `plan` both ask this.

    Args:
        config: the configuration.
        published: all published values, from `sdposim.workflow.published.read_published`.

    Raises:
        UserError: names a table or figure whose published values do not exist or are of another
            kind, or whose study it cannot show.
    """
    for name, study in config.studies.items():
        for group in ("tables", "figures"):
            for artefact, options in getattr(study, group).items():
                entries(published, options.published, f"studies.{name}.{group}.{artefact}")
    demands.check_config(config)
