# The places of a run's files, checked before anything is computed.
from sdposim.workflow.places import occupied

if workflow.is_main_process:
    _problems = occupied(
        ("results", "reports"),
        # The crate is a folder.
        [
            product
            for rule in workflow.rules
            for product in rule.products()
            if not product.is_directory
        ],
    )
    if _problems:
        sys.exit("\n".join(f"error: {problem}" for problem in _problems))
