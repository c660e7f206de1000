"""Do the items fall into their constructs? A confirmatory factor model, and whether it fits these data."""

import math
import warnings
from collections.abc import Mapping

import numpy as np
import pandas as pd

from helpers.study.definition import Scale
from helpers.survey.reliability import explain_unfactorable
from helpers.survey.scoring import list_constructs, widen_answers

# We fit no model to fewer complete rows than this, because fits then often fail or are improper (Boomsma 1985,
# Psychometrika 50:229–242; Anderson & Gerbing 1984, Psychometrika 49:155–173).
FEWEST_FOR_FACTOR_MODEL = 100
# What counts as a good fit (Hu & Bentler 1999, Struct Equ Modeling 6:1–55).
LEAST_CFI, MOST_RMSEA, MOST_SRMR = 0.95, 0.06, 0.08
FITS, FITS_NOT, UNCLEAR = "fits", "does not fit", "unclear"
MEASURES = ["chi2", "df", "p", "cfi", "tli", "rmsea", "rmsea_low", "rmsea_high", "srmr"]


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
        reason = explain_unfactorable(complete)
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
    from scipy.optimize import brentq
    from scipy.stats import ncx2

    def excess(share: float) -> float:
        """The noncentrality that puts this share of chi-squared below the one found; 0 if there is none."""
        if ncx2.cdf(chi2, df, 0) <= share:
            return 0.0
        return brentq(lambda centre: ncx2.cdf(chi2, df, centre) - share, 0, 10 * chi2 + 100)

    return math.sqrt(excess(0.95) / (df * n)), math.sqrt(excess(0.05) / (df * n))


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
