# What `snakemake --report` shows: tables, texts and figures as pages, `snakemake -- pages`.
from sdposim.workflow import pages as showing

# Those of claims and of the testbed are in a clone, and take hours to make: a page depends on what
# the files hold, and no rule that makes them runs for it.
PAGES = showing.present(CONFIG)
TARGETS["pages"] = Target(
    name="pages",
    configuration={},
    sealed={},
    shown=lambda: showing.spec(PAGES),
    inputs=[],
    files=[page.path for page in PAGES],
    reporter="pages",
)


rule pages:
    """The pages of the report, of every table, text and figure."""
    input:
        begun,
    output:
        [report(page.path, category=page.category, labels={"page": page.title}) for page in PAGES],
        receipt=TARGETS["pages"].receipt,
    log:
        showing.LOG,
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: TARGETS["pages"].shown(),
    # Through a pipe, because the spec can be longer than a command line.
    shell:
        "printf '%s\\n' {params.spec:q} | python -m sdposim pages --folder results/pages"
        " --receipt {output.receipt:q} > {log:q} 2>&1"
