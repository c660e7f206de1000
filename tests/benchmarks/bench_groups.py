"""Speed of the statistics, and simulations of how often tests reject and intervals cover the truth.

Run with `python tests/benchmarks/bench_groups.py`; it takes about ten minutes and prints what `README.md` holds.
"""

import resource
import time
from types import SimpleNamespace

import numpy as np
import pandas as pd
from scipy import stats

from helpers.study import definition, terms
from helpers.survey import comparisons, distributions, pairs, permutation, planning, response, scoring, waves
from helpers.survey.comparisons import compare_groups
from helpers.survey.factors import fit_factor_model
from helpers.survey.reliability import correlate_items, estimate_alpha, estimate_reliability

REPLICATIONS = 10_000
SEED = 20240501

# Respondents by group in the first study's published table 4, sectors of one or two pooled.
SECTORS = {"Health (NHS)": 12, "Voluntary/Charity": 9, "Social Care": 8, "All other groups": 13}
EMPLOYMENT = [9, 11, 5, 6, 3, 8]
GROUPINGS = {"sector": SimpleNamespace(label="Sector"), "employment": SimpleNamespace(label="Employment")}
STUDY = SimpleNamespace(
    score_limits=(1, 5), used_scales={}, scored_items=[], codebook=[],
    survey=SimpleNamespace(groupings=GROUPINGS, files=["2024"]),
)  # fmt: skip

CONSTRUCTS = {"coherence": 4, "participation": 4, "action": 7, "monitoring": 5, "network": 4}

# Shares of the five points of a favourable and a middling item.
FAVOURABLE = np.array([0.03, 0.07, 0.20, 0.45, 0.25])
MIDDLING = np.array([0.10, 0.20, 0.35, 0.25, 0.10])


def draw_items(random: np.random.Generator, n: int, items: int, shares: np.ndarray, loading: float) -> np.ndarray:
    """Five-point answers with these shares that rise with one trait; shape (n, items)."""
    trait = random.standard_normal((n, 1))
    latent = loading * trait + np.sqrt(1 - loading**2) * random.standard_normal((n, items))
    return 1 + np.searchsorted(stats.norm.ppf(shares.cumsum()[:-1]), latent)


def make_survey(n: int, random: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, dict]:
    """A made-up survey of five constructs and two groupings: respondents, responses, codebook, scales."""
    labels = ["Strongly disagree", "Disagree", "Neutral", "Agree", "Strongly agree"]
    bands = ["Disagree", "Disagree", "Neutral", "Agree", "Agree"]
    points = [{"label": label, "value": 1 + i, "band": bands[i]} for i, label in enumerate(labels)]
    options = [{"label": f"Not relevant: {kind}", "kind": kind} for kind in terms.NOT_RELEVANT]
    scales = {"agreement": definition.Scale.model_validate({"responses": points, "not_relevant": options})}
    rows = [(f"{name}{i}", name) for name, count in CONSTRUCTS.items() for i in range(count)]
    codebook = pd.DataFrame(rows, columns=["item", "construct"])
    codebook = codebook.assign(column=codebook["item"], section=codebook["construct"], scale="agreement")
    codebook = codebook.assign(label=codebook["item"], reversed=codebook["item"].eq("action1"))

    sectors = [name for name, count in SECTORS.items() for _ in range(count)]
    names = [f"R{number:06}" for number in range(n)]
    respondents = pd.DataFrame({"respondent": names, "wave": random.choice(["2024", "2025"], n)})
    respondents["link"] = [f"k{number % (n // 2 + 1)}" for number in range(n)]
    respondents["sector"] = pd.Categorical(random.choice(sectors, n), categories=list(SECTORS))
    stay = [str(number) for number in range(len(EMPLOYMENT))]
    employment = random.choice(stay, n, p=np.array(EMPLOYMENT) / sum(EMPLOYMENT))
    respondents["employment"] = pd.Categorical(employment, categories=stay, ordered=True)
    respondents["duration_seconds"] = random.integers(60, 1200, n)

    value = draw_items(random, n, len(codebook), FAVOURABLE, 0.6).astype(float).ravel()
    status = random.choice(terms.STATUSES, len(value), p=[0.9, 0.02, 0.02, 0.02, 0.04])
    value[status != terms.ANSWERED] = np.nan
    responses = pd.DataFrame(
        {
            "respondent": np.repeat(names, len(codebook)),
            "item": np.tile(codebook["item"], n),
            "response": pd.Categorical.from_codes(
                np.nan_to_num(value - 1, nan=-1).astype(int), categories=labels, ordered=True
            ),
            "value": value,
            "status": pd.Categorical(status, categories=terms.STATUSES),
        }
    )
    return respondents, responses, codebook, scales


def time_cpu(label: str, call):
    """Print the CPU seconds of a call and return its result."""
    start = time.process_time()
    result = call()
    print(f"{time.process_time() - start:8.2f} s  {label}")
    return result


def time_small_survey() -> None:
    random = np.random.default_rng(SEED)
    respondents, responses, codebook, scales = make_survey(48, random)
    scores = scoring.score_constructs(responses, codebook, scales)
    found = time_cpu("all groups, 10,000 permutations, 5 constructs x 2 groupings, 48 respondents", lambda: (
        comparisons.compare_every_grouping(STUDY, scores, respondents)))  # fmt: skip
    by_group = comparisons.join_every_grouping(STUDY, scores, respondents)
    time_cpu("their pairs, not tested", lambda: pairs.compare_pairs(STUDY, by_group, found))
    time_cpu("their pairs, tested", lambda: pairs.compare_pairs(STUDY, by_group, found.assign(p_holm=0.01)))


# No interval is cut off here, so that its length can be seen.
UNBOUNDED = SimpleNamespace(**{**vars(STUDY), "score_limits": (-99, 99)})
EVERY_GATE_OPEN = pd.DataFrame(
    [(part.label, name, 1e-4, 1e-3) for part in GROUPINGS.values() for name in CONSTRUCTS],
    columns=["grouping", "construct", "p", "p_holm"],
)


def time_large_survey() -> None:
    random = np.random.default_rng(SEED)
    respondents, responses, codebook, scales = make_survey(100_000, random)
    start = time.process_time()
    for label, call in {
        "count_responses": lambda: distributions.count_responses(responses, codebook, scales),
        "count_bands": lambda: distributions.count_bands(responses, codebook, scales),
        "describe_items": lambda: distributions.describe_items(responses, codebook),
        "vary_scoring": lambda: scoring.vary_scoring(responses, codebook, scales),
        "estimate_reliability": lambda: estimate_reliability(responses, codebook, scales),
        "correlate_items": lambda: correlate_items(responses, codebook, scales),
        "fit_factor_model": lambda: fit_factor_model(responses, codebook, scales),
        "describe_completion": lambda: response.describe_completion(responses, codebook),
        "flag_response_quality": lambda: response.flag_response_quality(respondents, responses, codebook),
    }.items():
        time_cpu(label, call)
    scores = time_cpu("score_constructs", lambda: scoring.score_constructs(responses, codebook, scales))
    for label, call in {
        "compare_groups by sector": lambda: compare_groups(scores, respondents, "sector"),
        "compare_groups by employment": lambda: compare_groups(scores, respondents, "employment"),
        "compare_pairs, all tested": lambda: pairs.compare_pairs(
            STUDY, comparisons.join_every_grouping(STUDY, scores, respondents), EVERY_GATE_OPEN
        ),
        "compare_waves": lambda: waves.compare_waves(scores, respondents, "2024", "2025"),
        "find_size": lambda: planning.find_size(scores["score"], 0.3, 1, 5),
    }.items():
        time_cpu(label, call)
    print(f"{time.process_time() - start:8.2f} s  all of these")
    print(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2:8.2f} GB at most, the survey itself included")


def simulate_rejection() -> None:
    """Share of p <= .05 when no group differs; scores are means of four five-point items, with the ties of such means."""
    random = np.random.default_rng(SEED)
    tests = {
        "Kruskal–Wallis, sectors pooled (12, 9, 8, 13)": (list(SECTORS.values()), permutation.permute_kruskal),
        "Kruskal–Wallis, employment (9, 11, 5, 6, 3, 8)": (EMPLOYMENT, permutation.permute_kruskal),
        "Kruskal–Wallis, two groups (1, 12)": ([1, 12], permutation.permute_kruskal),
        "Kruskal–Wallis, two groups (3, 4)": ([3, 4], permutation.permute_kruskal),
        "Jonckheere–Terpstra, employment": (EMPLOYMENT, permutation.permute_jonckheere),
    }
    for label, (sizes, test) in tests.items():
        group = pd.Series(np.repeat(range(len(sizes)), sizes))
        rejected = 0
        for replication in range(REPLICATIONS):
            score = pd.Series(draw_items(random, len(group), 4, FAVOURABLE, 0.6).mean(axis=1))
            table = permutation.tabulate_scores(score, group)
            # 999 permutations make .05 a value that p can take.
            rejected += table.shape[1] > 1 and test(table, 999, seed=replication).p <= 0.05
        print(f"{100 * rejected / REPLICATIONS:8.1f} %  {label}")


def compute_wilson_coverage() -> None:
    """Exact, by summing binomial probabilities over a grid of true percentages."""
    true = np.linspace(0.01, 0.99, 197)
    for n in (12, 40, 48):
        count = np.arange(n + 1)
        bounds = distributions.wilson_interval(pd.Series(count), pd.Series(np.full(n + 1, n))) / 100
        inside = (bounds["low"].to_numpy() <= true[:, None]) & (true[:, None] <= bounds["high"].to_numpy())
        coverage = (inside * stats.binom.pmf(count, n, true[:, None])).sum(axis=1)
        middle = (true >= 0.05) & (true <= 0.95)
        print(
            f"{100 * coverage.mean():8.1f} %  Wilson, n = {n}, mean over true 1% to 99%; least {100 * coverage.min():.1f}%;"
            f" least from 5% to 95% {100 * coverage[middle].min():.1f}%"
        )


def simulate_feldt_coverage() -> None:
    random = np.random.default_rng(SEED)
    for label, shares in {"normal": None, "five points, middling": MIDDLING, "five points, favourable": FAVOURABLE}.items():
        for items, loading in ((4, 0.6), (5, 0.5), (7, 0.7)):
            draw = draw_normal if shares is None else draw_items
            truth = estimate_alpha(pd.DataFrame(draw(random, 400_000, items, shares, loading))).value
            covered = 0
            for _ in range(REPLICATIONS // 5):
                found = estimate_alpha(pd.DataFrame(draw(random, 40, items, shares, loading)))
                covered += found.low <= truth <= found.high
            share = 100 * covered / (REPLICATIONS // 5)
            print(f"{share:8.1f} %  Feldt, n = 40, {items} items, {label}, true alpha {truth:.2f}")


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
    for label, options, replications in (
        ("nothing differs", {}, 1_200),
        ("one sector of 12 lies 2 standard deviations higher", {"apart": 2}, 100),
        ("scores rise with employment, by half a standard deviation a step", {"rise": 0.5}, 100),
    ):
        random = np.random.default_rng(SEED)
        claims = []
        for replication in range(replications):
            scores, respondents = draw_small_survey(random, **options)
            found = comparisons.compare_every_grouping(STUDY, scores, respondents, 3, 999, replication)
            by_group = comparisons.join_every_grouping(STUDY, scores, respondents)
            compared = pairs.compare_pairs(STUDY, by_group, found)
            # What is false if only one sector differs: lengths of employment, and pairs of other sectors.
            alike = compared[compared["grouping"].eq("Employment") | compared["group_a"].ne("0")][
                : None if "apart" in options else 0
            ]
            verdicts = compared["verdict"].value_counts(normalize=True).reindex(pairs.VERDICTS, fill_value=0)
            claims.append({
                "all groups": found["p_holm"].lt(0.05).any(), "a pair's p": compared["p_holm"].lt(0.05).any(),
                "larger": compared["verdict"].eq(pairs.LARGER).any(),
                "anything": found["p_holm"].lt(0.05).any() or len(pairs.keep_differing(compared)) > 0,
                "a pair of groups that are alike": len(pairs.keep_differing(alike)) > 0,
            } | verdicts.add_prefix("of pairs: ").to_dict())  # fmt: skip
        shares = (100 * pd.DataFrame(claims).mean()).map("{:.1f}%".format)
        print(f"  {label}: {', '.join(f'{name} {share}' for name, share in shares.items())}")


def simulate_difference_coverage() -> None:
    """Intervals of all pairs at once, and of one pair alone with the same spread, when the truth is known."""
    shut = EVERY_GATE_OPEN.assign(p_holm=1.0)
    random = np.random.default_rng(SEED)
    for sizes in (EMPLOYMENT, [12, 9], [3, 12], [3, 4]):
        for label, shares, shift in (
            ("favourable, alike", FAVOURABLE, 0),
            ("middling, alike", MIDDLING, 0),
            ("favourable, half of them 1 SD up", FAVOURABLE, 1),
            ("middling, half of them 1 SD up", MIDDLING, 1),
        ):
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
            each = 100 * np.mean(alone, axis=0)
            single = f"one pair alone {each.min():.1f} to {each.max():.1f}, mean {each.mean():.1f}%"
            print(f"{100 * np.mean(together):8.1f} %  groups of {sizes}, {label}: {single}", flush=True)


def draw_shifted(random: np.random.Generator, up: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Scores of people, as means of four items, whose trait is this many standard deviations higher."""
    trait = 0.6 * (random.standard_normal(len(up)) + up)
    latent = trait[:, None] + 0.8 * random.standard_normal((len(up), 4))
    return (1 + np.searchsorted(stats.norm.ppf(shares.cumsum()[:-1]), latent)).mean(axis=1)


if __name__ == "__main__":
    for title, part in {
        "Speed, 48 respondents (CPU)": time_small_survey,
        "Speed, 100,000 respondents, 24 items (CPU)": time_large_survey,
        "Rejections at the 5% level when nothing differs": simulate_rejection,
        "Coverage of 95% Wilson intervals": compute_wilson_coverage,
        "Coverage of 95% Feldt intervals": simulate_feldt_coverage,
        "Coverage of 95% intervals of differences, all pairs at once": simulate_difference_coverage,
        "Claims of notebook 3 about groups, 40 respondents": simulate_claims,
    }.items():
        print(f"\n{title}")
        part()
