"""The measured part of benchmarks/README.md; what people write stands outside the two marks."""

from pathlib import Path

PATH = Path(__file__).with_name("README.md")
MEASURED = "<!-- measured: make benchmark -->", "<!-- end of what is measured -->"
SYSTEMS = "<!-- measured: make benchmark-systems -->", "<!-- end of systems -->"
MAIN = ("sdpo", "continuous")
Times = dict[tuple[str, str], dict[str, float]]
"""Milliseconds per cell by (method, feedback) and program."""


def table(times: Times) -> str:
    """A markdown table of times and of their ratios to the kernel's."""
    names = list(times[MAIN])
    others = [name for name in names if name != "kernel"]
    head = [f"{name} ms" for name in names] + [f"{name} / kernel" for name in others]
    lines = ["| method | feedback | " + " | ".join(head) + " |", "|---|---|" + "---:|" * len(head)]
    for (method, feedback), found in times.items():
        cells = [
            f"{found[name]:.1f}" if name == "NumPy" else f"{found[name]:.3f}" for name in names
        ]
        cells += [f"{found[name] / found['kernel']:.2f}" for name in others]
        lines.append(f"| {method} | {feedback} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def goals(times: Times) -> str:
    """A line for each goal: in how many cases it is met, which ones miss it, and the worst."""
    main = times[MAIN]
    others = {case: found for case, found in times.items() if case != MAIN}
    own = {case: max(found["C"], main["C"]) / found["kernel"] for case, found in others.items()}
    lines = [
        _goal("SDPO/continuous: C / kernel at least 1", 1.0, {MAIN: main["C"] / main["kernel"]}),
        _goal(
            "all others: the greater of their own C time and SDPO/continuous's, / kernel at least "
            "1 / 1.3",
            1 / 1.3,
            own,
        ),
        _goal(
            "beyond the goal, all others: their own C time / kernel at least 1 / 1.3",
            1 / 1.3,
            {case: found["C"] / found["kernel"] for case, found in others.items()},
        ),
    ]
    for name, limit in (("NumPy", 15.0), ("JAX", 3.0)):
        if name in main:
            ratios = {case: found[name] / found["kernel"] for case, found in times.items()}
            lines.append(_goal(f"{name} / kernel at least {limit:g}", limit, ratios))
    return "\n".join(lines)


def _goal(goal: str, limit: float, ratios: dict[tuple[str, str], float]) -> str:
    missed = ["/".join(case) for case, ratio in ratios.items() if ratio < limit]
    least = min(ratios, key=ratios.get)
    text = f"- {goal}: **{'missed' if missed else 'met'}**"
    if len(ratios) > 1:
        text += f" in {len(missed) or len(ratios)} of {len(ratios)}"
    text += f"; least {ratios[least]:.2f} ({'/'.join(least)})"
    return text + (f"; missed by {', '.join(missed)}" if missed and len(ratios) > 1 else "")


def write(measured: str, marks: tuple[str, str] = MEASURED) -> None:
    """Put what was measured into README.md, between its marks.

    Args:
        measured: markdown.
        marks: `MEASURED` or `SYSTEMS`.

    Raises:
        ValueError: the page lacks a mark.
    """
    first, last = marks
    before, rest = PATH.read_text(encoding="utf-8").split(first)
    _, after = rest.split(last)
    PATH.write_text(f"{before}{first}\n\n{measured}\n\n{last}{after}", encoding="utf-8")
