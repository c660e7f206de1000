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
# The range over resamples of this survey's people: from its 10th percentile to its 90th.
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


def resample_shift(
    scores: pd.Series, shift: float, lowest: float, highest: float, resamples: int = 2_000, seed: int = 1
) -> tuple[np.ndarray, np.ndarray, str]:
    """How clearly a shift would show among people like these, and like resamples of them.

    Returns
    -------
    delta : ndarray
        Cliff's delta between the scores moved by `shift` (and cut off at the ends of the scale) and the scores as they are: of
        this survey's people first, then of each resample of as many of them.
    untied : ndarray
        What ties leave of the test's variance, up to 1.
    note : str
        Why neither can be told; empty otherwise.
    """
    known = scores.dropna().round(9)
    values, counts = np.unique(known, return_counts=True)
    moved = np.clip(values + shift, lowest, highest).round(9)
    every = np.unique([values, moved])
    if len(every) < 2:
        return (
            np.array([]),
            np.array([]),
            f"[not defined: {'all scores are identical' if len(known) else 'there are no scores'}]",
        )
    drawn = np.random.default_rng(seed).multinomial(len(known), counts / len(known), resamples)
    people = np.vstack([counts, drawn])
    first, second = (people @ (places[:, None] == every) for places in (values, moved))
    ties = (((first + second) / (2 * len(known))) ** 3).sum(axis=1)
    return cliff_delta(second, first), np.maximum(1 - ties, 1e-9), ""


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
        `resamples` and `seed` of `resample_shift`.

    Returns
    -------
    DataFrame
        `n_per_group, shift, delta, power, low, high, note`; `delta` is the Cliff's delta that the shift amounts to. Power in
        per cent; `low` and `high` are its `RANGE` over resamples, since this survey knows the spread of scores only roughly.

    References
    ----------
    Noether 1987, J Am Stat Assoc 82:645–647. With ties: Zhao, Rahardja & Qu 2008, Stat Med 27:462–468.
    """
    from scipy.stats import norm

    table = pd.DataFrame({"n_per_group": list(sizes), "shift": float(shift)})
    delta, untied, note = resample_shift(scores, shift, lowest, highest, **resampling)
    if note:
        return table.assign(**dict.fromkeys(["delta", "power", "low", "high"], np.nan), note=note)
    distance = np.sqrt(1.5 * table["n_per_group"].to_numpy()[:, None] / untied) * np.abs(delta)
    edge = norm.isf(FAMILY_ERROR / tests / 2)
    power = 100 * (norm.cdf(distance - edge) + norm.cdf(-distance - edge))
    low, high = np.percentile(power[:, 1:], RANGE, axis=1)
    return table.assign(delta=delta[0], power=power[:, 0], low=low, high=high, note="")


def find_size(
    scores: pd.Series, shift: float, lowest: float, highest: float, tests: int = 1, **resampling: int
) -> dict[str, object]:
    """How many responses each of two groups needs to be told apart with a power of `ENOUGH_POWER`; see `plan_power`.

    Returns
    -------
    dict
        `shift, needed, low, high, note`; the range is over resamples. Missing where the shift would change nobody's score.
    """
    from scipy.stats import norm

    delta, untied, note = resample_shift(scores, shift, lowest, highest, **resampling)
    if note:
        return {"shift": shift} | dict.fromkeys(["needed", "low", "high"], np.nan) | {"note": note}
    edge = norm.isf(FAMILY_ERROR / tests / 2) + norm.ppf(ENOUGH_POWER / 100)
    with np.errstate(divide="ignore"):
        needed = np.ceil(edge**2 * untied / (1.5 * delta**2))
    found = np.append(needed[0], np.percentile(needed[1:], RANGE, method="nearest"))
    found = np.where(np.isfinite(found), found, np.nan)
    note = "[not defined: such a shift changes too few scores]" if np.isnan(found).any() else ""
    return {"shift": shift} | dict(zip(["needed", "low", "high"], found, strict=True)) | {"note": note}
