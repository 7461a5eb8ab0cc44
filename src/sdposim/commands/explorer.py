"""The explorer: the page that trains cells, of the default configuration."""

from pathlib import Path

from sdposim.report.explorer import catalogue, stories
from sdposim.report.explorer.page import page
from sdposim.report.files import write_atomically
from sdposim.storage.receipts import write_receipt
from sdposim.workflow.configuration import audit, mechanisms, paper, testbed
from sdposim.workflow.configuration.models import Config
from sdposim.workflow.configuration.settings import Setting

GROUPS = {
    "The paper": paper,
    "Audit": audit,
    "Mechanisms": mechanisms,
    "Testbed and hypotheses": testbed,
}
"""Where methods and feedbacks of the default configuration are declared."""


def run(spec: str, kernel: str, results: str, output: str, receipt: str) -> None:
    """Write the page.

    Args:
        spec: canonical JSON of what the page depends on besides the kernel and the tables.
        kernel: the .wasm.
        results: the folder of reports, whose tables the page shows beside what it trains.
        output: the page to write.
        receipt: the receipt to write, see `sdposim.storage.receipts`.

    Raises:
        UserError: the page cannot be written.
    """
    known = everything()
    steps = known["setting"]["training"]["steps"]
    known |= stories.results(Path(results), steps, known["final_window"])
    text = page(known, Path(kernel).read_bytes())
    write_atomically(Path(output), text)
    write_receipt(receipt, [output], spec)
    print(f"{len(text):,} bytes", flush=True)


def everything() -> dict:
    """What the page knows of the default configuration."""
    config = Config()
    setting = config.settings["paper"].model_dump()
    landscape = setting["landscape"]
    five = config.settings["landscapes"].landscape.seed
    made = catalogue.catalogue(
        _described(config.methods, "methods"),
        _described(config.feedbacks, "feedbacks"),
        setting,
        Setting.model_json_schema(),
    )
    generator, order = landscape["generator"], landscape["order"]
    return made | {
        "five": five,
        "landscapes": catalogue.landscapes(five, generator, order),
        "final_window": config.analysis.final_window,
        "windows": config.analysis.model_dump(include={"final_window", "smoothing_window"}),
        "limits": {"table": 2**21, "work": 2**26, "log": 2**21},
    }


def _described(chosen: dict, kind: str) -> dict[str, dict]:
    declared = {group: getattr(module, kind)() for group, module in GROUPS.items()}
    return {
        name: {
            "label": own.label or name.replace("_", " "),
            "group": next(group for group, names in declared.items() if name in names),
            "note": (getattr(own, "note", None) or "").replace("`", ""),
            "composition": own.composition,
        }
        for name, own in chosen.items()
    }
