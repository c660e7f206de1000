"""Simulations of comparing waves and planning the next survey: how often tests reject, and ranges contain the truth.

Run with `python tests/benchmarks/bench_waves.py [PART]`; the whole takes about four minutes of one core.
"""

import numpy as np
import pandas as pd
from bench_groups import FAVOURABLE, MIDDLING, draw_items
from scipy import stats
from section import open_section, print_table, read_argument, say

from helpers.study.definition import Definition, Study
from helpers.survey import comparisons, family, planning, scoring, waves

REPLICATIONS = max(10, round(700 * read_argument(1)))
SEED = 20261126


def draw_twice(random: np.random.Generator, n: int, items: int, loading: float = 0.7, stay: float = 0.8) -> list[np.ndarray]:
    """Answers of the same people at two times; their trait correlates by `stay`, and nothing changes overall."""
    first = random.standard_normal((n, 1))
    second = stay * first + np.sqrt(1 - stay**2) * random.standard_normal((n, 1))
    edges = stats.norm.ppf(FAVOURABLE.cumsum()[:-1])
    noise = np.sqrt(1 - loading**2)
    return [
        1 + np.searchsorted(edges, loading * trait + noise * random.standard_normal((n, items))) for trait in (first, second)
    ]


def part_people(n: int, later: int, both: int, known: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Who answers in each wave, and which of those in both can be recognised."""
    place = np.arange(n + later - both)
    return place < n, place >= n - both, (place >= n - known) & (place < n)


def simulate_waves() -> None:
    """Share of p <= .05, and coverage of the interval of the change, when nothing changes; scores of four items."""
    random, rows = np.random.default_rng(SEED), []
    for n, later, both, known in (
        (20, 20, 0, 0), (20, 20, 5, 5), (20, 20, 10, 10), (20, 20, 15, 15), (20, 20, 20, 20), (20, 40, 10, 10),
        (40, 40, 0, 0), (40, 40, 20, 20), (40, 40, 40, 40), (40, 40, 40, 20), (8, 8, 4, 4),
    ):  # fmt: skip
        rejected = covered = 0
        first, second, recognised = part_people(n, later, both, known)
        for replication in range(REPLICATIONS):
            before, after = (answers.mean(axis=1) for answers in draw_twice(random, len(first), 4))
            lost = second & ~recognised  # people who cannot be recognised have a separate row in the later wave
            x = pd.Series([*np.where(first, before, np.nan), *np.full(lost.sum(), np.nan)])
            y = pd.Series([*np.where(recognised, after, np.nan), *after[lost]])
            (_, p), estimate = waves.permute_waves(x, y, 999, replication), waves.estimate_change(x, y)
            rejected += p <= 0.05
            covered += estimate.low <= 0 <= estimate.high
        shares = (f"{100 * count / REPLICATIONS:.1f}%" for count in (rejected, covered))
        rows.append((f"{n} and {later}", both, known, *shares))
    say(
        f"{REPLICATIONS} made-up surveys in each row, scores the mean of four skewed five-point items, the trait at the two "
        f"times correlated by .8; the standard error at 5% is {100 * np.sqrt(0.05 * 0.95 / REPLICATIONS):.1f} points. People "
        "in both waves who cannot be recognised count as different people. The test is then cautious and the interval too "
        "wide, so keys are worth asking for."
    )
    print_table(("people in the waves", "in both", "recognised", "test rejects 5%", "interval of the change covers 95%"), rows)


def make_study() -> Study:
    """Five constructs of 24 items, three items outside the scores, two waves."""
    points = [{"label": str(k), "value": k, "band": "low" if k < 4 else "high"} for k in range(1, 6)]
    sizes = {"general": 3, "coherence": 4, "participation": 4, "action": 7, "monitoring": 5, "network": 4}
    definition = Definition.model_validate({
        "title": "t", "practice": "p", "about": "a", "scales": {"agree": {"responses": points}},
        "constructs": {key: {"label": key, "scored": key != "general"} for key in sizes},
        "survey": {"files": {"2030": "a.csv", "2031": "b.csv"}},
    })  # fmt: skip
    rows = [(f"{key}{k}", key) for key, size in sizes.items() for k in range(size)]
    codebook = pd.DataFrame(rows, columns=["item", "construct"]).assign(scale="agree", reversed=False)
    return Study("t", None, definition, codebook.assign(label=codebook["item"], section="A", column=codebook["item"]))


def simulate_family(changed: bool) -> float:
    """In which percentage of surveys anything is wrongly claimed about constructs and items, at 5% for this question alone.

    40 people in each wave, 20 in both.

    If something `changed`, one item of the first construct rose by two points for everybody: claims about that item and its
    construct are then right, and all others wrong.
    """
    random, study, wrong = np.random.default_rng(SEED), make_study(), 0
    items = study.codebook["item"].to_numpy()
    first, second, _ = part_people(40, 40, 20, 20)
    for replication in range(REPLICATIONS // 2):
        answers = draw_twice(random, 60, 27)
        if changed:
            answers[1][:, 3] = np.minimum(answers[1][:, 3] + 2, 5)
            answers[0][:, 3] = np.maximum(answers[0][:, 3] - 1, 1)
        parts, people = [], []
        for wave, given, there in zip(("2030", "2031"), answers, (first, second), strict=True):
            names = [f"{wave} {k}" for k in np.flatnonzero(there)]
            people.append(pd.DataFrame({"respondent": names, "wave": wave, "link": np.flatnonzero(there).astype(str)}))
            value = given[there].ravel().astype(float)
            parts.append(pd.DataFrame({"respondent": np.repeat(names, 27), "item": np.tile(items, len(names)), "value": value}))
        responses, respondents = pd.concat(parts, ignore_index=True), pd.concat(people, ignore_index=True)
        responses = responses.assign(response=responses["value"].astype(int).astype(str), status="answered")
        scores = scoring.score_constructs(responses, study.scored_items, study.scales)
        found = comparisons.compare_every_wave(study, scores, respondents, 499, replication)
        by_item = comparisons.compare_every_item(study, responses, respondents, found, 499, replication)
        level = family.FAMILY_ERROR * family.count_questions(study)
        claims = [*found.loc[found["p_holm"] <= level, "construct"], *by_item.loc[by_item["p_holm"] <= level, "item"]]
        wrong += bool(set(claims) - ({"coherence", items[3]} if changed else set()))
    return 100 * wrong / (REPLICATIONS // 2)


def simulate_plans() -> None:
    """How often the range of the size needed is below or above the size that everybody's scores would give."""
    random, rows, gaps = np.random.default_rng(SEED), [], {}
    for name, shares in (("favourable", FAVOURABLE), ("middling", MIDDLING)):
        everybody = draw_items(random, 200_000, 4, shares, 0.6).mean(axis=1)
        truth = planning.find_size(pd.Series(everybody), 0.5, 1, 5, 40, resamples=1)["needed"]
        for n in (20, 40, 80):
            found = [
                planning.find_size(pd.Series(random.choice(everybody, n)), 0.5, 1, 5, 40, resamples=500, seed=k)
                for k in range(REPLICATIONS // 2)
            ]
            low, high = (np.array([row[end] for row in found]) for end in ("needed_low", "needed_high"))
            missed = (f"{100 * np.mean(outside):.0f}%" for outside in (high < truth, low > truth))
            rows.append((name, n, f"{low.mean():.0f} to {high.mean():.0f}", f"{truth:.0f}", *missed))
        moved = np.minimum(everybody + 0.5, 5)
        for size in (20, 40, 80):
            x, y = random.choice(everybody, (4_000, size)), random.choice(moved, (4_000, size))
            p = stats.mannwhitneyu(x, y, axis=1, method="asymptotic").pvalue
            for tests in (1, 40):
                needed = planning.find_size(pd.Series(everybody), 0.5, 1, 5, tests, resamples=1) | {"construct": ""}
                told = planning.plan_power(pd.DataFrame([needed]), tests, [size])["power"].item()
                gaps.setdefault(size, []).append(abs(told - 100 * np.mean(p < family.FAMILY_ERROR / tests)))
    say(
        "How many people each of two groups needs for a difference of half a point (power 80%, 40 tests): the range should "
        f"hold the size that 200,000 people's scores give in eight of ten surveys. {REPLICATIONS // 2} surveys in each row."
    )
    print_table(("scores", "people", "range on average", "true", "range too low", "range too high"), rows)
    say(
        "The power told differs from that of 4,000 simulated Mann–Whitney tests, in percentage points, by at most "
        + ", ".join(f"{max(gap):.0f} ({size} in a group)" for size, gap in gaps.items())
        + "."
    )


if __name__ == "__main__":
    open_section(
        "Waves, and the size of the next survey",
        "Simulations in which the truth is known: how often a change is claimed where nothing changed, how often the "
        "interval of a change covers the truth, and how good the range of people needed is.",
    )
    simulate_waves()
    say(
        "Five constructs, their 24 items and three items outside the scores, 40 people in each of two waves, 20 in both, the "
        f"question of waves given 5% to itself, {REPLICATIONS // 2} surveys: something is claimed wrongly in "
        f"{simulate_family(changed=False):.1f}% of surveys in which nothing changed, and in "
        f"{simulate_family(changed=True):.1f}% of those in which one item did, and with it its construct."
    )
    simulate_plans()
