# Which unreported settings the published tables allow: `snakemake -- calibration`, and the method on
# tables simulated from known settings: `snakemake -- calibration_check`.


wildcard_constraints:
    paper="published|synthetic-[0-9]+",
    generation="[0-9]+",
    first="[0-9]+",
    last="[0-9]+",


rule calibration:
    input:
        CALIBRATION_FILES,
        # A clone has the reports but not these, and so computes them.
        "results/calibration/admissible.parquet",
        "results/calibration/predictions.parquet",
        # Of what the report is made from, the result; and the preset that it chose.
        calibration.draws(calibration.PUBLISHED),
        calibration.posterior(calibration.PUBLISHED),
        "reports/calibration_preset.json",


rule calibration_check:
    input:
        CHECK_FILES,
        [calibration.posterior(paper) for paper in calibration.papers(CALIBRATION)],
        [calibration.draws(paper) for paper in calibration.papers(CALIBRATION)],


rule calibration_target:
    input:
        lambda wildcards: (
            []
            if wildcards.paper == calibration.PUBLISHED
            else calibration.proposal(CALIBRATION["generations"] - 1)
        ),
        kernel=ancient(KERNEL),
    output:
        target="results/calibration/{paper}/target.json",
    log:
        "results/joblogs/calibration/{paper}/target.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=calibration_target_spec,
    shell:
        "python -m sdposim calibration-target --spec {params.spec:q}"
        " --output {output.target:q} > {log:q} 2>&1"


# Exploring draws, common to all papers.
rule calibration_draws:
    input:
        lambda wildcards: (
            [] if wildcards.generation == "0" else calibration.proposal(wildcards.generation)
        ),
        kernel=ancient(KERNEL),
    output:
        draws="results/calibration/generation={generation}/draws={first}-{last}.parquet",
    log:
        "results/joblogs/calibration/generation={generation}/draws={first}-{last}.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: calibration_draws_spec(
            wildcards,
            generation=int(wildcards.generation),
            runs=CALIBRATION["runs"],
            proposal=(
                None if wildcards.generation == "0" else calibration.proposal(wildcards.generation)
            ),
        ),
    shell:
        "python -m sdposim calibration-draws --spec {params.spec:q}"
        " --output {output.draws:q} > {log:q} 2>&1"


rule calibration_proposal:
    input:
        lambda wildcards: calibration_files(
            calibration.explored(CALIBRATION, int(wildcards.generation))
        ),
        calibration.target(calibration.PUBLISHED),
        kernel=ancient(KERNEL),
    output:
        proposal="results/calibration/generation={generation}/proposal.json",
    log:
        "results/joblogs/calibration/generation={generation}/proposal.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: calibration_spec(
            "proposal",
            options=calibration.exploring(CALIBRATION),
            base=calibration_base(),
            generation=int(wildcards.generation),
        ),
    shell:
        "python -m sdposim calibration-proposal --spec {params.spec:q}"
        " --output {output.proposal:q} > {log:q} 2>&1"


# What a paper's tables allow, from here on.
rule calibration_starts:
    input:
        calibration_files(calibration.explored(CALIBRATION, CALIBRATION["generations"])),
        lambda wildcards: calibration.target(wildcards.paper),
        kernel=ancient(KERNEL),
    output:
        starts="results/calibration/{paper}/starts.json",
    log:
        "results/joblogs/calibration/{paper}/starts.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: calibration_paper_spec("starts", wildcards, base=calibration_base()),
    shell:
        "python -m sdposim calibration-starts --spec {params.spec:q}"
        " --output {output.starts:q} > {log:q} 2>&1"


rule calibration_climbs:
    input:
        lambda wildcards: calibration.starts(wildcards.paper),
        lambda wildcards: calibration.target(wildcards.paper),
        kernel=ancient(KERNEL),
    output:
        modes="results/calibration/{paper}/climbs={first}-{last}.json",
    log:
        "results/joblogs/calibration/{paper}/climbs={first}-{last}.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: calibration_spec(
            "climbs",
            base=calibration_base(),
            paper=wildcards.paper,
            first=int(wildcards.first),
            last=int(wildcards.last),
        ),
    shell:
        "python -m sdposim calibration-climbs --spec {params.spec:q}"
        " --output {output.modes:q} > {log:q} 2>&1"


rule calibration_sharp_proposal:
    input:
        lambda wildcards: calibration.before_sharp(
            CALIBRATION, wildcards.paper, int(wildcards.generation)
        ),
        lambda wildcards: calibration.target(wildcards.paper),
    output:
        proposal="results/calibration/{paper}/generation={generation}/proposal.json",
    log:
        "results/joblogs/calibration/{paper}/generation={generation}/proposal.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: calibration_paper_spec(
            "sharp_proposal", wildcards, generation=int(wildcards.generation)
        ),
    shell:
        "python -m sdposim calibration-sharp-proposal --spec {params.spec:q}"
        " --output {output.proposal:q} > {log:q} 2>&1"


rule calibration_sharp_draws:
    input:
        "results/calibration/{paper}/generation={generation}/proposal.json",
        kernel=ancient(KERNEL),
    output:
        draws="results/calibration/{paper}/generation={generation}/draws={first}-{last}.parquet",
    log:
        "results/joblogs/calibration/{paper}/generation={generation}/draws={first}-{last}.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: calibration_draws_spec(
            wildcards,
            generation=calibration.stream(wildcards.paper, int(wildcards.generation)),
            runs=CALIBRATION["sharp_runs"],
            proposal=calibration.sharp_proposal(wildcards.paper, wildcards.generation),
        ),
    shell:
        "python -m sdposim calibration-draws --spec {params.spec:q}"
        " --output {output.draws:q} > {log:q} 2>&1"


rule calibration_posterior:
    input:
        lambda wildcards: calibration_sharp_files(wildcards.paper),
    output:
        draws="results/calibration/{paper}/draws.parquet",
        said="results/calibration/{paper}/posterior.json",
    log:
        "results/joblogs/calibration/{paper}/posterior.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: calibration_paper_spec("posterior", wildcards),
    shell:
        "python -m sdposim calibration-posterior --spec {params.spec:q}"
        " --draws {output.draws:q} --output {output.said:q} > {log:q} 2>&1"


rule calibration_held_out:
    input:
        calibration_sharp_files(calibration.PUBLISHED),
        kernel=ancient(KERNEL),
    output:
        numbers="results/calibration/held_out/draws={first}-{last}.parquet",
    log:
        "results/joblogs/calibration/held_out/draws={first}-{last}.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: calibration_spec(
            "held_out",
            options=calibration.sharpening(CALIBRATION),
            base=calibration_base(),
            seed=CALIBRATION["seed"],
            first=int(wildcards.first),
            last=int(wildcards.last),
            runs=6,
        ),
    shell:
        "python -m sdposim calibration-held-out --spec {params.spec:q}"
        " --output {output.numbers:q} > {log:q} 2>&1"


rule calibration_report:
    input:
        calibration_sharp_files(calibration.PUBLISHED),
        calibration.held_out(CALIBRATION),
        kernel=ancient(KERNEL),
        draws=calibration.draws(calibration.PUBLISHED),
        said=calibration.posterior(calibration.PUBLISHED),
    output:
        CALIBRATION_FILES,
        accepted="results/calibration/admissible.parquet",
        predicted="results/calibration/predictions.parquet",
        preset="reports/calibration_preset.json",
    log:
        "results/joblogs/calibration/report.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: calibration_spec(
            "report",
            options=calibration.sharpening(CALIBRATION),
            base=calibration_base(),
            held_out=calibration_held_out_numbers(),
        ),
    shell:
        "python -m sdposim calibration-report --spec {params.spec:q}"
        " --draws {input.draws:q}"
        " --posterior {input.said:q} --accepted {output.accepted:q}"
        " --predicted {output.predicted:q} --preset {output.preset:q} > {log:q} 2>&1"


rule calibration_check_report:
    input:
        [calibration.posterior(paper) for paper in calibration.papers(CALIBRATION)],
    output:
        CHECK_FILES,
    log:
        "results/joblogs/calibration/check.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: calibration_spec("check", papers=calibration.papers(CALIBRATION)),
    shell:
        "python -m sdposim calibration-check --spec {params.spec:q}" " > {log:q} 2>&1"
