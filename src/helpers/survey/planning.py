"""How many responses the next survey needs: widths of intervals, power."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from helpers.survey.distributions import wilson_interval
from helpers.survey.pairs import cliff_delta
from helpers.survey.permutation import tabulate_scores


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


def simulate_power(
    scores: pd.Series,
    sizes: Iterable[int],
    shift: float,
    lowest: float,
    highest: float,
    simulations: int = 2_000,
    seed: int = 1,
) -> pd.DataFrame:
    """How likely would two groups (or waves) of the next survey be told apart, by their size?

    Both groups are drawn with replacement from the scores of this survey, and the second is moved by `shift` points and
    cut off at the ends of the scale. Power is the share of simulations with p < .05 in a two-sided Mann–Whitney test
    with the tie correction (its normal approximation: for groups under about eight the curve is rough).

    Parameters
    ----------
    scores : Series
        One construct's scores; missing ones are left out.
    shift : float
        Points of the scale.
    lowest, highest : float
        Ends of the scale.

    Returns
    -------
    DataFrame
        `n_per_group, shift, delta, power, note, low, high`; `delta` is the Cliff's delta that the shift amounts to,
        `low` and `high` bound the simulation's own error (95% Wilson); power and bounds in per cent.
    """
    from scipy.stats import mannwhitneyu

    sizes = list(sizes)
    known = scores.dropna().to_numpy(float)
    moved = np.clip(known + shift, lowest, highest).round(9)
    table = pd.DataFrame({"n_per_group": sizes, "shift": float(shift)})
    if len(known) == 0 or len(np.unique(np.concatenate([known.round(9), moved]))) == 1:
        reason = "there are no scores to draw from" if len(known) == 0 else "all scores are identical"
        empty = dict.fromkeys(["delta", "power", "low", "high"], np.nan)
        return table.assign(**empty, note=f"[not defined: {reason}]")
    random = np.random.default_rng(seed)
    found = []
    for size in sizes:
        first = random.choice(known, (simulations, size)).round(9)
        second = random.choice(moved, (simulations, size))
        p = mannwhitneyu(first, second, axis=1, method="asymptotic").pvalue
        found.append(int((p < 0.05).sum()))
    bounds = wilson_interval(pd.Series(found), pd.Series(simulations, index=table.index))
    pair = pd.DataFrame({"score": np.append(moved, known.round(9)), "group": np.repeat([0, 1], len(known))})
    counts = tabulate_scores(pair["score"], pair["group"])
    delta, power = cliff_delta(counts[:1], counts[1:])[0], 100 * np.array(found) / simulations
    return table.assign(delta=delta, power=power, note="").join(bounds)
