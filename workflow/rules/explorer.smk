# The explorer, a page that trains cells in a browser: `snakemake -- explorer`. It needs wasm-ld,
# Debian's lld-19, and so is in no other target.
from sdposim.report.explorer import stories
from sdposim.storage.files import sha256

EXPLORER = ROOT / "src/sdposim/report/explorer"
EXPLORER_PACKAGES = (*kernel.KERNEL_PACKAGES, "pydantic")
# Reports of other targets, which take far longer: the page has them as they are.
TOLD = [Path("reports", name) for name in stories.TOLD]


rule explorer:
    """The explorer: `reports/explorer.html`, a page that trains cells in a browser."""
    input:
        "reports/explorer.html",


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
        expand("reports/{name}", name=stories.READ),
        files=sorted(str(path) for path in EXPLORER.glob("**/*.*") if path.suffix != ".py"),
        kernel="results/explorer/kernel.wasm",
    output:
        page="reports/explorer.html",
    log:
        "results/joblogs/explorer/page.log",
    conda:
        "../../envs/environment.yaml"
    params:
        digest=lambda wildcards: digest(
            "sdposim.commands.explorer",
            *kernel.parts.modules(),
            packages=EXPLORER_PACKAGES,
        ),
        told=lambda wildcards: [sha256(path) for path in TOLD if path.exists()],
    shell:
        "python -m sdposim explorer --kernel {input.kernel:q} --results reports"
        " --output {output.page:q} > {log:q} 2>&1"
