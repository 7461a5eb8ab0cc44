"""Judge all claims of an audit, and write the report on them."""

from pathlib import Path

from sdposim.analysis.files import read_summary
from sdposim.audit.claims import parsed
from sdposim.audit.judged import judged
from sdposim.audit.rulebooks import RULEBOOKS
from sdposim.commands.specs import STANDARD_INPUT, parse
from sdposim.report.labels import named
from sdposim.report.undisturbed import load_matplotlib
from sdposim.storage.receipts import write_receipt
from sdposim.storage.seal import setting_aside


def run(spec: str, receipt: str) -> None:
    """Write reports/<audit>.{md,csv,json} and the figure of the verdicts.

    Args:
        spec: canonical JSON from `workflow.claims.Audit`.
        receipt: the receipt to write.

    Raises:
        UserError: the evidence on a claim is unusable, or a file cannot be written.
    """
    job = parse(
        spec, STANDARD_INPUT, audit=tuple(RULEBOOKS), head=dict, claims=list, scopes=list,
        evidence=dict, rules=dict, reasons=dict, rates=dict, methods=list, feedbacks=list,
    )  # fmt: skip
    rulebook = RULEBOOKS[job["audit"]]
    claims = parsed({key: dict(job[key]) for key in ("head", "scopes", "claims")}, STANDARD_INPUT)
    with setting_aside():
        evidence = {
            name: read_summary(rulebook.evidence(name), made_from)
            for name, made_from in job["evidence"].items()
        }
    load_matplotlib()
    # Only now, because it loads it too.
    from sdposim.report.claims import Findings, written

    about = (job[name] for name in ("rules", "reasons", "rates"))
    findings = Findings(rulebook, claims, judged(claims, evidence), *about)
    with named(job["methods"], job["feedbacks"]):
        files = written(findings, Path("reports"))
    write_receipt(receipt, files, spec)
