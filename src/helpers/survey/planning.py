"""How many responses the next survey needs, to know a percentage closely enough and to tell two groups apart."""

from statistics import NormalDist

import numpy as np
import pandas as pd

from helpers.study.definition import Study
from helpers.survey.distributions import wilson_interval
from helpers.survey.family import FAMILY_ERROR, count_questions
from helpers.survey.pairs import cliff_delta

# A difference this many standard errors beyond the edge of significance is found with a power of 80%.
BEYOND = NormalDist().inv_cdf(0.8)
# Percentiles that should contain the truth eight times in ten.
RANGE = [10, 90]


def plan_widths(sizes: tuple[int, ...] = (20, 40, 60, 80, 100, 150, 200, 300, 400)) -> pd.DataFrame:
    """How wide the interval of a percentage is for each number of respondents: `n, share, low, high, width`, in per cent."""
    table = pd.DataFrame([(n, percent) for percent in (50.0, 80.0, 95.0) for n in sizes], columns=["n", "share"])
    return table.join(wilson_interval(table["n"] * table["share"] / 100, table["n"])).eval("width = high - low")


def count_planned_tests(study: Study) -> int:
    """How many tests share the 5% in a survey like this one: constructs times groupings times questions of the page."""
    return len(study.scored_constructs) * max(1, len(study.survey.groupings)) * count_questions(study)


def plan_sizes(study: Study, scores: pd.DataFrame, shift: float, seed: int = 1) -> pd.DataFrame:
    """How many responses we need in each of two groups to tell them apart: `construct` and the columns of `find_size`."""
    tests, limits = count_planned_tests(study), study.score_limits
    rows = [
        {"construct": key} | find_size(rows["score"], shift, *limits, tests, seed=seed)
        for key, rows in scores.groupby("construct", sort=False)
    ]
    return pd.DataFrame(rows, columns=["construct", "shift", "delta", "needed", "needed_low", "needed_high", "note"])


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


def plan_power(needed: pd.DataFrame, tests: int, sizes: tuple[int, ...] = (10, 20, 30, 40, 60, 80, 120, 160)) -> pd.DataFrame:
    """How likely are we to tell two groups of these sizes apart? `needed` is from `plan_sizes`, for this number of tests.

    Columns: `construct, n_per_group, shift, delta, power, power_low, power_high, note`; the powers are in per cent. Constructs
    whose spread is not known, such as those with only one score, have no rows.
    """
    from scipy.special import ndtr

    names, edge = {"needed": "power", "needed_high": "power_low", "needed_low": "power_high"}, find_edge(tests)
    table = needed.merge(pd.DataFrame({"n_per_group": sizes}), how="cross").rename(columns=names)
    steps = {name: np.sqrt(table["n_per_group"] / table[name]) for name in names.values()}
    table = table.assign(**{name: 100 * ndtr((edge + BEYOND) * step - edge) for name, step in steps.items()})
    columns = ["construct", "n_per_group", "shift", "delta", "power", "power_low", "power_high", "note"]
    return table.dropna(subset="power")[columns]


def find_edge(tests: int) -> float:
    """How many standard errors a difference must reach if this many tests share the 5%."""
    return NormalDist().inv_cdf(1 - FAMILY_ERROR / tests / 2)
