"""Simulations of comparing waves and planning the next survey: how often tests reject, and ranges contain the truth.

Run with `python tests/benchmarks/bench_waves.py [REPLICATIONS]`; with 700 it takes about four minutes of one core.
"""

import sys

import numpy as np
import pandas as pd
from bench_groups import FAVOURABLE, MIDDLING, draw_items
from scipy import stats

from helpers.study.definition import Definition, Study
from helpers.survey import comparisons, family, planning, scoring, waves

REPLICATIONS = int(sys.argv[1]) if len(sys.argv) > 1 else 700
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
    random = np.random.default_rng(SEED)
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
        shares = f"{100 * rejected / REPLICATIONS:5.1f} % rejected, {100 * covered / REPLICATIONS:5.1f} % covered"
        print(f"{shares}: {n} and then {later}, {both} in both, of whom {known} are recognised", flush=True)


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


def simulate_family(changed: bool) -> None:
    """How often anything is wrongly claimed about constructs and items, at 5% for this question alone; 40 people, 20 in both.

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
    what = "one item changed" if changed else "nothing changed"
    print(f"{100 * wrong / (REPLICATIONS // 2):5.1f} % of surveys with a wrong claim where {what}", flush=True)


def simulate_plans() -> None:
    """How often the range of the size needed is below or above the size that everybody's scores would give."""
    random = np.random.default_rng(SEED)
    for name, shares in (("favourable", FAVOURABLE), ("middling", MIDDLING)):
        everybody = draw_items(random, 200_000, 4, shares, 0.6).mean(axis=1)
        truth = planning.find_size(pd.Series(everybody), 0.5, 1, 5, 40, resamples=1)["needed"]
        for n in (20, 40, 80):
            found = [
                planning.find_size(pd.Series(random.choice(everybody, n)), 0.5, 1, 5, 40, resamples=500, seed=k)
                for k in range(REPLICATIONS // 2)
            ]
            low, high = (np.array([row[end] for row in found]) for end in ("needed_low", "needed_high"))
            outside = f"too low {100 * np.mean(high < truth):.0f} %, too high {100 * np.mean(low > truth):.0f} %"
            print(
                f"{name}, {n} people: {outside}; on average {low.mean():.0f} to {high.mean():.0f}, true {truth:.0f}", flush=True
            )
        moved = np.minimum(everybody + 0.5, 5)
        for size in (20, 40, 80):
            x, y = random.choice(everybody, (4_000, size)), random.choice(moved, (4_000, size))
            p = stats.mannwhitneyu(x, y, axis=1, method="asymptotic").pvalue
            for tests in (1, 40):
                needed = pd.DataFrame([planning.find_size(pd.Series(everybody), 0.5, 1, 5, tests, resamples=1)])
                told = planning.trace_power(needed, [size], tests)["power"].item()
                simulated = 100 * np.mean(p < family.FAMILY_ERROR / tests)
                print(
                    f"{name}, {size} a group, {tests} tests: power {told:.0f} % told, {simulated:.0f} % simulated", flush=True
                )


if __name__ == "__main__":
    simulate_waves()
    simulate_family(changed=False)
    simulate_family(changed=True)
    simulate_plans()
