"""Do the items of a construct belong together? Alpha, omega, item–rest correlations, a factor model."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping

import numpy as np
import pandas as pd

from helpers.study.definition import Scale
from helpers.survey.distributions import CONFIDENCE, Estimate
from helpers.survey.scoring import list_constructs, widen_answers

# Below this many complete rows an interval for alpha is too wide for words such as "good" (this project's rule).
FEWEST_FOR_VERDICT = 30
# Below this many complete rows no factor model is fitted (this project's rule, at the low end of what is advised).
FEWEST_FOR_FACTOR_MODEL = 100
# An item–rest correlation under this is "near or below zero" (this project's rule).
LOW_ITEM_REST = 0.10
ALL_ITEMS = "all items"
ANY_CONSTRUCT = "any construct"
# Cronbach's alpha as published, from each paper's abstract or results. Three papers give only a range over constructs.
_FINCH = "Finch et al. 2018, BMC Med Res Methodol 18:135"
_JIANG = "Jiang et al. 2022, BMC Health Serv Res"
PUBLISHED_ALPHAS = pd.DataFrame(
    [
        ("English", 413, "coherence", 0.71, 0.71, _FINCH),
        ("English", 413, "cognitive_participation", 0.81, 0.81, _FINCH),
        ("English", 413, "collective_action", 0.78, 0.78, _FINCH),
        ("English", 413, "reflexive_monitoring", 0.65, 0.65, _FINCH),
        ("English", 413, ALL_ITEMS, 0.89, 0.89, _FINCH),
        ("Swedish", 144, ANY_CONSTRUCT, 0.78, 0.83, "Elf et al. 2018, Implement Sci 13:146 (three items dropped)"),
        ("Dutch", 262, ANY_CONSTRUCT, 0.62, 0.85, "Vis et al. 2019, J Med Internet Res 21(2):e12376"),
        ("Chinese", 258, "coherence", 0.77, 0.77, _JIANG),
        ("Chinese", 258, "cognitive_participation", 0.90, 0.90, _JIANG),
        ("Chinese", 258, "collective_action", 0.82, 0.82, _JIANG),
        ("Chinese", 258, "reflexive_monitoring", 0.81, 0.81, _JIANG),
        ("Chinese", 258, ALL_ITEMS, 0.94, 0.94, _JIANG),
        ("German", 539, ANY_CONSTRUCT, 0.79, 0.85, "G-NoMAD 2023, Implement Sci Commun, doi 10.1186/s43058-023-00505-4"),
    ],
    columns=["version", "n", "construct", "lowest", "highest", "source"],
)
# How many items NoMAD has in each construct, and in all (Finch et al. 2018).
NOMAD_ITEMS = {
    "coherence": 4, "cognitive_participation": 4, "collective_action": 7, "reflexive_monitoring": 5, ALL_ITEMS: 20,
}  # fmt: skip


def estimate_alpha(items: pd.DataFrame) -> Estimate:
    """Cronbach's alpha of complete rows with Feldt's 95% interval.

    Own formula rather than `pingouin.cronbach_alpha`, which rounds the interval to three decimals, so that the second
    one could come out wrong; the tests hold the two against each other.

    Parameters
    ----------
    items : DataFrame
        One column an item, no missing values.

    References
    ----------
    Cronbach 1951, Psychometrika 16:297–334. Feldt, Woodruff & Salih 1987, Appl Psychol Meas 11:93–103.
    """
    from scipy.stats import f

    n, k = items.shape
    if reason := _explain_unreliable(items):
        return Estimate(note=f"[not defined: {reason}]")
    covariance = items.cov().to_numpy()
    alpha = k / (k - 1) * (1 - covariance.trace() / covariance.sum())
    tail = (1 - CONFIDENCE) / 2
    low, high = (1 - (1 - alpha) * f.isf(share, n - 1, (n - 1) * (k - 1)) for share in (tail, 1 - tail))
    return Estimate(float(alpha), float(low), float(high))


def _explain_unreliable(items: pd.DataFrame) -> str:
    """Why no reliability can be computed from these complete rows; empty when it can."""
    n, k = items.shape
    if k < 2:
        return "one item has no internal consistency"
    if n == 0:
        return "nobody answered every item"
    if n < 3:
        return f"{n} complete row{'s' if n > 1 else ''}, at least 3 needed"
    # Exact equality with 0 would miss a sum that should cancel (two mirror-image items) but for rounding.
    if items.sum(axis=1).var() < 1e-12:
        return "all totals are identical"
    return ""


def _explain_unfactorable(items: pd.DataFrame) -> str:
    """Why no factor can be fitted to these complete rows; empty when one can."""
    if items.var().min() < 1e-12:
        return "an item has the same answer throughout"
    return "one item can be worked out from the others" if np.linalg.eigvalsh(items.corr())[0] < 1e-8 else ""


def estimate_omega(items: pd.DataFrame) -> Estimate:
    """Omega total of complete rows from one factor, without an interval.

    One factor is fitted to the correlation matrix by maximum likelihood; omega = 1 - (sum of uniquenesses) / (sum of
    all correlations). This is `omega.tot` of R's `psych::omega(nfactors = 1, fm = "ml", flip = FALSE)`.

    References
    ----------
    McDonald 1999, Test Theory, chapter 6. Revelle & Zinbarg 2009, Psychometrika 74:145–154.
    """
    from statsmodels.multivariate.factor import Factor

    reason = _explain_unreliable(items) or "one factor needs at least three items" * (items.shape[1] < 3)
    if reason := reason or _explain_unfactorable(items):
        return Estimate(note=f"[not defined: {reason}]")
    correlation = items.corr().to_numpy()
    with warnings.catch_warnings():
        # A fit that stops at its bound or does not settle is told by its outcome below, not by a warning on the page.
        warnings.simplefilter("ignore")
        # Its own start is drawn at random; a fixed one gives the same figure every time.
        start = (np.full((len(correlation), 1), 0.7), np.full(len(correlation), 0.5))
        fit = Factor(corr=correlation, n_factor=1, method="ml").fit(start=start)
    unique = np.asarray(fit.uniqueness)
    # The bound of R's factanal; at it the likelihood has no inner maximum and omega would rest on one item.
    if not unique.min() >= 0.005:
        return Estimate(note="[not defined: the factor takes up one item entirely (a Heywood case)]")
    return Estimate(float(1 - unique.sum() / correlation.sum()))


def estimate_reliability(responses: pd.DataFrame, codebook: pd.DataFrame, scales: Mapping[str, Scale]) -> pd.DataFrame:
    """Internal consistency of each construct, and of all items together, over complete rows.

    Returns
    -------
    DataFrame
        `construct, items, n_complete, alpha, low, high, omega, enough, note`. A row is complete when the respondent chose
        a point of the scale for every item: not relevant is not complete. `enough` is False below 30 complete rows, when no
        word such as "good" or "poor" should stand beside the figures. The last row, "all items", is there when the codebook
        has several constructs on scales with the same ends.
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


def choose_published(reliability: pd.DataFrame) -> pd.DataFrame:
    """Alphas published for NoMAD that may stand beside those of `estimate_reliability`.

    Alpha rises with the number of items, so a construct's are given only where as many items went in as in NoMAD. Where any
    are, so are the papers that give a range over the four constructs alone.

    Returns
    -------
    DataFrame
        `version, n, construct, lowest, highest, source`; the two alphas are the same but for a range.
    """
    alike = reliability.loc[reliability["items"].eq(reliability["construct"].map(NOMAD_ITEMS)), "construct"].to_list()
    chosen = [*alike, ANY_CONSTRUCT] if alike else []
    return PUBLISHED_ALPHAS[PUBLISHED_ALPHAS["construct"].isin(chosen)].reset_index(drop=True)


def correlate_items(responses: pd.DataFrame, codebook: pd.DataFrame, scales: Mapping[str, Scale]) -> pd.DataFrame:
    """Each item against the rest of its construct, over complete rows.

    Returns
    -------
    DataFrame
        `construct, item, n_complete, item_rest, alpha_if_dropped, warning, note`. `item_rest` is Pearson's
        correlation of the item with the sum of the construct's other items (`r.drop` of R's `psych::alpha`).
        `warning` is True when it is under 0.10: the item may need reversing, or measure something else.
    """
    scores = widen_answers(responses, codebook, scales)
    rows = []
    for construct, items in list_constructs(codebook, scales).items():
        complete = scores[items].dropna()
        for item in items:
            rest = complete.drop(columns=item)
            dropped, reason = estimate_alpha(rest), _explain_unreliable(complete)
            if not reason and complete[item].var() < 1e-12:
                reason = "the item has the same answer throughout"
            elif not reason and rest.sum(axis=1).var() < 1e-12:
                reason = "the other items have the same total throughout"
            item_rest = math.nan if reason else float(complete[item].corr(rest.sum(axis=1)))
            warning = item_rest < LOW_ITEM_REST
            notes = ["[near or below zero: check whether the item needs reversing]"] if warning else []
            notes.append(dropped.note.replace("[not defined:", "[alpha if dropped not defined:"))
            note = f"[not defined: {reason}]" if reason else " ".join(filter(None, notes))
            rows.append((construct, item, len(complete), item_rest, dropped.value, warning, note))
    columns = ["construct", "item", "n_complete", "item_rest", "alpha_if_dropped", "warning", "note"]
    return pd.DataFrame(rows, columns=columns)


def fit_factor_model(responses: pd.DataFrame, codebook: pd.DataFrame, scales: Mapping[str, Scale]) -> pd.DataFrame:
    """Confirmatory factor model, a factor a construct and all factors correlated, by maximum likelihood with semopy.

    Returns
    -------
    DataFrame
        One row: `factors, items, n_complete, chi2, df, p, cfi, tli, rmsea, srmr, note`. Fitted to at least 100 complete
        rows and two items a construct; `note` says why it was not. Answers are taken for continuous.

    References
    ----------
    Meshcheryakov et al. 2021, semopy 2. SRMR: Hu & Bentler 1999, Struct Equ Modeling 6:1–55, over the lower triangle of
    the covariances with its diagonal.
    """
    sets = list_constructs(codebook, scales)
    complete = widen_answers(responses, codebook, scales).dropna()
    row = {"factors": len(sets), "items": len(codebook), "n_complete": len(complete)}
    if len(complete) < FEWEST_FOR_FACTOR_MODEL:
        reason = f"{len(complete)} complete rows, a factor model needs {FEWEST_FOR_FACTOR_MODEL}"
    elif min(map(len, sets.values())) < 2 or len(codebook) < 4:
        reason = "each construct needs at least two items, and the model at least four"
    else:
        reason = _explain_unfactorable(complete)
    fit = {} if reason else _fit_semopy(complete, sets)
    if not reason and not fit:
        reason = "the factor model did not settle"
    measures = {name: fit.get(name, math.nan) for name in ("chi2", "df", "p", "cfi", "tli", "rmsea", "srmr")}
    return pd.DataFrame([{**row, **measures, "note": f"[not defined: {reason}]" if reason else ""}])


def _fit_semopy(complete: pd.DataFrame, sets: Mapping[str, list[str]]) -> dict[str, float]:
    """Fit measures of the model; empty when the fit fails."""
    import semopy

    # semopy reads names as formulae, so items get names that are safe in one.
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
            return {}
    observed = model.mx_cov
    scale = np.sqrt(np.outer(np.diag(observed), np.diag(observed)))
    residual = ((observed - expected) / scale)[np.tril_indices(len(observed))]
    names = {"chi2": "chi2", "df": "DoF", "p": "chi2 p-value", "cfi": "CFI", "tli": "TLI"}
    measures = {name: float(found[key]) for name, key in names.items()}
    # semopy divides by n - 1 here but takes n in chi2; lavaan and Mplus take n in both.
    excess = max(measures["chi2"] - measures["df"], 0)
    measures["rmsea"] = math.sqrt(excess / (measures["df"] * len(complete)))
    measures["srmr"] = float(np.sqrt(np.mean(residual**2)))
    return measures if settled and np.isfinite(list(measures.values())).all() else {}
