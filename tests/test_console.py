"""What `make` prints: progress, errors with their logs, and what is new."""

import io
import logging
from types import SimpleNamespace

import pytest
from snakemake_interface_logger_plugins.common import LogEvent

from snakemake_logger_plugin_sdposim import LOG_LINES, LogHandler


class Stream(io.StringIO):
    """A stream that may be a terminal."""

    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


@pytest.fixture
def told(tmp_path, monkeypatch):
    """Make a handler in an empty folder, and give records to it; the text of its stream."""
    monkeypatch.chdir(tmp_path)

    def start(terminal=False, dryrun=False):
        monkeypatch.setattr("sys.stderr", Stream(terminal))
        handler = LogHandler(SimpleNamespace(stdout=False, dryrun=dryrun), None)
        stream = handler._stream

        def tell(event=None, level=logging.INFO, msg="", **more):
            record = logging.makeLogRecord({"msg": msg, "levelno": level, "event": event, **more})
            record.levelname = logging.getLevelName(level)
            handler.emit(record)
            return stream.getvalue()

        def end():
            handler.close()
            return stream.getvalue()

        return tell, end

    return start


def steps(tell, number, total):
    tell(LogEvent.RUN_INFO, stats={"train": total - 1, "all": 1, "total": total})
    for done in range(1, number + 1):
        text = tell(LogEvent.PROGRESS, done=done, total=total)
    return text


def test_many_jobs_take_few_lines(told):
    tell, _ = told()
    lines = steps(tell, 1000, 1000).splitlines()
    assert lines[0] == "1000 jobs to run: 999 train, 1 all"
    assert [line.split()[0] for line in lines[1:]] == [f"{share}%" for share in range(10, 101, 10)]


def test_a_terminal_has_one_line_of_progress(told):
    tell, end = told(terminal=True)
    text = steps(tell, 3, 3)
    assert text.count("\n") == 1 and text.count("\r") == 3
    assert end().startswith(f"{text}\n3 jobs done")


def test_what_is_new_is_named(told, tmp_path):
    (tmp_path / "reports/tables").mkdir(parents=True)
    for name in ("same", "other"):
        (tmp_path / f"reports/tables/{name}.csv").write_text("1")
    tell, end = told()
    steps(tell, 3, 3)
    (tmp_path / "reports/tables/other.csv").write_text("2")
    (tmp_path / "reports/tables/own.csv").write_text("3")
    lines = end().splitlines()
    assert "  changed: reports/tables/other.csv" in lines
    assert "  new: reports/tables/own.csv" in lines
    assert not any("same.csv" in line for line in lines)
    assert f"  look at {tmp_path / 'reports/tables'}" in lines


def test_nothing_new_is_said_too(told):
    tell, end = told()
    steps(tell, 3, 3)
    assert "Every file of reports/ is as it was." in end()


def test_an_error_names_its_files_and_shows_the_end_of_its_log(told, tmp_path):
    (tmp_path / "job.log").write_text("".join(f"line {number}\n" for number in range(50)))
    tell, end = told()
    steps(tell, 1, 3)
    text = tell(
        LogEvent.JOB_ERROR, rule_name="train", output=["a.parquet"], log=["job.log", "none.log"]
    )
    assert "error in rule train: a.parquet\n  its log, job.log, ends:\n" in text
    shown = [line.strip() for line in text.splitlines() if line.startswith("    line")]
    assert shown == [f"line {number}" for number in range(50 - LOG_LINES, 50)]
    assert "none.log, ends:\n    (cannot be read: No such file or directory)" in text
    assert "Stopped after 1 of 3 jobs" in end()


def test_warnings_and_errors_pass_and_small_talk_does_not(told):
    tell, end = told()
    tell(msg="Building DAG of jobs...")
    tell(msg="Provided cores: 2")
    tell(msg="beware", level=logging.WARNING)
    tell(msg="no space", level=logging.ERROR)
    assert tell(msg="Nothing to be done (all up to date).") == (
        "beware\nno space\nNothing to be done (all up to date).\n"
    )
    assert end() == "beware\nno space\nNothing to be done (all up to date).\n"


def test_a_run_of_the_workflow(study):
    study.copy_sources()
    study.edit("src/sdposim/report/tables.py", "DECIMALS = 3", "DECIMALS = 4")
    run = study.snakemake("--cores", "2", "--logger", "sdposim")
    lines = [line for line in run.stderr.splitlines() if not line.startswith("Using ")]
    assert run.returncode == 0 and len(lines) < 25
    assert lines[0].endswith(("2 provenance, 1 all", "2 table, 1 all"))
    assert "  changed: reports/tables/my_table.md" in lines

    study.edit("src/sdposim/report/tables.py", "DECIMALS = 4", "DECIMALS = 1 / 0")
    run = study.snakemake("--cores", "2", "--logger", "sdposim")
    assert run.returncode
    assert "its log, results/joblogs/tables/table1.log, ends:" in run.stderr
    assert "ZeroDivisionError" in run.stderr and "Stopped after 0 of" in run.stderr
