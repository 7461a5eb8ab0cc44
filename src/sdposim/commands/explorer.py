"""The explorer: the kernel as WebAssembly, and the page that runs it."""

from pathlib import Path

from sdposim.model.loop import train_cells
from sdposim.numerics import wasm
from sdposim.report.explorer import catalogue, stories
from sdposim.report.explorer.layout import example
from sdposim.report.explorer.page import page
from sdposim.report.files import write_atomically
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


def run_kernel(output: str) -> None:
    """Write the kernel of all parts as WebAssembly.

    Args:
        output: the .wasm to write.

    Raises:
        UserError: there is no linker, or the file cannot be written.
    """
    code = wasm.emit(train_cells, example(), wasm.EXPORT)
    write_atomically(Path(output), code)
    print(f"{len(code):,} bytes", flush=True)


def run(kernel: str, results: str, output: str) -> None:
    """Write the page.

    Args:
        kernel: the .wasm.
        results: the folder of reports, whose tables the page shows beside what it trains.
        output: the page to write.

    Raises:
        UserError: the page cannot be written.
    """
    known = everything()
    steps = known["setting"]["training"]["steps"]
    known |= stories.results(Path(results), steps, known["final_window"])
    text = page(known, Path(kernel).read_bytes())
    write_atomically(Path(output), text)
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
            "note": getattr(own, "note", None) or "",
            "composition": own.composition,
        }
        for name, own in chosen.items()
    }
