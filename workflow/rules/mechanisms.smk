# Why claims hold or fall, a figure and a paragraph each: `snakemake -- mechanisms`.


rule mechanisms:
    """Why claims hold or fall: every page."""
    input:
        ARTEFACTS.wanted([name for name, own in CONFIG.studies.items() if own.mechanisms]),


rule mechanism:
    """One question: a page with a figure, its data and a paragraph."""
    input:
        summaries=lambda wildcards: made("mechanisms", wildcards.mechanism).inputs,
    output:
        multiext("reports/mechanisms/{mechanism}", ".md", ".png", ".pdf", ".csv"),
        report(
            "reports/mechanisms/{mechanism}.svg",
            category="6 Files",
            labels={"file": "mechanisms/{mechanism}.svg"},
        ),
        receipt="results/receipts/mechanisms/{mechanism}.json",
    log:
        "results/joblogs/mechanisms/{mechanism}.log",
    wildcard_constraints:
        mechanism="[a-z0-9_-]+",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: made("mechanisms", wildcards.mechanism).spec,
    # Through a pipe, because the spec can be longer than a command line.
    shell:
        "printf '%s\\n' {params.spec:q} | python -m sdposim mechanism"
        " --summaries {input.summaries:q}"
        " --stem reports/mechanisms/{wildcards.mechanism:q}"
        " --receipt {output.receipt:q} > {log:q} 2>&1"
