# The places of a run's files, checked before anything is computed.
from sdposim.places import occupied

if workflow.is_main_process:
    for _problem in occupied(
        ("results", "reports"), [product for rule in workflow.rules for product in rule.products()]
    ):
        sys.exit(f"error: {_problem}")
