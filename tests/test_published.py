"""The paper's numbers: what the reader takes, and one sentence for what it does not."""

import csv
import re
import subprocess
import sys

import pytest

from sdposim.analysis import published
from sdposim.analysis.published import COLUMNS, PATH, Value, read_values
from sdposim.storage.errors import UserError
from sdposim.storage.sources import import_closure

VALUES = read_values()


def rows():
    with PATH.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def refused(path, text):
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError) as caught:
        read_values(path)
    assert "\n" not in str(caught.value) and str(path) in str(caught.value)
    return str(caught.value).removeprefix(str(path))


def written(path, changed, header=COLUMNS):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, header, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(changed)
    return path.read_text(encoding="utf-8")


def test_every_row_is_read_as_it_stands():
    assert [value.id for value in VALUES] == [row["id"] for row in rows()]
    for value, row in zip(VALUES, rows(), strict=True):
        for name in COLUMNS:
            own = getattr(value, name)
            assert own == (type(own)(row[name]) if row[name] else own), (value.id, name)
            assert row[name] or own in ("", None), (value.id, name)
    (value,) = published.matching(VALUES, id="table2.reinforce.binary")
    assert value == Value(
        id="table2.reinforce.binary", where="table2", quantity="credit_correlation",
        statistic="final", method="reinforce", feedback="binary", noise=0.0,
        value=-0.645, digits=3, source="printed", reading_sd=None,
    )  # fmt: skip
    assert (value.label, value.variance) == ("table 2", 0.001**2 / 12)


def test_an_id_says_where_its_number_stands():
    for value in VALUES:
        assert value.id.startswith(f"{value.where}."), value.id


def test_columns_may_stand_in_another_order_and_lines_may_be_empty(tmp_path):
    path = tmp_path / "values.csv"
    text = written(path, rows(), header=sorted(COLUMNS))
    path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n\r\n").encode())
    assert read_values(path) == VALUES


PRINTED, FIGURE, DESIGN = "table1.sdpo.binary", "figure3.initial", "section2.7.steps"


@pytest.mark.parametrize(
    "id, column, value, allowed",
    [
        (PRINTED, "value", "0.65O", "a number such as"),
        (PRINTED, "value", "", "a number such as"),
        (PRINTED, "value", "nan", "a number such as"),
        (PRINTED, "value", "True", "a number such as"),
        (PRINTED, "value", "6.5e-1", "a number such as"),
        (PRINTED, "value", "9" * 400, "a number such as"),
        (PRINTED, "where", "Table 1", "such as table1"),
        (PRINTED, "where", "", "such as table1"),
        (PRINTED, "quantity", "regret", "reward, entropy"),
        (PRINTED, "statistic", "median", "final, mean, sd"),
        (PRINTED, "statistic", "", "final, mean, sd"),
        (PRINTED, "method", "SDPO", "lower-case letters"),
        (PRINTED, "feedback", "binary ", "lower-case letters"),
        (PRINTED, "noise", "", "a number such as"),
        (PRINTED, "noise", "-0.1", "a number such as"),
        (PRINTED, "digits", "", "as the value was printed"),
        (PRINTED, "digits", "2", "3, as the value is 0.650"),
        (PRINTED, "digits", "three", "as the value was printed"),
        (PRINTED, "source", "guessed", "printed, figure"),
        (PRINTED, "reading_sd", "0.002", "nothing"),
        (FIGURE, "reading_sd", "", "a number such as"),
        (FIGURE, "digits", "x", "a digit or nothing"),
        (DESIGN, "statistic", "final", "nothing"),
        (DESIGN, "noise", "0", "nothing"),
    ],
)
def test_a_cell_that_is_not_allowed(tmp_path, id, column, value, allowed):
    changed = rows()
    (place,) = (place for place, row in enumerate(changed) if row["id"] == id)
    changed[place][column] = value
    text = refused(tmp_path / "values.csv", written(tmp_path / "values.csv", changed))
    start = f", line {place + 2}, id {id!r}, column {column}: "
    assert text.startswith(start) and allowed in text.partition("; allowed: ")[2]
    assert repr(value)[:150] in text and len(text) < 500


def test_an_id_or_a_statement_that_stands_twice(tmp_path):
    path, changed = tmp_path / "values.csv", rows()
    changed[20]["id"] = changed[19]["id"]
    text = refused(path, written(path, changed))
    assert text == f", line 22, column id: {changed[19]['id']!r} stands twice; allowed: once"
    changed[20] = changed[19] | {"id": "mine", "value": "0.999"}
    text = refused(path, written(path, changed))
    assert text.startswith(f", line 22, id 'mine': {changed[19]['id']} states the same; allowed:")


def test_a_file_that_is_no_table_of_values(tmp_path):
    path = tmp_path / "values.csv"
    lacking = [name for name in COLUMNS if name != "digits"]
    text = refused(path, written(path, rows(), header=lacking))
    assert re.fullmatch(r", line 1: columns \[.*\] are not allowed; allowed: .*'digits'.*", text)
    assert "'mine'" in refused(path, written(path, rows(), header=[*COLUMNS, "mine"]))
    assert "columns [] are not allowed" in refused(path, "")
    whole = written(path, rows())
    assert refused(path, whole.replace(",6,0,printed,\n", ",6,0,printed\n", 1)).startswith(
        f", line 3: {len(COLUMNS) - 1} cells are not allowed; allowed: {len(COLUMNS)}"
    )
    assert "is not valid csv" in refused(path, whole + '"')
    path.write_bytes(whole.encode("utf-16"))
    with pytest.raises(UserError, match="is not UTF-8"):
        read_values(path)
    with pytest.raises(UserError, match=r"cannot read .*absent\.csv: No such file"):
        read_values(tmp_path / "absent.csv")


def test_rows_of_a_spec_hold_the_columns_that_are_read_and_no_others():
    (value,) = published.matching(VALUES, id="figure5.hybrid_weight.minimum")
    (row,) = published.to_rows([value])
    assert row == {
        "where": "figure5", "quantity": "hybrid_weight", "statistic": "minimum",
        "method": "hybrid", "noise": 0.2, "value": 0.67,
    }  # fmt: skip
    (row,) = published.to_rows([value], published.FITTED)
    (read,) = published.from_rows([row])
    assert read.variance == value.variance == 0.005**2
    (zero,) = published.to_rows(published.matching(VALUES, id=PRINTED))
    assert zero["noise"] == 0.0


def test_the_first_of_two_statements_counts():
    cell = ("credit_correlation", "sdpo", "continuous")
    assert published.final(VALUES, *cell, 0.5) == 0.76
    assert published.final(VALUES[::-1], *cell, 0.5) == 0.72
    assert published.final(VALUES, *cell, 0.25) is None


def test_reading_is_cheap_and_training_does_without():
    code = "import sys, sdposim.analysis.published\nprint(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert not {"numpy", "pandas", "pyarrow", "yaml"} & set(loaded.stdout.split())
    assert "sdposim.analysis.published" not in import_closure("sdposim.commands.train")
    own = set(import_closure("sdposim.analysis.published")) - {"sdposim.analysis"}
    assert {name.split(".")[1] for name in own - {"sdposim.analysis.published"}} == {"storage"}
