"""Simulations of scores: items that stand out, items left out, intervals of means, groups by partial pooling.

Run with `python tests/benchmarks/bench_scores.py [PART]`; the whole takes about eight minutes.
"""

import itertools
from types import SimpleNamespace

import numpy as np
import pandas as pd
from scipy import stats
from section import open_section, print_table, read_argument, say, span

from helpers.survey import distributions, pooled, scoring

SEED = 20240501
# What one survey of the first study's shape has: ten groups, of one to twelve people.
SIZES = np.array([12, 9, 8, 2, 2, 2, 2, 2, 1, 1])


def make_study(constructs: int) -> SimpleNamespace:
    """The parts of a study that are read: scores from 1 to 5, and one question on the page, which then has the whole 5%."""
    codebook = pd.DataFrame({"construct": range(constructs), "scale": "x"})
    definition = SimpleNamespace(survey=SimpleNamespace(groupings={}, files={"1": ""}))
    scales = {"x": SimpleNamespace(lowest=1, highest=5)}
    return SimpleNamespace(scored_items=codebook, codebook=codebook, scales=scales, used_scales={}, definition=definition)


def draw_points(random: np.random.Generator, shape: tuple[int, ...], cuts: np.ndarray, alike: float) -> np.ndarray:
    """Ordered answers, from 0 to the number of cuts; people (the last axis but one) explain the part `alike` of them."""
    person = np.sqrt(alike) * random.standard_normal((*shape[:-1], 1))
    return np.searchsorted(cuts, person + np.sqrt(1 - alike) * random.standard_normal(shape))


def simulate_standouts(surveys: int) -> None:
    """How often an item is said to stand out, corrected over items, in surveys in which no item differs."""
    random, sizes = np.random.default_rng(SEED), (15, 40, 150)
    errors, alone = {n: [] for n in sizes}, {n: [] for n in sizes}
    for items, n in itertools.product((4, 24), sizes):
        by_page, by_interval = [], []
        for rate, alike, skipped in itertools.product((0.5, 0.75, 0.95), (0.0, 0.9), (0.0, 0.8)):
            found, uncorrected = [], []
            for _ in range(surveys):
                chosen = draw_points(random, (n, items), stats.norm.ppf([1 - rate]), alike)
                given = random.random((n, items)) >= np.linspace(0, skipped, items)
                yes, of = (chosen * given).sum(axis=0), given.sum(axis=0)
                bands = pd.DataFrame({
                    "item": np.repeat(range(items), 2), "denominator": np.repeat(of, 2), "relevant": True,
                    "numerator": np.stack([yes, of - yes], axis=1).ravel(),
                })  # fmt: skip
                first = pd.Series(np.tile([True, False], items))
                table = distributions.compare_items(bands, first, make_study(1), relevant=True)
                found.append((table["stands_out"] != "").any())
                wilson = distributions.wilson_interval(yes, of)
                mean = np.nanmean(100 * yes / np.maximum(of, 1))
                uncorrected.append(((wilson["low"] > mean) | (wilson["high"] < mean)).any())
            by_page.append(100 * np.mean(found))
            by_interval.append(100 * np.mean(uncorrected))
        errors[n].append(by_page)
        alone[n].append(by_interval)
    say(
        "**Items that stand out.** Surveys in which no item differs, of 4 or 24 items, favourable shares of 50, 75 and 95%, "
        f"answers of a person unrelated or strongly alike, no item left out or up to 80% of an item's answers; {surveys} "
        "surveys of each kind. The page may claim something in 5%; here the whole of that is this question's. It errs less "
        "often than it may, because exact tests of counts are cautious, and so is taking the answers of one person for those "
        "of several."
    )
    each = "by each item's own interval"
    print_table(
        ("people", "an item stands out, on average", "at most", f"{each}, of 4 and of 24 items", "at most"),
        (
            (
                n, span(np.mean(errors[n], axis=1)), f"{np.max(errors[n]):.1f}%",
                " and ".join(f"{mean:.0f}%" for mean in np.mean(alone[n], axis=1)), f"{np.max(alone[n]):.0f}%",
            )
            for n in sizes
        ),
    )  # fmt: skip


def simulate_left_out(surveys: int) -> None:
    """How often two equal groups of 20 are found to differ if most of one leave out an easy or a hard item."""
    random, cuts, rows = np.random.default_rng(SEED), stats.norm.ppf([0.03, 0.10, 0.30, 0.75]), []
    for label, shift in {"easy": 1.2, "hard": -1.2}.items():
        for people in (12, 20):
            rejected = dict.fromkeys(["item-adjusted", "plain mean", "complete answers only"], 0)
            for _ in range(surveys):
                latent = 0.7 * random.standard_normal((40, 1)) + np.sqrt(0.51) * random.standard_normal((40, 4))
                latent[:, 0] += shift
                answers = pd.DataFrame(1.0 + np.searchsorted(cuts, latent))
                answers.loc[: people - 1, 0] = np.nan
                for name, needed, ends in zip(rejected, (3, 3, 4), ((1, 5), None, None), strict=True):
                    score = scoring.average_items(answers, ends).where(answers.count(axis=1) >= needed)
                    groups = score[:20].dropna(), score[20:].dropna()
                    rejected[name] += bool(min(map(len, groups)) > 1 and stats.mannwhitneyu(*groups).pvalue < 0.05)
            shares = {name: f"{100 * count / surveys:.1f}%" for name, count in rejected.items()}
            if people == 20:
                shares["complete answers only"] = "cannot be tested"
            rows.append((f"{people} of 20, the {label} item", *shares.values()))
    say(
        "**Items left out.** Two groups of 20 that do not differ, four items, one of them easier or harder than the others "
        f"by 1.2 standard deviations and left out by some of one group. Rejected at the 5% level (Mann–Whitney, {surveys:,} "
        f"surveys, standard error {100 * np.sqrt(0.05 * 0.95 / surveys):.1f}). Where a whole group leaves out an easy item, "
        "how easy it is comes from the other group alone, so that all of the first group share its error."
    )
    print_table(("who leaves out what", *rejected), rows)


def simulate_intervals(surveys: int) -> None:
    """Coverage of the interval of a mean score, by how many people have one and where the mean is."""
    random, rows = np.random.default_rng(SEED), []
    shapes = {
        "middling, mean 3.1": [0.1, 0.2, 0.35, 0.25], "favourable, mean 3.8": [0.03, 0.07, 0.2, 0.45],
        "high, mean 4.5": [0.01, 0.02, 0.04, 0.33], "near the end, mean 4.8": [0, 0.01, 0.02, 0.12],
        "at the end, mean 4.94": [0, 0, 0.01, 0.04], "1 of 20 at the other end, mean 4.75": [0.05, 0, 0, 0.05],
    }  # fmt: skip
    for label, shares in shapes.items():
        covered, student = {}, {}
        for items in (1, 4, 7):
            cuts = stats.norm.ppf(np.cumsum(shares))
            truth = 1 + draw_points(random, (400_000, items), cuts, 0.5).mean()
            for n in (3, 5, 10, 20, 40):
                score = 1 + draw_points(random, (surveys, n, items), cuts, 0.5).mean(axis=2)
                found = scoring.describe_scores(
                    pd.DataFrame({"construct": np.repeat(range(surveys), n), "score": score.ravel()}), make_study(surveys)
                )
                half = stats.t.ppf(0.975, n - 1) * stats.sem(score, axis=1)
                inside = found["low"].le(truth + 1e-9) & found["high"].ge(truth - 1e-9)
                covered.setdefault(n, []).append(100 * inside.mean())
                student.setdefault(n, []).append(100 * (np.abs(score.mean(axis=1) - truth) <= half + 1e-9).mean())
        worst = min(itertools.chain(*student.values()))
        rows.append((label, *(span(shares, 0) for shares in covered.values()), f"{worst:.0f}%"))
    say(
        f"**Intervals of a mean score.** Means of 1, 4 and 7 five-point items, {surveys:,} samples a cell: how often they "
        "cover the truth, as a range over the items. The last row is of answers that hardly any survey holds: all at one end "
        "but for a few at the other, of whom a sample has often none."
    )
    print_table(("scores", *(f"n = {n}" for n in covered), "Student's t, the worst"), rows)


def simulate_pooling(surveys: int) -> None:
    """Coverage and error of what is expected in groups that follow the model, with raw means for comparison."""
    random, items, rows = np.random.default_rng(SEED), np.array([0.6, -0.6, 0.3, -0.3]), []
    thresholds = np.array([-5.2, -3.4, -1.6, 1.2])
    cases = [(sizes, *case) for sizes, case in [
        (SIZES, (0.0, 1.5)), (SIZES, (0.3, 1.5)), (SIZES, (0.6, 1.5)), (SIZES, (1.0, 1.5)), (SIZES, (0.6, 0.7)),
        (SIZES, (0.6, 3.0)), (np.array([9, 11, 5, 6, 3, 8]), (0.6, 1.5)), (np.array([14, 20, 6]), (0.6, 1.5)),
    ]]  # fmt: skip
    for sizes, between, within in cases:
        group = pd.Series(np.repeat(range(len(sizes)), sizes))
        held, errors = {"pooled": [], "linear": []}, {"pooled": [], "linear": [], "raw": []}
        for _ in range(surveys):
            place = between * random.standard_normal(len(sizes))
            latent = place[group] + within * random.standard_normal(len(group))
            logits = latent[:, None] + items + random.logistic(size=(len(group), 4))
            answers = pd.DataFrame(1.0 + (logits[..., None] > thresholds).sum(axis=2))
            truth = expect_truly(place, within, thresholds, items)
            found = pooled.expect_groups(pooled.fit_answers(answers), group)
            raw = answers.mean(axis=1).groupby(group).mean().to_numpy()
            linear = shrink_means(answers.mean(axis=1).to_numpy(), group.to_numpy(), sizes)
            for name, (middle, low, high) in {"pooled": found.to_numpy().T, "linear": linear}.items():
                held[name].append((low <= truth) & (truth <= high))
                errors[name].append((middle - truth) ** 2)
            errors["raw"].append((raw - truth) ** 2)
        cover = {name: 100 * np.mean(each) for name, each in held.items()}
        error = {name: np.mean(each) ** 0.5 for name, each in errors.items()}
        people = f"{len(sizes)} of {min(sizes)} to {max(sizes)} ({between}; {within})"
        rows.append((people, *(f"{cover[name]:.1f}%" for name in held), *(f"{each:.2f}" for each in error.values())))
    say(
        f"**What to expect in groups** (partial pooling), groups drawn from the model, 40 people or so, {surveys} surveys of "
        "each kind; in brackets the spread of groups and of people in logits. Error is the root mean square in points of a "
        "scale from 1 to 5. Shrunken means are of scores (normal, REML, t intervals)."
    )
    head = ("groups", "covered by 95% intervals", "by those of shrunken means")
    print_table((*head, "error", "of shrunken means", "of raw means"), rows)


def expect_truly(place: np.ndarray, within: float, thresholds: np.ndarray, items: np.ndarray) -> np.ndarray:
    """The score to expect in groups at these places, by Gauss–Hermite quadrature over people."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    person = place[:, None] + within * nodes
    above = 1 / (1 + np.exp(thresholds[:, None, None, None] - items[:, None, None] - person))
    return (1 + above.sum(axis=0).mean(axis=0)) @ weights / weights.sum()


def shrink_means(score: np.ndarray, group: np.ndarray, sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The simpler model: normal scores and groups by REML, over a grid of the spreads' ratio; t intervals."""
    n, inside = len(score), np.eye(len(sizes))[group]
    best = (-np.inf,)
    for ratio in np.linspace(0, 3, 61):
        weight = sizes / (1 + ratio * sizes)
        means = inside.T @ score / sizes
        middle = (weight * means).sum() / weight.sum()
        square = ((score - means[group]) ** 2).sum() + (weight * (means - middle) ** 2).sum()
        log = -(n - 1) / 2 * np.log(square) - np.log(1 + ratio * sizes).sum() / 2 - np.log(weight.sum()) / 2
        if log > best[0]:
            best = (log, ratio, middle, square / (n - 1), weight.sum())
    _, ratio, middle, variance, total = best
    drawn = ratio * sizes / (1 + ratio * sizes)
    spread = np.sqrt(variance * (ratio * (1 - drawn) + (1 - drawn) ** 2 / total))
    half, shrunk = stats.t.ppf(0.975, len(sizes) - 1) * spread, middle + drawn * (means - middle)
    return shrunk, shrunk - half, shrunk + half


if __name__ == "__main__":
    part = read_argument(1)
    open_section(
        "Scores",
        "Simulations in which the truth is known: how often items or groups that do not differ are said to, and how often "
        "intervals of scores cover the truth.",
    )
    for simulate, surveys in (
        (simulate_standouts, 300),
        (simulate_left_out, 4_000),
        (simulate_intervals, 4_000),
        (simulate_pooling, 400),
    ):
        simulate(max(10, round(part * surveys)))
