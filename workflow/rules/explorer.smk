# The explorer, a page that trains cells in a browser: `snakemake -- explorer`. It needs wasm-ld,
# Debian's lld-19, and so is in no other target.
from sdposim.report.explorer import stories
from sdposim.workflow import explorer as exploring

TARGETS["explorer"] = Target(
    name=exploring.NAME,
    configuration={},
    sealed={},
    shown=exploring.spec,
    inputs=[],
    files=[exploring.PAGE],
    reporter="explorer_page",
)


rule explorer:
    """The explorer, a page that trains cells in a browser, and its record."""
    input:
        TARGETS["explorer"].files,
        TARGETS["explorer"].record,


rule explorer_kernel:
    """Compile the kernel to WebAssembly, for the explorer."""
    input:
        begun,
    output:
        kernel="results/explorer/kernel.wasm",
    log:
        "results/joblogs/explorer/kernel.log",
    conda:
        "../../envs/environment.yaml"
    params:
        digest=lambda wildcards: digest(
            "sdposim.commands.wasm",
            *kernel.parts.modules(),
            packages=kernel.KERNEL_PACKAGES,
        ),
    shell:
        "python -m sdposim wasm --output {output.kernel:q} > {log:q} 2>&1"


rule explorer_page:
    """Write the explorer's page, with its kernel, its runs and all that it shows."""
    input:
        begun,
        expand("reports/{name}", name=stories.READ),
        kernel="results/explorer/kernel.wasm",
    output:
        page=TARGETS["explorer"].files,
        receipt=TARGETS["explorer"].receipt,
    log:
        "results/joblogs/explorer/page.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: exploring.spec(),
    shell:
        "printf '%s\\n' {params.spec:q} | python -m sdposim explorer --kernel {input.kernel:q}"
        " --results reports --output {output.page:q} --receipt {output.receipt:q} > {log:q} 2>&1"
