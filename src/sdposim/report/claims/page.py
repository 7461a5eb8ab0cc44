"""The page of an audit: a summary in plain words, then every claim."""

from collections.abc import Collection, Iterator
from math import ceil

from sdposim.audit.judged import Judged
from sdposim.audit.verdicts import (
    CONFLICT,
    INCONCLUSIVE,
    NOT_HERE,
    PARTLY,
    SUPPORTED,
    VERDICTS,
)
from sdposim.report.claims.figure import LOOKS
from sdposim.report.claims.findings import Findings
from sdposim.report.files import number
from sdposim.report.labels import feedback_label, method_label
from sdposim.report.markdown import bullets, paragraph, table


def page(findings: Findings) -> str:
    """The page, as markdown."""
    head, stem = findings.claims.head, findings.rulebook.name
    parts = [
        f"# {head.title}",
        *_summary(findings),
        f"![Verdicts of all {head.several} in all scopes](figures/{stem}.png)",
        "## How they are judged",
        *_method(findings),
        *_steps(findings),
        f"## Every {head.one}",
        *(part for name in findings.claims.claims for part in _claim(findings, name)),
    ]
    return "\n\n".join(parts) + "\n"


def _summary(findings: Findings) -> Iterator[str]:
    claims, scopes = findings.claims.claims, findings.claims.scopes
    counted, head = len(findings.by_numbers()), findings.claims.head
    left = len(claims) - counted
    yield paragraph(
        head.count.format(count=len(claims), several=head.several),
        f"Numbers decide {counted if left else 'all'} of them, by rules that were written before",
        f"the results{_younger(findings)}"
        + (f"; {left} can only be reasoned about." if left else "."),
        "Each is judged in several scopes, for what holds in one may be that setting's doing:"
        if head.everywhere
        else "Each is judged in the scopes in which it can be asked:",
    )
    yield bullets(f"**{scope.label}**: {scope.about}" for scope in scopes.values())
    header = ("verdict", *(f">{scope.label}" for scope in scopes.values()))
    rows = []
    for verdict in VERDICTS:
        found = [sum(own[scope].verdict == verdict for own in findings.judged.values())
                 for scope in scopes]  # fmt: skip
        rows.append((f"{LOOKS[verdict][1]} {verdict}", *map(str, found)))
    yield table(header, rows)
    for what, scope, names in _groups(findings):
        yield f"**{what}** ({len(names)})"
        yield bullets(_named(findings, name, scope) for name in names)
    told = {name: claim.contradicts for name, claim in claims.items() if claim.contradicts}
    if told:
        yield f"**The paper contradicts itself, whatever the verdict** ({len(told)})"
        yield bullets(f"{_link(findings, name)}: {own.why}" for name, own in told.items())


def _younger(findings: Findings) -> str:
    """Before whose rules something was known."""
    names = [name for name, claim in findings.claims.claims.items() if claim.known]
    return f" ({findings.claims.head.known.format(names=', '.join(names))})" if names else ""


def _groups(findings: Findings) -> Iterator[tuple[str, str, list[str]]]:
    """What holds, what does not, and what holds in one place only; of nothing that is empty."""
    numbers, scopes = findings.by_numbers(), list(findings.claims.scopes)
    first = scopes[0]

    def where(verdict: str) -> list[str]:
        return [name for name in numbers if findings.verdict(name, first) == verdict]

    def lost(scope: str) -> list[str]:
        return [name for name in where(SUPPORTED) if findings.falls(name, scope)]

    def only(verdict: str, scope: str) -> list[str]:
        found = findings.first_asked_in(scope)
        return [name for name in found if findings.verdict(name, scope) == verdict]

    own = findings.claims.scopes[first].label
    groups = [("Hold in every scope in which they can be asked", "", findings.everywhere())]
    groups += [
        (f"Hold in “{own}” and fall in “{findings.claims.scopes[scope].label}”", scope, lost(scope))
        for scope in scopes[1:]
    ]
    groups += [
        (f"In conflict even in “{own}”", first, where(CONFLICT)),
        (f"Hold in part in “{own}”", first, where(PARTLY)),
        (f"Undecided in “{own}”", first, where(INCONCLUSIVE)),
    ]
    groups += [
        (f"{what} “{findings.claims.scopes[scope].label}”", scope, only(verdict, scope))
        for scope in scopes[1:]
        for what, verdict in (
            ("In conflict in", CONFLICT),
            ("Hold in part in", PARTLY),
            ("Undecided in", INCONCLUSIVE),
        )
    ]
    return (group for group in groups if group[2])


def _named(findings: Findings, name: str, scope: str) -> str:
    text, own = _link(findings, name), findings.judged[name].get(scope)
    if own is None or own.decisive is None:
        return text
    reason = findings.reasons.get(name, "")
    return f"{text}: {_where(own)}{_interval(own.decisive)}. {reason}".rstrip()


def _link(findings: Findings, name: str) -> str:
    return f"[{name}](#{name.lower()}) {findings.claims.claims[name].title}"


def _where(own: Judged) -> str:
    if own.verdict != PARTLY:
        return f"`{own.decisive['effect']}` is "
    fail = f"{own.count(CONFLICT)} of {len(own.tests)} tests fail"
    return f"{fail}, such as `{own.decisive['effect']}`, "


def _interval(row) -> str:
    effect, low, high = (number(row[key], 3) for key in ("measured", "low", "high"))
    return f"{effect} [{low}, {high}]" if low != high else effect


def _method(findings: Findings) -> Iterator[str]:
    head, book = findings.claims.head, findings.rulebook
    commit, state = findings.rules["commit"], findings.rules["state"]
    rules = (
        "the rules have no history here" if not commit else f"they stand as of commit `{commit}`"
    )
    changed = ", and were changed since" if commit and state == "changed" else ""
    yield paragraph(
        f"A {head.one} has one test or more: an effect, a relation, and its bounds, in",
        f"[{book.rules}](../{book.rules}); {rules}{changed}.",
        f"An effect is of means over units: {head.units};",
        "methods are paired by common random numbers. Intervals are 95%",
        "BCa bootstrap intervals over units (Efron, 1987; 9,999 resamples). All tests of a scope",
        f"are one family: by Holm's procedure (1979) at 5% they support a {head.one}, or are in",
        "conflict with it, each once; where neither is so, the test is inconclusive. “Equal” and",
        "“between” are two one-sided tests (Schuirmann, 1987).",
        *_published(findings),
        f"A {head.one} is supported if all its tests are, partly supported if some are and some",
        "are in conflict.",
    )
    yield paragraph(
        "The effect that stands beside a verdict is the one that it hangs on: of a supported",
        f"{head.one} the least sure, of another the one that speaks most against it.",
        f"[{book.name}.csv]({book.name}.csv) has every test, with p-values, the interquartile mean",
        "of units, the share of units in which the effect is beyond the bound (of a difference:",
        "the probability of improvement), and the power;",
        f"[{book.name}.json]({book.name}.json) has the verdicts.",
        f"[docs/claims.md](../docs/claims.md) explains the rules{_implied(findings)}.",
    )


def _implied(findings: Findings) -> str:
    """Where equations say why, the page on them."""
    if not any(claim.equations for claim in findings.claims.claims.values()):
        return ""
    return ", [docs/equations.md](../docs/equations.md) what the paper's equations imply"


def _published(findings: Findings) -> Iterator[str]:
    """What it is to reproduce a number, where one is to be reproduced."""
    tests = (test for claim in findings.claims.claims.values() for test in claim.tests)
    if any(test.relation == "reproduces" for test in tests):
        yield "A published number is reproduced if it lies in the 95% prediction interval of"
        yield "one more unit."


def _steps(findings: Findings) -> Iterator[str]:
    chosen = findings.chosen()
    if not chosen:
        return
    scopes = list(dict.fromkeys(scope for own in chosen.values() for scope in own))
    header = (
        "method",
        "feedback",
        ">noise",
        *(f">{findings.claims.scopes[s].label}" for s in scopes),
    )
    rows = [
        (
            method_label(method) + (variant and f", {variant.replace('_', ' ')}"),
            feedback_label(feedback), noise,
            *(_rates(findings, own.get(scope, [])) for scope in scopes),
        )
        for (method, feedback, noise, variant), own in sorted(chosen.items(), key=_place)
    ]  # fmt: skip
    yield "The learning rates that were chosen:"
    yield table(header, rows)
    for scope in scopes:
        rates = sorted(findings.rates[name] for name in findings.claims.scopes[scope].settings)
        ends = {
            method_label(method)
            for (method, *_), own in chosen.items()
            if {findings.rates[name] for name in own.get(scope, [])} & {rates[0], rates[-1]}
        }
        where = f"In “{findings.claims.scopes[scope].label}”, at" if scopes[1:] else "At"
        if ends:
            yield paragraph(
                f"{where} an end of the range of {len(rates)}, {rates[0]:g} to {rates[-1]:g}, so",
                f"that the best one may lie beyond it: {_listed(ends)}.",
            )


def _rates(findings: Findings, settings: Collection[str]) -> str:
    return ", ".join(f"{rate:g}" for rate in sorted(findings.rates[name] for name in settings))


def _listed(labels: Collection[str]) -> str:
    """Labels in order; some have commas of their own."""
    return ("; " if any("," in label for label in labels) else ", ").join(sorted(labels))


def _place(item) -> tuple:
    (method, feedback, noise, variant), _ = item
    return method, variant, feedback, float(noise)


def _claim(findings: Findings, name: str) -> Iterator[str]:
    claim = findings.claims.claims[name]
    yield f"### {name}\n\n**{claim.title}**"
    links = [f"[{claim.shown}]({claim.shown})"] if claim.shown else []
    if claim.equations:
        links.append(f"[why: {claim.equations}](../docs/equations.md)")
    about = (
        f"{claim.section[0].upper()}{claim.section[1:]}"
        if claim.section[0].isalpha()
        else (f"Section {claim.section}")
    )
    yield paragraph(f"{about}: {claim.claim}", *([f"See {' and '.join(links)}."] if links else []))
    if claim.contradicts:
        told = claim.contradicts
        yield paragraph(f"The paper contradicts itself ({', '.join(told.places)}): {told.why}")
    if claim.known:
        yield paragraph(f"Known before these rules were written: {claim.known}")
    if name in findings.reasons:
        yield paragraph(findings.reasons[name])
    if not claim.tests:
        verdict = findings.verdict(name, next(iter(findings.claims.scopes)))
        yield paragraph(f"{LOOKS[verdict][1]} **{verdict}**, by reasoning: {claim.why}")
        return
    header = (
        "scope",
        "verdict",
        ">tests that hold",
        "the test it hangs on",
        ">effect [95% interval]",
        ">units",
    )
    yield table(header, list(_rows(findings, name)))


def _rows(findings: Findings, name: str) -> Iterator[tuple[str, ...]]:
    for scope, own in findings.judged[name].items():
        label, sign = findings.claims.scopes[scope].label, LOOKS[own.verdict][1]
        if own.verdict == NOT_HERE or own.decisive is None:
            why = findings.claims.claims[name].untested.get(scope)
            if why:
                yield (label, f"{sign} {own.verdict}", "", why, "", "")
            continue
        row = own.decisive
        power = _power(row) if own.verdict == INCONCLUSIVE else ""
        yield (
            label,
            f"{sign} {own.verdict}",
            f"{own.count(SUPPORTED)} of {len(own.tests)}",
            f"`{row['effect']}`: {_said(row['relation'], row['bounds'])}{power}",
            _interval(row),
            f"{int(row['units']):,}",
        )


def _said(relation: str, bounds: str) -> str:
    known = dict(bound.split(" ") for bound in bounds.split(", ") if bound)
    texts = {
        "greater": "above {than}",
        "less": "below {than}",
        "between": "between {from} and {to}",
        "equal": "within {margin} of {to}",
        "same": "exactly {to}",
        "reproduces": "as of one unit",
    }
    return texts[relation].format_map(known)


def _power(row) -> str:
    needed = row["needed"]
    if needed != needed:
        return ""
    units = f"{ceil(needed):,} units" if needed < 1e9 else "no number of units"
    return f" (power {number(row['power'], 2)}; {units} for 0.8)"
