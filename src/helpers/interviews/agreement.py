"""How far coders agree: Cohen's kappa, Krippendorff's alpha."""

import numpy as np
import pandas as pd

from helpers.interviews.quotations import LEAST_LIKENESS, collect_speeches, match_piece, split_quotation
from helpers.study.terms import Estimate

DRAWS = 1000


def measure_agreement(
    segments: pd.DataFrame, unit: str = "segment", turns: pd.DataFrame | None = None, seed: int = 1
) -> pd.DataFrame:
    """Measure how far coders agree, for each code, on whether it applies to a unit.

    This is optional: in reflexive thematic analysis, coders are not expected to agree.

    Parameters
    ----------
    segments : DataFrame
        With `segment, participant, source, coder, code`, and `text` for turns; rows without a coder are left out.
    unit : {"turn", "segment", "source"}
        What is rated. Turns that nobody marked count too: coders agree that the code does not apply. Rating only segments
        leaves out this agreement, so kappa and alpha are too low (in the tests, −.23 where all turns give .75). A coder rates
        the units of the sources in which they marked anything; elsewhere the rating is missing, not "no".
    turns : DataFrame, optional
        For `unit="turn"`: `source, participant, text`, the turns of participants.

    Returns
    -------
    DataFrame
        Each row is one code: `code, unit, coders, units` (rated by two coders or more), `agreed` (units on which all their
        coders agree), `kappa, kappa_low, kappa_high` (Cohen's, for exactly two coders), `alpha, alpha_low, alpha_high`
        (Krippendorff's, nominal; both with intervals from resampled units), and `note`: "[not defined: …]" where a number is
        missing, and how many of the code's segments are in no turn.
    """
    rows = segments.dropna(subset=["coder", "code"])
    rows = rows.assign(place=rows["source"].fillna(rows["participant"]))
    if unit == "turn":
        units, found = place_segments(rows, turns)
        rows = rows.drop(columns="place").merge(found, on="segment", how="left")
        place_of = units.set_index("unit")["place"]
    else:
        rows = rows.assign(unit=rows["segment"] if unit == "segment" else rows["place"])
        place_of = rows.drop_duplicates("unit").set_index("unit")["place"]
    rated = pd.crosstab(rows["place"], rows["coder"]).gt(0)
    rated = rated.reindex(index=place_of, columns=sorted(set(rows["coder"])), fill_value=False).set_axis(place_of.index)
    results = []
    for name, marked in rows.groupby("code", sort=False, observed=True):
        applied = pd.crosstab(marked["unit"], marked["coder"]).gt(0).reindex_like(rated)
        ratings = applied.eq(True).astype(float).where(rated)
        compared = ratings[rated.sum(axis=1) >= 2]
        agreed = int((compared.max(axis=1) == compared.min(axis=1)).sum())
        kappa, alpha = compute_kappa(ratings, seed=seed), compute_alpha(ratings, seed=seed)
        lost = marked.loc[marked["unit"].isna(), "segment"].nunique()
        notes = [kappa.note, alpha.note, f"[segments left out because they are in no turn: {lost}]" * (lost > 0)]
        note = " ".join(dict.fromkeys(filter(None, notes)))
        results.append((name, unit, rated.shape[1], len(compared), agreed, *kappa[:3], *alpha[:3], note))
    figures = ["kappa", "kappa_low", "kappa_high", "alpha", "alpha_low", "alpha_high"]
    return pd.DataFrame(results, columns=["code", "unit", "coders", "units", "agreed", *figures, "note"])


def place_segments(segments: pd.DataFrame, turns: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Every turn (`unit, place`: its source), and the turns that contain each segment's words (`segment, unit, place`).

    We look for a segment in its source, first in its participant's words, then in other people's, and then in what the
    participant said elsewhere. If it is nowhere word for word, we put it where the words are most similar. A segment without
    text, or similar to nothing that was said, is in no turn. If words were said twice, the first place counts.
    """
    speeches = collect_speeches(turns)
    units = [
        (f"{source}, {speaker}, {turn}", source)
        for (source, speaker), speech in speeches.items()
        for turn in dict.fromkeys(speech.turns)
    ]
    found = []
    for row in segments.dropna(subset=["text"]).drop_duplicates("segment").itertuples():
        near = [key for key in speeches if row.source == key[0] or row.participant == key[1]]
        near.sort(key=lambda key: (key[0] != row.source, key[1] != row.participant))
        for piece in split_quotation(row.text).pieces if near else []:
            best = LEAST_LIKENESS, near[0], range(0)
            for key in near:
                likeness, words = match_piece(piece, speeches[key])
                if likeness > best[0]:
                    best = likeness, key, words
                if likeness == 100:
                    break
            _, home, words = best
            turns_of = speeches[home].turns[words.start : words.stop]
            found += [(row.segment, ", ".join([*home, str(turn)]), home[0]) for turn in turns_of]
    found = pd.DataFrame(found, columns=["segment", "unit", "place"]).drop_duplicates()
    return pd.DataFrame(units, columns=["unit", "place"]), found


def compute_kappa(ratings: pd.DataFrame, seed: int = 1) -> Estimate:
    """Cohen's unweighted kappa, from units × two coders; units with a missing rating are left out.

    Cohen 1960, Educ Psychol Meas 20:37–46.
    """
    if ratings.shape[1] != 2:
        return Estimate(note=f"[kappa not defined: it compares two coders, not {ratings.shape[1]}]")
    patterns, counts, categories = _tally_patterns(ratings.dropna())
    first, second = (np.equal.outer(patterns[:, coder], np.arange(categories)).astype(float) for coder in (0, 1))
    same = (patterns[:, 0] == patterns[:, 1]).astype(float)

    def kappa(weights: np.ndarray) -> np.ndarray:
        units = weights.sum(axis=1)
        observed = weights @ same / units
        expected = ((weights @ first) * (weights @ second)).sum(axis=1) / units**2
        return _divide(observed - expected, 1 - expected)

    return _bootstrap_agreement(kappa, counts, seed)


def compute_alpha(ratings: pd.DataFrame, seed: int = 1) -> Estimate:
    """Krippendorff's alpha for nominal ratings, units × coders; units with fewer than two ratings are left out.

    Krippendorff 2011, Computing Krippendorff's alpha-reliability; but our interval resamples units, not pairs.
    """
    patterns, counts, categories = _tally_patterns(ratings[ratings.notna().sum(axis=1) >= 2])
    given = np.equal.outer(patterns, np.arange(categories)).sum(axis=1).astype(float)
    raters = given.sum(axis=1)
    disagreement = (raters**2 - (given**2).sum(axis=1)) / (raters - 1)

    def alpha(weights: np.ndarray) -> np.ndarray:
        total = weights @ raters
        expected = total**2 - ((weights @ given) ** 2).sum(axis=1)
        return 1 - _divide((weights @ disagreement) * (total - 1), expected)

    return _bootstrap_agreement(alpha, counts, seed)


def _tally_patterns(ratings: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, int]:
    """Distinct rows of ratings as category numbers (missing = −1), how many units have each, and the number of categories."""
    numbers, names = pd.factorize(ratings.to_numpy().ravel())
    return *np.unique(numbers.reshape(ratings.shape), axis=0, return_counts=True), len(names)


def _divide(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Divide; the result is missing where the divisor is 0."""
    return np.divide(above, below, out=np.full(len(above), np.nan), where=np.abs(below) > 1e-12)


def _bootstrap_agreement(coefficient, counts: np.ndarray, seed: int) -> Estimate:
    """A coefficient of weighted patterns and its percentile bootstrap interval; units with equal ratings are exchangeable."""
    if not len(counts):
        return Estimate(note="[not defined: no unit was rated by two coders]")
    value = coefficient(counts[None, :].astype(float))[0]
    if np.isnan(value):
        return Estimate(note="[not defined: every rating is the same]")
    units = counts.sum()
    weights = np.random.default_rng(seed).multinomial(units, counts / units, size=DRAWS).astype(float)
    drawn = coefficient(weights)
    drawn = drawn[~np.isnan(drawn)]
    # If we left out more than a few resamples, the interval would describe something else.
    if len(drawn) < 0.95 * DRAWS:
        return Estimate(float(value), note="[interval not defined: ratings hardly vary between units]")
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Estimate(float(value), float(low), float(high))
