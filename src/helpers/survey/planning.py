"""How many responses the next survey needs to tell two groups apart."""

from collections.abc import Iterable
from statistics import NormalDist

import numpy as np
import pandas as pd

from helpers.survey.family import FAMILY_ERROR
from helpers.survey.pairs import cliff_delta

# A difference this many standard errors beyond the edge of significance is found with a power of 80%.
BEYOND = NormalDist().inv_cdf(0.8)
# Percentiles that should contain the truth eight times in ten.
RANGE = [10, 90]


def find_size(
    scores: pd.Series, shift: float, lowest: float, highest: float, tests: int = 1, resamples: int = 2_000, seed: int = 1
) -> dict[str, object]:
    """How many responses do we need in each of two groups (or waves) to tell them apart with a power of 80%?

    We suppose that one group scores as people did here, and the other `shift` points higher as far as the scale allows. The
    test is the two-sided Mann–Whitney test, by Noether's formula with ties, which is rough for groups under twenty.

    Parameters
    ----------
    scores : Series
        The scores of one construct; missing ones are left out.
    lowest, highest : float
        The ends of the scale.
    tests : int
        How many tests share the 5%: the first step of Holm's correction.

    Returns
    -------
    dict
        `shift, delta, needed, needed_low, needed_high, note`; `delta` is Cliff's delta for this shift. The range should contain
        the true size eight times in ten. It is the bootstrap's range, reversed on the log scale because resamples spread less
        than the population they come from.

    References
    ----------
    Noether 1987, J Am Stat Assoc 82:645–647. With ties: Zhao, Rahardja & Qu 2008, Stat Med 27:462–468.
    """
    known = scores.dropna().round(9)
    values, counts = np.unique(known, return_counts=True)
    empty = {"shift": shift} | dict.fromkeys(["delta", "needed", "needed_low", "needed_high"], np.nan)
    if len(values) < 2:
        return empty | {"note": f"[not defined: {'all scores are identical' if len(known) else 'there are no scores'}]"}
    moved = np.clip(values + shift, lowest, highest).round(9)
    every = np.unique([values, moved])
    drawn = np.random.default_rng(seed).multinomial(len(known), counts / len(known), resamples)
    first, second = (np.vstack([counts, drawn]) @ (places[:, None] == every) for places in (values, moved))
    delta = cliff_delta(second, first)
    untied = 1 - (((first + second) / (2 * len(known))) ** 3).sum(axis=1)
    total = (find_edge(tests) + BEYOND) ** 2 * untied / 1.5
    needed = np.divide(total, delta**2, out=np.full(len(delta), np.inf), where=delta != 0)
    if np.isinf(needed[0]):
        return empty | {"note": "[not defined: the shift changes no score]"}
    low, high = needed[0] ** 2 / np.percentile(needed[1:], RANGE[::-1], method="nearest")
    found = empty | {"delta": delta[0], "needed": needed[0]}
    if low == 0:
        return found | {"note": "[range not defined: the shift would change too few scores]"}
    return found | {"needed_low": low, "needed_high": high, "note": ""}


def trace_power(needed: pd.DataFrame, sizes: Iterable[int], tests: int = 1) -> pd.DataFrame:
    """How likely are we to tell two groups apart, depending on their size?

    `needed` holds rows of `find_size` for this number of tests. Its sizes are replaced by `n_per_group, power, power_low,
    power_high`, in per cent.
    """
    from scipy.special import ndtr

    names, edge = {"needed": "power", "needed_high": "power_low", "needed_low": "power_high"}, find_edge(tests)
    table = needed.merge(pd.DataFrame({"n_per_group": list(sizes)}), how="cross").rename(columns=names)
    steps = {name: np.sqrt(table["n_per_group"] / table[name]) for name in names.values()}
    return table.assign(**{name: 100 * ndtr((edge + BEYOND) * step - edge) for name, step in steps.items()})


def find_edge(tests: int) -> float:
    """How many standard errors a difference must reach if this many tests share the 5%."""
    return NormalDist().inv_cdf(1 - FAMILY_ERROR / tests / 2)
