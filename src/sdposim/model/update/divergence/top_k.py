"""A divergence of the student's most likely tokens only (SDPO, arXiv 2601.20802, appendix A.3)."""

from typing import Literal

from sdposim.model import parts
from sdposim.model.numerics.arithmetic import exp, log
from sdposim.model.numerics.jit import inline, jit
from sdposim.model.teacher import weighted_sum
from sdposim.model.update.divergence.jsd import log_over_mixture

COST = 4.0


class Settings(parts.Settings):
    """What `top_k` reads."""

    k: int = parts.field(
        4,
        "K, how many tokens are kept: the student's most likely, of equals the first. Half of the "
        "paper's vocabulary; 20 and 100 in their runs, with some 150 000 tokens.",
        ge=1,
        le=4096,
    )
    divergence: Literal["forward_kl", "reverse_kl", "jsd"] = parts.field(
        "reverse_kl", "Of what is kept; `jsd` is that of a mix of 0.5."
    )
    tail: Literal["bucket", "renormalised", "none"] = parts.field(
        "bucket",
        "What becomes of the other tokens: `bucket` merges them to one, as SDPO's code, "
        "`renormalised` forgets them, of both policies, as TRL's, and `none` leaves their terms "
        "out of the sum: a loss that is no divergence, and whose gradient is not 0 where student "
        "and teacher agree (but for `jsd`).",
    )


FORWARD = Settings.code("divergence", "forward_kl")
REVERSE = Settings.code("divergence", "reverse_kl")
BUCKET, RENORMALISED = Settings.code("tail", "bucket"), Settings.code("tail", "renormalised")


@jit
def top_k(settings, teacher, log_teacher, weights, lanes, own, log_own, chosen, work, out):
    """sum_i w_i (pi' sum_u s_iu - s_iv), where s_iv = pi_v dL_i / dpi_v of a loss of cells.

    Cells are the K tokens and, of `bucket`, what the others sum up to: L_i is the sum over cells of
    p log(p / pi) for `forward_kl`, of pi log(pi / p) for `reverse_kl`, and of both with their
    mixture. A token of the bucket has s_iv = (pi_v / pi of the bucket) s of the bucket. pi' is pi,
    or of `renormalised` pi over the sum of the K, as the teachers are. `none` of `reverse_kl` is
    what arXiv 2605.11182 (of which only the abstract was read) calls biased.
    """
    kept, slopes = work.kept_tokens, work.moment
    shifts, partial = work.mass, work.partial
    count = keep_largest(log_own, settings.k, kept)
    has_tail = settings.tail == BUCKET and count < out.size
    over_kept = settings.tail == RENORMALISED
    of_policy = 0.0
    for i in range(lanes):
        shifts[i] = 0.0
    if has_tail or over_kept:
        which = 1.0 if over_kept else 0.0
        of_policy = log_total(log_own, kept, which)
        log_totals(log_teacher, kept, which, lanes, work.highest, shifts)
    total = 0.0
    merged = 0.0
    if has_tail:
        for i in range(lanes):
            slopes[i] = slope(settings.divergence, shifts[i], of_policy)
            shifts[i] = 0.0  # of the tokens themselves nothing is to be subtracted
        merged = weighted_sum(slopes, weights, lanes, partial)
        total = merged
    of_kept = of_policy if over_kept else 0.0
    for v in range(out.size):
        out[v] = 0.0
        if kept[v] == 1.0:
            row, log_policy = log_teacher[v], log_own[v] - of_kept
            for i in range(lanes):
                slopes[i] = slope(settings.divergence, row[i] - shifts[i], log_policy)
            out[v] = weighted_sum(slopes, weights, lanes, partial)
            total += out[v]
        elif has_tail:
            out[v] = merged * exp(log_own[v] - of_policy)
    for v in range(out.size):
        policy = own[v]
        if over_kept:
            policy = kept[v] * exp(log_own[v] - of_policy)
        out[v] = policy * total - out[v]


@inline
def slope(divergence, log_p, log_policy):
    """pi dL/dpi of a cell's term of the loss, from the logarithms of both probabilities."""
    if divergence == FORWARD:
        return -exp(log_p)
    if divergence == REVERSE:
        return exp(log_policy) * (log_policy - log_p + 1.0)
    return 0.5 * exp(log_policy) * log_over_mixture(0.5, log_p - log_policy)


@jit
def keep_largest(values, count, kept):
    """Mark the `count` largest values, of equals the first: 1 in kept (V,), and 0 of the rest.

    Returns:
        How many there are.
    """
    found = 0
    for v in range(values.size):
        before = 0
        for u in range(values.size):
            if values[u] > values[v] or (values[u] == values[v] and u < v):
                before += 1
        kept[v] = 1.0 if before < count else 0.0
        found += 1 if before < count else 0
    return found


@jit
def log_total(logs, kept, which):
    """log sum exp of those logs (V,) where `kept` is `which`."""
    highest = -1e308
    for v in range(logs.size):
        if kept[v] == which and logs[v] > highest:
            highest = logs[v]
    total = 0.0
    for v in range(logs.size):
        if kept[v] == which:
            total += exp(logs[v] - highest)
    return highest + log(total)


@jit
def log_totals(logs, kept, which, lanes, highest, out):
    """As `log_total`, of each column of logs (V, L), to out (L,); highest (L,) is overwritten."""
    for i in range(lanes):
        highest[i] = -1e308
        out[i] = 0.0
    for v in range(logs.shape[0]):
        if kept[v] == which:
            row = logs[v]
            for i in range(lanes):
                highest[i] = row[i] if row[i] > highest[i] else highest[i]
    for v in range(logs.shape[0]):
        if kept[v] == which:
            row = logs[v]
            for i in range(lanes):
                out[i] += exp(row[i] - highest[i])
    for i in range(lanes):
        out[i] = highest[i] + log(out[i])
