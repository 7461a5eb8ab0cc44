# Which of the paper's claims hold, and which hypotheses: `snakemake -- claims`, `-- hypotheses`.
from sdposim.audit.rulebooks import RULEBOOKS
from sdposim.workflow.claims import Audit

AUDITS = {
    name: asked(Audit, CONFIG, ARTEFACTS, PUBLISHED, book) for name, book in RULEBOOKS.items()
}
TARGETS.update({name: own.target() for name, own in AUDITS.items()})


wildcard_constraints:
    audit="|".join(AUDITS),
    claim="[A-Za-z][A-Za-z0-9_-]*",


# The report of an audit has a figure, too.
ruleorder: audit_report > figure


for _audit in AUDITS:

    rule:
        """The verdicts on all of them: the page and all that it needs."""
        name:
            _audit
        input:
            TARGETS[_audit].files,
            # A clone has the reports but not these, and so computes them.
            TARGETS[_audit].inputs,
            TARGETS[_audit].record,
            # Or nobody would notice that one of them was deleted.
            AUDITS[_audit].trained(),


rule claim:
    """Measure one claim or hypothesis: its tests in every scope in which it can be asked."""
    input:
        lambda w: asked(lambda: AUDITS[w.audit].of(w.claim).inputs),
    output:
        evidence="results/{audit}/{claim}.parquet",
    log:
        "results/joblogs/{audit}/{claim}.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda w: asked(lambda: AUDITS[w.audit].of(w.claim).spec()),
    # Through a pipe, because the spec can be longer than a command line.
    shell:
        "printf '%s\\n' {params.spec:q} | python -m sdposim claim"
        " --output {output.evidence:q} > {log:q} 2>&1"


rule audit_report:
    """Judge all claims or hypotheses, and write the page, the tables and the figure."""
    input:
        lambda w: TARGETS[w.audit].inputs,
    output:
        multiext("reports/{audit}", ".md", ".csv", ".json"),
        multiext("reports/figures/{audit}", ".png", ".pdf", ".svg", ".csv"),
        receipt="results/receipts/targets/{audit}.json",
    log:
        "results/joblogs/{audit}/report.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda w: asked(AUDITS[w.audit].report_spec),
    shell:
        "printf '%s\\n' {params.spec:q} | python -m sdposim claims"
        " --receipt {output.receipt:q} > {log:q} 2>&1"
