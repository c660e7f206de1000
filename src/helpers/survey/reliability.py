"""Do the items of a construct belong together? Alpha, omega, item–rest correlations, and a confirmatory factor model."""

import math
import warnings
from collections.abc import Mapping

import numpy as np
import pandas as pd

from helpers.study.definition import Scale
from helpers.study.terms import Estimate
from helpers.survey.distributions import CONFIDENCE
from helpers.survey.scoring import list_constructs, widen_answers

# With fewer complete rows, the interval of alpha is too wide for words such as "good" (this project's rule).
FEWEST_FOR_VERDICT = 30
# We call an item–rest correlation below this "near or below zero" (this project's rule).
LOW_ITEM_REST = 0.10
ALL_ITEMS = "all items"
# We fit no model to fewer complete rows than this, because fits then often fail or are improper (Boomsma 1985,
# Psychometrika 50:229–242; Anderson & Gerbing 1984, Psychometrika 49:155–173).
FEWEST_FOR_FACTOR_MODEL = 100
# What counts as a good fit (Hu & Bentler 1999, Struct Equ Modeling 6:1–55).
LEAST_CFI, MOST_RMSEA, MOST_SRMR = 0.95, 0.06, 0.08
FITS, FITS_NOT, UNCLEAR = "fits", "does not fit", "unclear"
MEASURES = ["chi2", "df", "p", "cfi", "tli", "rmsea", "rmsea_low", "rmsea_high", "srmr"]


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


def _explain_unfactorable(items: pd.DataFrame) -> str:
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
    if reason := reason or _explain_unfactorable(items):
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
            doubt = "[near or below zero: check whether the item needs reversing]" if warning else ""
            notes = [doubt, dropped.note.replace("[not defined:", "[alpha if dropped not defined:")]
            note = f"[not defined: {reason}]" if reason else " ".join(filter(None, notes))
            rows.append((construct, item, len(complete), found, low, high, dropped.value, warning, note))
    columns = ["construct", "item", "n_complete", "item_rest", "low", "high", "alpha_if_dropped", "warning", "note"]
    return pd.DataFrame(rows, columns=columns)


# --- the factor model ---------------------------------------------------------------------------------------------------
def fit_factor_model(responses: pd.DataFrame, codebook: pd.DataFrame, scales: Mapping[str, Scale]) -> pd.DataFrame:
    """Confirmatory factor model with a factor for each construct, all correlated, by maximum likelihood with semopy.

    Returns
    -------
    DataFrame
        One row: `factors, items, n_complete`, `MEASURES`, `verdict, note`. Answers are treated as continuous. The model needs
        at least 100 complete rows and two items in each construct; `note` says why there is no fit to show (it may be
        improper). The RMSEA has a 90% interval; the SRMR is over the lower triangle of the covariances with the diagonal
        (Hu & Bentler 1999). `verdict` comes from `judge_fit`.

    References
    ----------
    Meshcheryakov et al. 2021, semopy 2.
    """
    sets = list_constructs(codebook, scales)
    complete = widen_answers(responses, codebook, scales).dropna()
    if len(complete) < FEWEST_FOR_FACTOR_MODEL:
        people = "1 person" if len(complete) == 1 else f"{len(complete)} people"
        reason = f"{people} answered every item, and a factor model needs {FEWEST_FOR_FACTOR_MODEL}"
    elif min(map(len, sets.values())) < 2 or len(codebook) < 4:
        reason = "each construct needs at least two items, and the model at least four"
    else:
        reason = _explain_unfactorable(complete)
    fit, reason = ({}, reason) if reason else _fit_semopy(complete, sets)
    row = {"factors": len(sets), "items": len(codebook), "n_complete": len(complete)} | dict.fromkeys(MEASURES, math.nan) | fit
    note = f"[not defined: {reason}]" if reason else ""
    return pd.DataFrame([row | {"verdict": "" if reason else judge_fit(fit), "note": note}])


def judge_fit(fit: Mapping[str, float]) -> str:
    """A model fits if CFI, RMSEA and SRMR all meet the cut-offs, and does not fit if the whole RMSEA interval misses its own.

    Otherwise it is unclear, because in small samples even a true model often misses the cut-offs.
    """
    if fit["rmsea_low"] > MOST_RMSEA:
        return FITS_NOT
    good = fit["cfi"] >= LEAST_CFI and fit["rmsea"] <= MOST_RMSEA and fit["srmr"] <= MOST_SRMR
    return FITS if good else UNCLEAR


def bound_rmsea(chi2: float, df: float, n: int) -> tuple[float, float]:
    """90% interval of the RMSEA, from the noncentral chi-squared distributions whose 95th and 5th percentiles are `chi2`.

    Browne & Cudeck 1993, in Bollen & Long, Testing structural equation models, 136–162.
    """
    from scipy.special import chndtrinc

    # If even the central distribution is too far to the right, scipy returns 1e-300, or NaN for a `chi2` of 0; we mean 0.
    low, high = np.nan_to_num(chndtrinc(chi2, df, [0.95, 0.05])).round(9)
    return math.sqrt(low / (df * n)), math.sqrt(high / (df * n))


def _fit_semopy(complete: pd.DataFrame, sets: Mapping[str, list[str]]) -> tuple[dict[str, float], str]:
    """The fit measures of the model, or the reason why there are none."""
    import semopy

    # semopy reads names as formulae, so we give items names that are safe in a formula.
    safe = {item: f"x{number}" for number, item in enumerate(complete.columns)}
    lines = [f"f{number} =~ " + " + ".join(safe[item] for item in items) for number, items in enumerate(sets.values())]
    model = semopy.Model("\n".join(lines))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            settled = model.fit(complete.rename(columns=safe)).success
            found = semopy.calc_stats(model).loc["Value"]
            expected = model.calc_sigma()[0]
        except (np.linalg.LinAlgError, ValueError):
            settled = False
    if not settled:
        return {}, "the factor model did not converge"
    observed = model.mx_cov
    # The bound that R's factanal uses, as for omega; semopy itself stops a variance at 0.
    if (np.diag(model.mx_theta) / np.diag(observed)).min() < 0.005:
        return {}, "the solution is improper: a factor explains one item completely (a Heywood case)"
    if np.linalg.eigvalsh(model.mx_psi)[0] < 1e-6 * model.mx_psi.trace():
        return {}, "the solution is improper: two factors correlate at 1 or more, so they cannot be told apart here"
    scale = np.sqrt(np.outer(np.diag(observed), np.diag(observed)))
    residual = ((observed - expected) / scale)[np.tril_indices(len(observed))]
    names = {"chi2": "chi2", "df": "DoF", "p": "chi2 p-value", "cfi": "CFI", "tli": "TLI"}
    fit, n = {name: float(found[key]) for name, key in names.items()}, len(complete)
    # semopy divides by n - 1 here but uses n in chi2; lavaan and Mplus use n in both.
    fit["rmsea"] = math.sqrt(max(fit["chi2"] - fit["df"], 0) / (fit["df"] * n))
    fit["rmsea_low"], fit["rmsea_high"] = bound_rmsea(fit["chi2"], fit["df"], n)
    fit["srmr"] = float(np.sqrt(np.mean(residual**2)))
    return (fit, "") if np.isfinite(list(fit.values())).all() else ({}, "the factor model did not converge")
