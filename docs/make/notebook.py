"""Make docs/walkthrough.ipynb of docs/walkthrough.py, by `make notebook`: the same bytes each time.

Needs envs/docs.lock.
"""

import sys
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient

SOURCE = Path(__file__).parents[1] / "walkthrough.py"
# What changes from one machine or run to the next, and what nobody reads.
KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}


def executed(source):
    """The notebook of a percent-format file, with what its cells show."""
    notebook = jupytext.read(source)
    client = NotebookClient(
        notebook,
        coalesce_streams=True,
        resources={"metadata": {"path": source.parent}},
    )
    client.execute()
    notebook.metadata = nbformat.from_dict(KERNEL)
    for number, cell in enumerate(notebook.cells, 1):
        cell.id, cell.metadata = f"cell-{number}", {}
        if cell.cell_type == "code":
            cell.outputs = [own for own in cell.outputs if own.get("name") != "stderr"]
            for output in cell.outputs:
                output.get("metadata", {}).clear()
    return notebook


if __name__ == "__main__":
    sys.exit(nbformat.write(executed(SOURCE), SOURCE.with_suffix(".ipynb")))
