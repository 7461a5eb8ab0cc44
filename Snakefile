# The workflow is workflow/Snakefile, where catalogs look for it. Snakemake looks here first, and finds
# profiles/ from here. An `include:` would run nothing: it leaves the target out.
workflow.include("workflow/Snakefile", overwrite_default_target=True)
