"""A logger for Snakemake that says in some twenty lines what a run does: `--logger sdposim`.

`make` uses it. It prints how many jobs of which rules there are, how far they are, whatever is
wrong, and at the end which files of `reports/` are others than before. Snakemake's own log keeps
the rest.
"""

import sys
import time
from collections import Counter
from hashlib import sha256
from pathlib import Path

from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

REPORTS = Path("reports")
LISTED = 8
"""As many changed files are named; of more, only their number is told."""
LOG_LINES = 20
"""As many lines of a failed job's log are shown, its last ones."""


class LogHandler(LogHandlerBase):
    """Progress of a run, its errors, and what it changed."""

    # As Snakemake asks for them.
    writes_to_stream = True
    writes_to_file = False
    has_filter = True
    has_formatter = True
    needs_rulegraph = False

    def __post_init__(self) -> None:
        self._stream = sys.stdout if self.common_settings.stdout else sys.stderr
        self._rewrites = self._stream.isatty()
        self._begun = time.monotonic()
        # Now, for a job removes the files that it makes again.
        self._before = _digests()
        self._done = self._total = self._told = 0
        self._failed = False
        self._open = False

    def emit(self, record) -> None:
        """Tell a record, if a person wants to know it."""
        try:
            event = getattr(record, "event", None)
            tell = {
                LogEvent.RUN_INFO: self._jobs,
                LogEvent.PROGRESS: self._progress,
                LogEvent.JOB_ERROR: self._error,
                LogEvent.GROUP_ERROR: self._group_error,
            }.get(event)
            if tell:
                tell(record)
            elif event in (None, LogEvent.ERROR):
                self._message(record)
        except Exception:
            self.handleError(record)

    def close(self) -> None:
        """Tell what a run changed."""
        if self._total and not self.common_settings.dryrun:
            self._end()
        self._total = 0
        super().close()

    # --- what is told --------------------------------------------------------------------------

    def _jobs(self, record) -> None:
        counts = Counter(record.stats)
        self._total = counts.pop("total")
        named = ", ".join(f"{number} {rule}" for rule, number in counts.most_common())
        self._line(f"{self._total} jobs to run: {named}")

    def _progress(self, record) -> None:
        self._done, self._total = record.done, record.total
        share = 100 * self._done // self._total
        text = f"{share:4d}%  {self._done} of {self._total} jobs  {self._elapsed()}"
        if self._rewrites:
            self._stream.write(f"\r{text}")
            self._stream.flush()
            self._open = True
        elif share // 10 > self._told // 10:
            self._line(text)
        self._told = max(share, self._told)

    def _error(self, record) -> None:
        self._failed = True
        self._line(f"error in rule {record.rule_name}: {', '.join(map(str, record.output or []))}")
        for log in record.log or []:
            self._log(Path(log))

    def _group_error(self, record) -> None:
        for info in record.job_error_info:
            self._failed = True
            self._line(f"error in rule {info['rule_name']}: {', '.join(info['output'])}")
            for log in info["log"]:
                self._log(Path(log))

    def _log(self, log: Path) -> None:
        self._line(f"  its log, {log}, ends:")
        try:
            lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError as error:
            lines = [f"(cannot be read: {error.strerror})"]
        for line in lines[-LOG_LINES:]:
            self._line(f"    {line}")

    def _message(self, record) -> None:
        text = record.getMessage()
        if record.levelname in ("WARNING", "ERROR", "CRITICAL"):
            self._failed |= record.levelname != "WARNING"
            self._line(text)
        elif text.startswith(("Nothing to be done", "Complete log")):
            self._line(text)

    def _end(self) -> None:
        if self._failed or self._done < self._total:
            self._line(
                f"Stopped after {self._done} of {self._total} jobs; what is finished is kept,"
                " and the next run goes on from there."
            )
            return
        after = _digests()
        changed = [path for path in after if self._before.get(path) != after[path]]
        self._line(f"{self._total} jobs done in {self._elapsed()}.")
        if not changed:
            self._line("Every file of reports/ is as it was.")
        elif len(changed) > LISTED:
            self._line(f"{len(changed)} files of reports/ are new or others than before.")
        for path in changed if len(changed) <= LISTED else []:
            self._line(f"  {'changed' if path in self._before else 'new'}: {path}")
        for path in ("reports/comparison.md", "reports/tables", "reports/figures"):
            if Path(path).exists():
                self._line(f"  look at {Path(path).absolute()}")

    # --- how -----------------------------------------------------------------------------------

    def _line(self, text: str) -> None:
        self._stream.write(("\n" if self._open else "") + text + "\n")
        self._stream.flush()
        self._open = False

    def _elapsed(self) -> str:
        minutes, seconds = divmod(round(time.monotonic() - self._begun), 60)
        return f"{minutes}:{seconds:02d} min"


def _digests() -> dict[Path, str]:
    files = (path for path in sorted(REPORTS.rglob("*")) if path.is_file())
    return {path: sha256(path.read_bytes()).hexdigest() for path in files}
