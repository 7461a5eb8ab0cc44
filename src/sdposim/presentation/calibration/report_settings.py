"""Of the report: what was done, the prior, and what the tables say about each setting."""

from collections.abc import Mapping

from sdposim.presentation.calibration import verdicts
from sdposim.presentation.calibration.findings import Findings
from sdposim.presentation.calibration.markdown import digits, paragraph, percent, table
from sdposim.presentation.calibration.names import LANDSCAPE, PARAMETERS, READINGS
from sdposim.presentation.calibration.settings import reading_probabilities


def method(found: Findings) -> str:
    """Return how it was done."""
    posterior = found.posterior
    done = paragraph(
        "The paper leaves out the settings below. Each got a prior: a range, or a few readings",
        f"that are equally likely. {posterior['explored']:,} combinations were simulated in",
        f"{posterior['generations']} exploring generations, the first spread evenly over the",
        "prior, each later one drawn where the earlier ones suggested a good fit. From the",
        f"{posterior['climbs']} best landscapes and readings found, Gauss-Newton steps climbed to",
        f"the nearest mode. Around these modes, {posterior['draws']:,} combinations were drawn and",
        f"simulated with {posterior['runs']} runs each, in three generations; their importance",
        "weights make them a sample of the posterior. Fitted are the 36 numbers of tables 1 to 3",
        "and nothing else. Distances are in units of the run-to-run scatter of reward, entropy and",
        "correlation, each published number being one run rounded to three decimals. For the true",
        "settings the squared distance is chi-squared with 36 degrees of freedom, so 95% of papers",
        f"stay below {posterior['threshold']:.1f}; a setting that does is called admissible.",
    )
    kept_out = paragraph(
        "REINFORCE's credit correlation is fitted in **magnitude**: equation 4 is the policy",
        "gradient, whose correlation is positive, so no setting gives the published sign.",
        "Figures 4 to 6 and section 3.5 were kept out of the fit and test it.",
    )
    return f"{done}\n\n{kept_out}"


def prior(posterior: Mapping) -> str:
    """Return the table of priors."""
    rows = []
    for name, named in PARAMETERS.items():
        entry = posterior["parameters"][name]
        shape = "log-uniform" if entry["logarithmic"] else "uniform"
        values = f"{shape}, {digits(entry['low'])} to {digits(entry['high'])}"
        rows.append((named.text, f"`{named.key}`", values))
    for name, named in READINGS.items():
        values = ", ".join(f"`{value}`" for value in reading_probabilities(posterior, name))
        keys = ", ".join(f"`{key}`" for key in named.key.split(", "))
        rows.append((named.text, keys, f"{values}: {named.meaning}"))
    size = posterior["landscapes"]["size"]
    rows.append((LANDSCAPE.text, f"`{LANDSCAPE.key}`", f"uniform, seeds 0 to {size - 1}"))
    return table(("setting", "configuration", "prior"), rows)


def settings(found: Findings) -> str:
    """Return the table of posteriors and verdicts."""
    posterior, rows = found.posterior, []
    phrases = found.settings.drop_duplicates("setting").set_index("setting")["phrase"]
    preset = posterior["preset"]
    for name, named in PARAMETERS.items():
        entry = posterior["parameters"][name]
        low, median, high = map(digits, entry["posterior"])
        chosen = digits(preset[name]) if name in preset else ""
        prior = f"{digits(entry['low'])} to {digits(entry['high'])}"
        rows.append((named.text, prior, f"{median} ({low} to {high})", chosen, phrases[name]))
    for name, named in READINGS.items():
        shares = reading_probabilities(posterior, name)
        text = ", ".join(f"{value} {percent(share)}" for value, share in shares.items())
        chosen = str(preset.get(name, "")).lower()
        rows.append((named.text, f"{len(shares)} readings", text, chosen, phrases[name]))
    seeds = posterior["landscapes"]
    text = ", ".join(f"seed {seed} {percent(share)}" for seed, share in seeds["top"][:3])
    chosen = str(preset["landscape"])
    rows.append((LANDSCAPE.text, f"{seeds['size']} seeds", text, chosen, phrases["landscape"]))
    header = ("setting", "prior", "posterior", "preset", "verdict")
    legend = paragraph(
        "Posterior: median and 90% interval, or probabilities (of the landscape, the three",
        "likeliest seeds). Decided: the 90% interval covers at most",
        f"{verdicts.DECIDED_WIDTH} of the prior's, in prior quantiles, or a value has at least",
        f"{percent(verdicts.DECIDED_PROBABILITY)}. Narrowed: at most {verdicts.NARROWED_WIDTH} of",
        f"the prior's, a value with at least {percent(verdicts.LIKELY_PROBABILITY)}, or one with",
        f"less than {percent(verdicts.EXCLUDED_PROBABILITY)}. Undetermined by construction: no",
        "table depends on it.",
    )
    return f"{legend}\n\n{table(header, rows)}"
