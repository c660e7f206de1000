"""Do the items of a construct belong together? Alpha, omega, item–rest correlations."""

import math
import warnings
from collections.abc import Mapping

import numpy as np
import pandas as pd

from helpers.study.definition import Scale
from helpers.survey.distributions import CONFIDENCE, Estimate
from helpers.survey.scoring import list_constructs, widen_answers

# With fewer complete rows, the interval of alpha is too wide for words such as "good" (this project's rule).
FEWEST_FOR_VERDICT = 30
# We call an item–rest correlation below this "near or below zero" (this project's rule).
LOW_ITEM_REST = 0.10
ALL_ITEMS = "all items"


def estimate_alpha(items: pd.DataFrame) -> Estimate:
    """Cronbach's alpha of complete rows with Feldt's 95% interval.

    We do not use `pingouin.cronbach_alpha` because it rounds the interval to three decimals: with two decimals, 152 of 3,000
    simulated bounds then came out different. A test checks that both agree. Each column of `items` is one item, without
    missing values.

    Cronbach 1951, Psychometrika 16:297–334. Feldt, Woodruff & Salih 1987, Appl Psychol Meas 11:93–103.
    """
    from scipy.stats import f

    n, k = items.shape
    if reason := _explain_unreliable(items):
        return Estimate(note=f"[not defined: {reason}]")
    covariance = items.cov().to_numpy()
    alpha = k / (k - 1) * (1 - covariance.trace() / covariance.sum())
    if alpha > 1 - 1e-12:
        return Estimate(1.0, note="[interval not defined: the items agree perfectly]")
    tail = (1 - CONFIDENCE) / 2
    low, high = (1 - (1 - alpha) * f.isf(share, n - 1, (n - 1) * (k - 1)) for share in (tail, 1 - tail))
    return Estimate(float(alpha), float(low), float(high))


def _explain_unreliable(items: pd.DataFrame) -> str:
    """Why no reliability can be computed from these complete rows; empty when it can."""
    n, k = items.shape
    if k < 2:
        return "one item has no internal consistency"
    if n < 3:
        return f"{n} complete row{'s' if n > 1 else ''}, at least 3 needed" if n else "nobody answered every item"
    # Comparing with exactly 0 would miss sums that should cancel (two mirror-image items) but do not because of rounding.
    return "all totals are identical" if items.sum(axis=1).var() < 1e-12 else ""


def explain_unfactorable(items: pd.DataFrame) -> str:
    """Why no factor can be fitted to these complete rows; empty when one can."""
    if items.var().min() < 1e-12:
        return "everybody gave the same answer to one item"
    return "one item can be worked out from the others" if np.linalg.eigvalsh(items.corr())[0] < 1e-8 else ""


def estimate_omega(items: pd.DataFrame) -> Estimate:
    """Omega total of complete rows, from one factor; it has no interval.

    One factor is fitted to the correlation matrix by maximum likelihood; omega = 1 - (sum of uniquenesses) / (sum of
    all correlations). This is `omega.tot` of R's `psych::omega(nfactors = 1, fm = "ml", flip = FALSE)`.

    McDonald 1999, Test Theory, chapter 6. Revelle & Zinbarg 2009, Psychometrika 74:145–154.
    """
    from statsmodels.multivariate.factor import Factor

    reason = _explain_unreliable(items) or "one factor needs at least three items" * (items.shape[1] < 3)
    if reason := reason or explain_unfactorable(items):
        return Estimate(note=f"[not defined: {reason}]")
    correlation = items.corr().to_numpy()
    with warnings.catch_warnings():
        # We check below whether the fit stopped at its bound or did not converge, so the page needs no warning.
        warnings.simplefilter("ignore")
        # The default start is random; a fixed one gives the same result every time.
        start = (np.full((len(correlation), 1), 0.7), np.full(len(correlation), 0.5))
        fit = Factor(corr=correlation, n_factor=1, method="ml").fit(start=start)
    unique = np.asarray(fit.uniqueness)
    # The bound that R's factanal uses; there the likelihood has no inner maximum, and omega would depend on one item.
    if not unique.min() >= 0.005:
        return Estimate(note="[not defined: the factor explains one item completely (a Heywood case)]")
    return Estimate(float(1 - unique.sum() / correlation.sum()))


def estimate_reliability(responses: pd.DataFrame, codebook: pd.DataFrame, scales: Mapping[str, Scale]) -> pd.DataFrame:
    """Internal consistency of each construct and of all items together, over complete rows.

    Returns
    -------
    DataFrame
        `construct, items, n_complete, alpha, low, high, omega, enough, note`. A row is complete if the respondent chose a point
        of the scale for every item. `enough` is False below 30 complete rows, too few for a word such as "good". The last row,
        "all items", is there if several constructs have scales with the same ends.
    """
    scores = widen_answers(responses, codebook, scales)
    sets = list_constructs(codebook, scales)
    ends = {(scales[scale].lowest, scales[scale].highest) for scale in codebook["scale"]}
    if len(sets) > 1 and len(ends) == 1:
        sets = {**sets, ALL_ITEMS: list(codebook["item"])}
    rows = []
    for construct, items in sets.items():
        complete = scores[items].dropna()
        alpha, omega = estimate_alpha(complete), estimate_omega(complete)
        note = alpha.note or omega.note.replace("[not defined:", "[omega not defined:")
        enough = len(complete) >= FEWEST_FOR_VERDICT
        rows.append((construct, len(items), len(complete), alpha.value, alpha.low, alpha.high, omega.value, enough, note))
    columns = ["construct", "items", "n_complete", "alpha", "low", "high", "omega", "enough", "note"]
    return pd.DataFrame(rows, columns=columns)


def correlate_items(responses: pd.DataFrame, codebook: pd.DataFrame, scales: Mapping[str, Scale]) -> pd.DataFrame:
    """Correlate each item with the rest of its construct, over complete rows.

    Returns
    -------
    DataFrame
        `construct, item, n_complete, item_rest, low, high, alpha_if_dropped, warning, note`. `item_rest` is Pearson's
        correlation of the item with the sum of the construct's other items (`r.drop` in R's `psych::alpha`); `low` and `high`
        are its 95% interval by Fisher's transformation, missing under four complete rows. `warning` is True if the whole
        interval is below 0.10: the item may need reversing, or measure something else.

    The interval covers the truth in 93 to 95% of simulations of five-point items. A warning based on the correlation alone
    would be false in most surveys of forty people (tests/benchmarks/bench_reliability.py).
    """
    from scipy import stats

    scores = widen_answers(responses, codebook, scales)
    rows = []
    for construct, items in list_constructs(codebook, scales).items():
        complete = scores[items].dropna()
        for item in items:
            others = complete.drop(columns=item)
            rest, dropped, reason = others.sum(axis=1), estimate_alpha(others), _explain_unreliable(complete)
            if not reason and complete[item].var() < 1e-12:
                reason = "everybody gave the same answer to the item"
            elif not reason and rest.var() < 1e-12:
                reason = "the other items have the same total for everybody"
            found, low, high = (math.nan,) * 3
            if not reason:
                test = stats.pearsonr(complete[item], rest)
                found = test.statistic
                # Fisher's transformation needs four rows, and a perfect correlation has no interval.
                if len(complete) > 3 and abs(found) < 1 - 1e-12:
                    low, high = test.confidence_interval(CONFIDENCE)
            warning = high < LOW_ITEM_REST
            notes = ["[near or below zero: check whether the item needs reversing]"] if warning else []
            notes.append(dropped.note.replace("[not defined:", "[alpha if dropped not defined:"))
            note = f"[not defined: {reason}]" if reason else " ".join(filter(None, notes))
            rows.append((construct, item, len(complete), found, low, high, dropped.value, warning, note))
    columns = ["construct", "item", "n_complete", "item_rest", "low", "high", "alpha_if_dropped", "warning", "note"]
    return pd.DataFrame(rows, columns=columns)
