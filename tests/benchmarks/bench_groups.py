"""How often tests of groups reject, how often intervals cover the truth, and what is claimed of groups, by simulation.

Run with `python tests/benchmarks/bench_groups.py [PART]`: the whole takes a quarter of an hour, 0.01 is a first look.
"""

import itertools
from types import SimpleNamespace

import numpy as np
import pandas as pd
from scipy import stats
from section import open_section, print_table, read_argument, say, span

from helpers.survey import comparisons, distributions, pairs, permutation
from helpers.survey.reliability import estimate_alpha

PART = read_argument(1)
REPLICATIONS = max(10, round(10_000 * PART))
SEED = 20240501

# Respondents by group in the first study's published table 4, sectors of one or two pooled.
SECTORS = {"Health (NHS)": 12, "Voluntary/Charity": 9, "Social Care": 8, "All other groups": 13}
EMPLOYMENT = [9, 11, 5, 6, 3, 8]
GROUPINGS = {"sector": SimpleNamespace(label="Sector"), "employment": SimpleNamespace(label="Employment")}
SURVEY = SimpleNamespace(groupings=GROUPINGS, files=["2024"])
STUDY = SimpleNamespace(
    score_limits=(1, 5), used_scales={}, scored_items=[], codebook=[], survey=SURVEY, definition=SimpleNamespace(survey=SURVEY)
)

CONSTRUCTS = {"coherence": 4, "participation": 4, "action": 7, "monitoring": 5, "network": 4}

# Shares of the five points of a favourable and a middling item.
FAVOURABLE = np.array([0.03, 0.07, 0.20, 0.45, 0.25])
MIDDLING = np.array([0.10, 0.20, 0.35, 0.25, 0.10])


def draw_items(random: np.random.Generator, n: int, items: int, shares: np.ndarray, loading: float) -> np.ndarray:
    """Five-point answers with these shares that rise with one trait; shape (n, items)."""
    trait = random.standard_normal((n, 1))
    latent = loading * trait + np.sqrt(1 - loading**2) * random.standard_normal((n, items))
    return 1 + np.searchsorted(stats.norm.ppf(shares.cumsum()[:-1]), latent)


# No interval is cut off here, so that its length can be seen.
UNBOUNDED = SimpleNamespace(**{**vars(STUDY), "score_limits": (-99, 99)})
EVERY_GATE_OPEN = pd.DataFrame(
    [(part.label, name, 1e-4, 1e-3) for part in GROUPINGS.values() for name in CONSTRUCTS],
    columns=["grouping", "construct", "p", "p_holm"],
)


def simulate_rejection() -> None:
    """Share of p <= .05 when no group differs; scores are means of four five-point items, with the ties of such means."""
    say(
        "### Do the permutation tests reject 5% when nothing differs?\n\n"
        f"{REPLICATIONS:,} made-up surveys in each row, scores the mean of four five-point items (skewed and tied), 999 "
        f"permutations, p ≤ .05; the standard error of a share is {100 * np.sqrt(0.05 * 0.95 / REPLICATIONS):.1f} points. "
        "Groups of 3 and 4 or of 1 and 12 cannot reach 5%, since without ties their smallest p is 2/35 or 2/13; so every "
        "test is shown with its smallest p."
    )
    random = np.random.default_rng(SEED)
    tests = {
        "Kruskal–Wallis | sectors, pooled: 12, 9, 8, 13": (list(SECTORS.values()), permutation.permute_kruskal),
        "Kruskal–Wallis | length of employment: 9, 11, 5, 6, 3, 8": (EMPLOYMENT, permutation.permute_kruskal),
        "Kruskal–Wallis | 1 and 12": ([1, 12], permutation.permute_kruskal),
        "Kruskal–Wallis | 3 and 4": ([3, 4], permutation.permute_kruskal),
        "Jonckheere–Terpstra | length of employment": (EMPLOYMENT, permutation.permute_jonckheere),
    }
    rows = []
    for label, (sizes, test) in tests.items():
        group = pd.Series(np.repeat(range(len(sizes)), sizes))
        rejected = 0
        for replication in range(REPLICATIONS):
            score = pd.Series(draw_items(random, len(group), 4, FAVOURABLE, 0.6).mean(axis=1))
            table = permutation.tabulate_scores(score, group)
            # 999 permutations make .05 a value that p can take.
            rejected += table.shape[1] > 1 and test(table, 999, seed=replication).p <= 0.05
        rows.append((label, f"{100 * rejected / REPLICATIONS:.1f}%"))
    print_table(("test", "groups", "rejects"), rows)


def compute_wilson_coverage() -> None:
    """Exact, by summing binomial probabilities over a grid of true percentages."""
    true, rows = np.linspace(0.01, 0.99, 197), []
    for n in (12, 40, 48):
        count = np.arange(n + 1)
        bounds = distributions.wilson_interval(pd.Series(count), pd.Series(np.full(n + 1, n))) / 100
        inside = (bounds["low"].to_numpy() <= true[:, None]) & (true[:, None] <= bounds["high"].to_numpy())
        coverage = (inside * stats.binom.pmf(count, n, true[:, None])).sum(axis=1)
        middle = (true >= 0.05) & (true <= 0.95)
        rows.append((n, *(f"{100 * share:.1f}%" for share in (coverage.mean(), coverage.min(), coverage[middle].min()))))
    say(
        "### Do 95% intervals cover 95%?\n\n"
        "**Shares** (Wilson). The exact sum over a grid of true shares from 1% to 99%: on average, at the worst of them, and "
        "at the worst from 5% to 95%."
    )
    print_table(("people", "on average", "at least", "at least, from 5% to 95%"), rows)


def simulate_feldt_coverage() -> None:
    random, rows = np.random.default_rng(SEED), []
    for label, shares in {"normal": None, "five points, middling": MIDDLING, "five points, favourable": FAVOURABLE}.items():
        cells = []
        for items, loading in ((4, 0.6), (5, 0.5), (7, 0.7)):
            draw = draw_normal if shares is None else draw_items
            truth = estimate_alpha(pd.DataFrame(draw(random, 400_000, items, shares, loading))).value
            covered = 0
            for _ in range(REPLICATIONS // 5):
                found = estimate_alpha(pd.DataFrame(draw(random, 40, items, shares, loading)))
                covered += found.low <= truth <= found.high
            cells.append((100 * covered / (REPLICATIONS // 5), truth))
        shares, alphas = zip(*cells, strict=True)
        rows.append((label, span(shares), f"{min(alphas):.2f} to {max(alphas):.2f}"))
    say(
        f"**Alpha** (Feldt) of 40 people and 4, 5 or 7 items, {REPLICATIONS // 5:,} samples of each number of items; the range "
        "over the three."
    )
    print_table(("answers", "covered", "true alpha"), rows)


def draw_normal(random: np.random.Generator, n: int, items: int, _shares: None, loading: float) -> np.ndarray:
    """Normal answers of the same structure as `draw_items`."""
    return loading * random.standard_normal((n, 1)) + np.sqrt(1 - loading**2) * random.standard_normal((n, items))


def draw_small_survey(
    random: np.random.Generator, apart: float = 0, rise: float = 0
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Forty people in ten sectors of 1 to 12 and six ordered lengths of employment; four correlated constructs, gaps.

    The largest sector's traits are `apart` standard deviations above the others'; traits rise by `rise` along employment.
    """
    sizes = {"sector": [12, 9, 8, 3, 2, 2, 1, 1, 1, 1], "employment": [9, 10, 5, 5, 3, 8]}
    people = {name: random.permutation(np.repeat(range(len(n)), n)) for name, n in sizes.items()}
    common = random.standard_normal(40)
    names, parts = [f"R{number:02}" for number in range(40)], []
    for construct, items in list(CONSTRUCTS.items())[:4]:
        trait = (
            np.sqrt(0.5) * (common + random.standard_normal(40)) + apart * (people["sector"] == 0) + rise * people["employment"]
        )
        latent = 0.7 * trait[:, None] + np.sqrt(0.51) * random.standard_normal((40, items))
        value = 1.0 + np.searchsorted(stats.norm.ppf(FAVOURABLE.cumsum()[:-1]), latent)
        answers = pd.DataFrame(np.where(random.random(value.shape) < 0.1, np.nan, value))
        score = answers.mean(axis=1).where(answers.count(axis=1) >= items / 2)
        parts.append(pd.DataFrame({"respondent": names, "construct": construct, "score": score}))
    groups = {name: pd.Categorical(codes.astype(str), ordered=name == "employment") for name, codes in people.items()}
    return pd.concat(parts), pd.DataFrame({"respondent": names, **groups})


def simulate_claims() -> None:
    """How often anything is claimed, at 5% for this question alone; pages ask more questions, and so claim less."""
    comparisons.count_questions = pairs.count_questions = lambda study: 1
    many, few = max(10, round(1_200 * PART)), max(5, round(100 * PART))
    kinds = {"nothing differs": ({}, many), "one sector of 12 lies 2 SD higher": ({"apart": 2}, few)}
    kinds["scores rise by 0.5 SD with each step of employment"] = ({"rise": 0.5}, few)
    columns = {}
    for label, (options, replications) in kinds.items():
        random = np.random.default_rng(SEED)
        claims = []
        for replication in range(replications):
            scores, respondents = draw_small_survey(random, **options)
            found = comparisons.compare_every_grouping(STUDY, scores, respondents, 3, 999, replication)
            by_group = comparisons.join_every_grouping(STUDY, scores, respondents)
            compared = pairs.compare_pairs(STUDY, by_group, found)
            # What is false if only one sector differs: lengths of employment, and pairs of other sectors.
            alike = compared[compared["grouping"].eq("Employment") | compared["group_a"].ne("0") | ("apart" not in options)]
            claim = {
                "groups differ (p of all groups)": found["p_holm"].lt(0.05).any(),
                "two groups differ (p of a pair)": compared["p_holm"].lt(0.05).any(),
                "two groups differ by more than 0.5 points (larger)": compared["verdict"].eq(pairs.LARGER).any(),
                "any of these": found["p_holm"].lt(0.05).any() or len(pairs.keep_differing(compared)) > 0,
            }
            if "rise" not in options:
                claim["two groups differ that are alike"] = len(pairs.keep_differing(alike)) > 0
            claims.append(claim)
        columns[label] = (100 * pd.DataFrame(claims).mean()).map("{:.1f}%".format)
    say(
        "### How often is something claimed of groups?\n\n"
        "Forty people in ten sectors of 1 to 12 (small ones pooled) and six lengths of employment of 3 to 10, four "
        "correlated constructs of 4 to 7 items, a tenth of the answers missing, 999 permutations. The 5% are for this "
        f"question alone: a page that asks four questions holds each to a quarter of it. {many:,} surveys in which nothing "
        f"differs (standard error at 5%: {100 * np.sqrt(0.05 * 0.95 / many):.1f}), {few} of each other kind."
    )
    table = pd.DataFrame(columns).fillna("").reindex(list(columns["nothing differs"].index))
    print_table(("claimed", *table), table.reset_index().to_numpy())


def simulate_difference_coverage() -> None:
    """Intervals of all pairs at once, and of one pair alone with the same spread, when the truth is known."""
    shut = EVERY_GATE_OPEN.assign(p_holm=1.0)
    random, rows = np.random.default_rng(SEED), []
    for sizes in (EMPLOYMENT, [12, 9], [3, 12], [3, 4]):
        at_once, each = [], []
        for shift, shares in itertools.product((0, 1), (FAVOURABLE, MIDDLING)):
            group = np.repeat(range(len(sizes)), sizes)
            up = shift * (np.arange(len(sizes)) >= len(sizes) // 2)
            truth = np.array([draw_shifted(random, np.full(200_000, k), shares).mean() for k in (0, 1)])[up]
            first, second = np.triu_indices(len(sizes), 1)
            frame = pd.DataFrame({"grouping": "Sector", "construct": "coherence", "group": group.astype(str)})
            alone, together = [], []
            for _ in range(REPLICATIONS // 10):
                found = pairs.compare_pairs(UNBOUNDED, frame.assign(score=draw_shifted(random, up[group], shares)), shut)
                off = (found["difference"] - truth[first] + truth[second]).abs()
                reach, free = (found["high"] - found["low"]) / 2, len(group) - len(sizes)
                single = reach * stats.t.ppf(0.975, free) / stats.t.ppf(1 - 0.025 / len(found), free)
                alone.append(off <= single + 1e-9)
                together.append((off <= reach + 1e-9).all())
            at_once.append(100 * np.mean(together))
            each.append(100 * np.mean(alone, axis=0))
        means = [one.mean() for one in each]
        rows.append((", ".join(map(str, sizes)), span(at_once), span(means), f"{np.min(each):.1f}%"))
    say(
        f"**Differences of groups.** {REPLICATIONS // 10:,} samples a cell, scores the mean of four items, favourable or "
        "middling, groups alike or half of them a standard deviation higher; the range over these four. The page shows "
        "intervals that hold for all pairs at once: Student's, with the spread within all groups. Beside them one pair's "
        "alone by the same spread."
    )
    print_table(("people in the groups", "all pairs at once", "one pair alone, on average", "the worst pair"), rows)


def draw_shifted(random: np.random.Generator, up: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Scores of people, as means of four items, whose trait is this many standard deviations higher."""
    trait = 0.6 * (random.standard_normal(len(up)) + up)
    latent = trait[:, None] + 0.8 * random.standard_normal((len(up), 4))
    return (1 + np.searchsorted(stats.norm.ppf(shares.cumsum()[:-1]), latent)).mean(axis=1)


if __name__ == "__main__":
    open_section(
        "Groups: how often tests reject and intervals cover the truth",
        "Simulations of made-up surveys with the groups of the first study, in which the truth is known. That the statistics "
        "themselves agree with R and with papers is held by the tests in `tests/survey/`, which name their sources.",
    )
    for part in (
        simulate_rejection, compute_wilson_coverage, simulate_feldt_coverage, simulate_difference_coverage, simulate_claims,
    ):  # fmt: skip
        part()
