# The testbed: the systems that the paper cites, and more: `snakemake -- testbed`.


rule testbed:
    """The testbed: every page."""
    input:
        ARTEFACTS.wanted([name for name, own in CONFIG.studies.items() if own.testbed]),


rule finding:
    """One question about the testbed: a page with a figure, its data and what the numbers show."""
    input:
        summaries=lambda wildcards: made("testbed", wildcards.finding).inputs,
    output:
        multiext("reports/testbed/{finding}", ".md", ".png", ".pdf", ".csv"),
        report(
            "reports/testbed/{finding}.svg",
            category="6 Files",
            labels={"file": "testbed/{finding}.svg"},
        ),
        receipt="results/receipts/testbed/{finding}.json",
    log:
        "results/joblogs/testbed/{finding}.log",
    wildcard_constraints:
        finding="[a-z0-9_-]+",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: made("testbed", wildcards.finding).spec,
    # Through a pipe, because the spec can be longer than a command line.
    shell:
        "printf '%s\\n' {params.spec:q} | python -m sdposim mechanism"
        " --summaries {input.summaries:q}"
        " --stem reports/testbed/{wildcards.finding:q}"
        " --receipt {output.receipt:q} > {log:q} 2>&1"
