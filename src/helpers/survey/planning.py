"""How many responses the next survey needs to tell two groups apart."""

from collections.abc import Iterable
from statistics import NormalDist

import numpy as np
import pandas as pd

from helpers.survey.family import FAMILY_ERROR
from helpers.survey.pairs import cliff_delta

# A difference of so many standard errors beyond the edge of significance is found with a power of 80%.
BEYOND = NormalDist().inv_cdf(0.8)
# Percentiles between which the truth should lie eight times in ten.
RANGE = [10, 90]


def find_size(
    scores: pd.Series, shift: float, lowest: float, highest: float, tests: int = 1, resamples: int = 2_000, seed: int = 1
) -> dict[str, object]:
    """How many responses each of two groups (or waves) needs to be told apart with a power of 80%?

    One group is supposed to score as people did here, the other `shift` points higher as far as the scale allows. The test is
    Mann and Whitney's, two-sided, by Noether's formula with ties: rough for groups under twenty.

    `scores`: of one construct; missing ones are left out.
    `lowest, highest`: the ends of the scale.
    `tests`: how many tests the 5% are shared among: the first step of Holm's correction.

    Gives `shift, delta, needed, needed_low, needed_high, note`; `delta` is the Cliff's delta that the shift amounts to. The
    size should lie in the range eight times in ten: the bootstrap's, turned round on the scale of logarithms, since resamples
    spread less than what they are drawn from. Noether 1987, J Am Stat Assoc 82:645–647. With ties: Zhao, Rahardja & Qu 2008,
    Stat Med 27:462–468.
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
    """How likely would two groups be told apart, by their size?

    `needed` are rows of `find_size` for so many tests; in the place of its sizes come `n_per_group, power, power_low,
    power_high`, in per cent.
    """
    from scipy.special import ndtr

    names, edge = {"needed": "power", "needed_high": "power_low", "needed_low": "power_high"}, find_edge(tests)
    table = needed.merge(pd.DataFrame({"n_per_group": list(sizes)}), how="cross").rename(columns=names)
    steps = {name: np.sqrt(table["n_per_group"] / table[name]) for name in names.values()}
    return table.assign(**{name: 100 * ndtr((edge + BEYOND) * step - edge) for name, step in steps.items()})


def find_edge(tests: int) -> float:
    """How many standard errors a difference must reach where so many tests share the 5%."""
    return NormalDist().inv_cdf(1 - FAMILY_ERROR / tests / 2)
