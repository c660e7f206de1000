"""How many responses the next survey needs: widths of intervals, power."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from helpers.survey.distributions import wilson_interval
from helpers.survey.family import FAMILY_ERROR
from helpers.survey.pairs import cliff_delta

# What a survey that is to find a difference should have, in per cent.
ENOUGH_POWER = 80
# Percentiles between which the truth should lie eight times in ten.
RANGE = [10, 90]


def plan_interval_width(sizes: Iterable[int], percent: float) -> pd.DataFrame:
    """How wide the interval of a percentage would be, by the number of respondents of the next survey.

    Returns
    -------
    DataFrame
        `n, share, low, high, width`, one row per size; all in per cent. 50% is the widest case.
    """
    n = pd.Series(list(sizes), dtype=float)
    bounds = wilson_interval(n * percent / 100, n)
    return pd.DataFrame({"n": n.astype(int), "share": float(percent)}).join(bounds).eval("width = high - low")


def measure_spread(
    scores: pd.Series, shift: float, lowest: float, highest: float, resamples: int = 2_000, seed: int = 1
) -> tuple[float, np.ndarray, str]:
    """How clearly a shift would show among people like these.

    Returns
    -------
    delta : float
        Cliff's delta between the scores moved by `shift` (and cut off at the ends of the scale) and the scores as they are.
    spread : ndarray
        The square of the rank test's standard error over that of the difference, with one person in each group: as estimated,
        and the ends of its `RANGE`, the bootstrap's turned round on the scale of logarithms. (Resamples spread less than the
        people they are drawn from, so their plain percentiles lie too low: see `tests/benchmarks`.)
    note : str
        Why something is missing; empty otherwise.
    """
    known = scores.dropna().round(9)
    values, counts = np.unique(known, return_counts=True)
    if len(values) < 2:
        reason = "all scores are identical" if len(known) else "there are no scores"
        return np.nan, np.full(3, np.nan), f"[not defined: {reason}]"
    moved = np.clip(values + shift, lowest, highest).round(9)
    every = np.unique([values, moved])
    drawn = np.random.default_rng(seed).multinomial(len(known), counts / len(known), resamples)
    first, second = (np.vstack([counts, drawn]) @ (places[:, None] == every) for places in (values, moved))
    delta = cliff_delta(second, first)
    untied = 1 - (((first + second) / (2 * len(known))) ** 3).sum(axis=1)
    spread = np.divide(untied, 1.5 * delta**2, out=np.full(len(delta), np.inf), where=delta != 0)
    if np.isinf(spread[0]):
        return delta[0], np.full(3, np.nan), "[not defined: the shift changes no score]"
    ends = spread[0] ** 2 / np.percentile(spread[1:], RANGE[::-1], method="nearest")
    vague = ends[0] == 0
    note = "[range not defined: the shift would change too few scores]" if vague else ""
    return delta[0], np.array([spread[0], *(ends if not vague else [np.nan] * 2)]), note


def plan_power(
    scores: pd.Series, sizes: Iterable[int], shift: float, lowest: float, highest: float, tests: int = 1, **resampling: int
) -> pd.DataFrame:
    """How likely would two groups (or waves) of the next survey be told apart, by their size?

    Power of the two-sided Mann–Whitney test with ties, by Noether's formula (for groups under about twenty it is rough).

    Parameters
    ----------
    scores : Series
        One construct's scores; missing ones are left out.
    shift : float
        How far apart the groups are, in points of the scale; `lowest` and `highest` are its ends.
    tests : int
        How many tests the 5% are shared among: the first step of Holm's correction.
    **resampling
        `resamples` and `seed` of `measure_spread`.

    Returns
    -------
    DataFrame
        `n_per_group, shift, delta, power, power_low, power_high, note`; `delta` is the Cliff's delta that the shift amounts
        to. Power in per cent, with its `RANGE`, since this survey knows the spread of scores only roughly.

    References
    ----------
    Noether 1987, J Am Stat Assoc 82:645–647. With ties: Zhao, Rahardja & Qu 2008, Stat Med 27:462–468.
    """
    from scipy.stats import norm

    table = pd.DataFrame({"n_per_group": list(sizes), "shift": float(shift)})
    delta, spread, note = measure_spread(scores, shift, lowest, highest, **resampling)
    distance, edge = np.sqrt(table[["n_per_group"]].to_numpy() / spread), norm.isf(FAMILY_ERROR / tests / 2)
    power, high, low = (100 * (norm.cdf(distance - edge) + norm.cdf(-distance - edge))).T
    return table.assign(delta=delta, power=power, power_low=low, power_high=high, note=note)


def find_size(
    scores: pd.Series, shift: float, lowest: float, highest: float, tests: int = 1, **resampling: int
) -> dict[str, object]:
    """How many responses each of two groups needs to be told apart with a power of `ENOUGH_POWER`; see `plan_power`.

    Returns
    -------
    dict
        `shift, needed, needed_low, needed_high, note`.
    """
    from scipy.stats import norm

    _, spread, note = measure_spread(scores, shift, lowest, highest, **resampling)
    edge = norm.isf(FAMILY_ERROR / tests / 2) + norm.ppf(ENOUGH_POWER / 100)
    sizes = dict(zip(["needed", "needed_low", "needed_high"], np.ceil(edge**2 * spread), strict=True))
    return {"shift": shift} | sizes | {"note": note}
