"""Simulations of what is claimed about reliability: warnings on items, intervals of correlations, verdicts on factor models.

Run with `python tests/benchmarks/bench_reliability.py`; it takes about five minutes and prints what `README.md` holds.
"""

import warnings
from collections import Counter
from types import SimpleNamespace

import numpy as np
import pandas as pd
from scipy import stats

from helpers.survey import factors, family, relations, reliability

SEED = 20240501
# Shares of the five points of a favourable item, and the sizes of the first study's constructs.
CUTS = stats.norm.ppf(np.array([0.03, 0.07, 0.20, 0.45, 0.25]).cumsum()[:-1])
SIZES = {"coherence": 4, "participation": 4, "action": 7, "monitoring": 5, "network": 4}
SCALE = SimpleNamespace(lowest=1, highest=5)


def draw_answers(random: np.random.Generator, traits: np.ndarray, items: int, loading: float) -> np.ndarray:
    """Five-point answers that rise with a trait; shape (n, items)."""
    return 1.0 + np.searchsorted(
        CUTS, loading * traits[:, None] + np.sqrt(1 - loading**2) * random.standard_normal((len(traits), items))
    )


def name_items(sizes: dict[str, int]) -> pd.DataFrame:
    rows = [(f"{name}{k}", name) for name, size in sizes.items() for k in range(size)]
    return pd.DataFrame(rows, columns=["item", "construct"]).assign(scale="five", reversed=False)


def make_responses(answers: np.ndarray, codebook: pd.DataFrame) -> pd.DataFrame:
    respondents = [f"R{k}" for k in range(len(answers))]
    index = pd.MultiIndex.from_product([respondents, codebook["item"]], names=["respondent", "item"])
    return pd.DataFrame({"value": answers.ravel(), "status": "answered"}, index=index).reset_index()


def simulate_item_rest(replications: int = 150) -> None:
    """Whole surveys of five constructs with loadings of .5, and the same with the first of seven items not turned round."""
    random, codebook = np.random.default_rng(SEED), name_items(SIZES)
    suspect = codebook.index[codebook["item"] == "action0"][0]
    truth = {}
    for name, size in SIZES.items():
        answers = draw_answers(random, random.standard_normal(200_000), size, 0.5)
        truth[name] = np.corrcoef(answers[:, 0], answers[:, 1:].sum(axis=1))[0, 1]
    for n in (30, 40, 100):
        false, any_false, caught, covered = Counter(), Counter(), Counter(), []
        for _ in range(replications):
            answers = np.hstack([draw_answers(random, random.standard_normal(n), size, 0.5) for size in SIZES.values()])
            found = reliability.correlate_items(make_responses(answers, codebook), codebook, {"five": SCALE})
            covered += list(found["construct"].map(truth).between(found["low"], found["high"]))
            answers[:, suspect] = 6 - answers[:, suspect]
            turned = reliability.correlate_items(make_responses(answers, codebook), codebook, {"five": SCALE}).iloc[suspect]
            rules = {"correlation under .10": "item_rest", "interval under .10": "high"}
            for rule, column in rules.items():
                low = found[column] < reliability.LOW_ITEM_REST
                false[rule] += low.sum()
                any_false[rule] += low.any()
                caught[rule] += turned[column] < reliability.LOW_ITEM_REST
        print(f"{100 * np.mean(covered):8.1f} %  n = {n}: coverage of the interval of an item–rest correlation")
        for rule in rules:
            share = 100 * false[rule] / max(1, false[rule] + caught[rule])
            told = (100 * any_false[rule] / replications, 100 * caught[rule] / replications)
            print(f"          n = {n}, {rule}: a false warning in {told[0]:.0f}% of surveys; one item not turned round is")
            print(f"              caught in {told[1]:.0f}%, and of all warnings {share:.0f}% are false")


def make_study(outside: int) -> SimpleNamespace:
    """What `relate_items` needs from a study: three items outside the scores; answers of not relevant, groupings."""
    codebook = name_items({"general": outside} | SIZES)
    return SimpleNamespace(
        codebook=codebook, scored_items=codebook[codebook["construct"] != "general"], scales={"five": SCALE},
        used_scales={"five": SimpleNamespace(not_relevant=["role"])},
        survey=SimpleNamespace(groupings={"sector": 1}, files=["a"]),
    )  # fmt: skip


def simulate_relations(replications: int = 500) -> None:
    """The share of surveys without a relation in which one is claimed, and the interval's coverage at several rho."""
    random, study = np.random.default_rng(SEED), make_study(3)
    outside = study.codebook[study.codebook["construct"] == "general"]

    def relate(n: int, latent: float) -> pd.DataFrame:
        traits = random.multivariate_normal(np.zeros(5), 0.5 + 0.5 * np.eye(5), n)
        feel = latent * traits[:, 0] + np.sqrt(1 - latent**2) * random.standard_normal(n)
        answers = np.clip(np.round(6.5 + 2.2 * (0.8 * feel[:, None] + 0.6 * random.standard_normal((n, 3)))), 0, 10)
        means = [draw_answers(random, traits[:, k], size, 0.7).mean(axis=1) for k, size in enumerate(SIZES.values())]
        scores = pd.DataFrame(dict(zip(SIZES, means, strict=True))).assign(respondent=[f"R{k}" for k in range(n)])
        scores = scores.melt("respondent", var_name="construct", value_name="score")
        return relations.relate_items(make_responses(answers, outside), scores, study)

    asked = family.count_questions(study)
    for n in (10, 20, 40):
        claimed = sum((relate(n, 0)["p_holm"] < family.FAMILY_ERROR).any() for _ in range(replications))
        share = 100 * family.FAMILY_ERROR / asked
        print(f"{100 * claimed / replications:8.1f} %  n = {n}: a relation is claimed where there is none (may: {share:.1f}%)")
    for latent in (0, 0.6, 0.95):
        truth = relate(100_000, latent).iloc[0]["rho"]
        found = pd.DataFrame([relate(40, latent).iloc[0] for _ in range(replications)]).astype({"rho": float})
        inside = ((found["low"] <= truth) & (truth <= found["high"])).mean()
        half = stats.norm.ppf(0.975) / np.sqrt(37)
        plain = (np.abs(np.arctanh(found["rho"]) - np.arctanh(truth)) <= half).mean()
        print(f"{100 * inside:8.1f} %  n = 40, rho {truth:.2f}: coverage of Bonett and Wright's interval")
        print(f"{100 * plain:8.1f} %  n = 40, rho {truth:.2f}: coverage of that of Pearson's correlation")


def simulate_fit(replications: int = 100) -> None:
    """Verdicts on four correlated factors if they are true, and if the first two items of each share something else."""
    random, sizes = np.random.default_rng(SEED), dict(list(SIZES.items())[:4])
    for n, loading, shared in ((100, 0.5, 0), (100, 0.7, 0), (200, 0.7, 0), (300, 0.6, 0.6)):
        verdicts = Counter()
        for _ in range(replications // (1 + (n > 100))):
            traits = random.multivariate_normal(np.zeros(4), 0.5 + 0.5 * np.eye(4), n)
            other = random.standard_normal(n)
            parts = []
            for k, size in enumerate(sizes.values()):
                weight = np.where(np.arange(size) < 2, shared, 0)
                latent = loading * traits[:, [k]] + weight * other[:, None]
                latent = latent + np.sqrt(1 - loading**2 - weight**2) * random.standard_normal((n, size))
                parts.append(1 + np.searchsorted(CUTS, latent))
            answers, codebook = np.hstack(parts).astype(float), name_items(sizes)
            found = factors.fit_factor_model(make_responses(answers, codebook), codebook, {"five": SCALE}).iloc[0]
            verdicts[found["verdict"] or "improper or unsettled"] += 1
        told = ", ".join(f"{verdict} {100 * count / verdicts.total():.0f}%" for verdict, count in verdicts.most_common())
        print(f"          n = {n}, loadings {loading}, {'a shared method' if shared else 'the model is true'}: {told}")


def compare_rounding(bounds: int = 3000) -> None:
    """How often an end of Feldt's interval changes if it is first rounded to three decimals, as pingouin does."""
    random, differ = np.random.default_rng(SEED), 0
    for _ in range(bounds // 2):
        n, items = random.integers(20, 100), random.integers(3, 8)
        answers = pd.DataFrame(0.6 * random.standard_normal((n, 1)) + 0.8 * random.standard_normal((n, items)))
        found = reliability.estimate_alpha(answers)
        differ += sum(f"{end:.2f}" != f"{round(end, 3):.2f}" for end in (found.low, found.high))
    print(f"{100 * differ / bounds:8.1f} %  of {bounds} ends of Feldt's interval")


if __name__ == "__main__":
    warnings.simplefilter("error")
    for title, part in {
        "Item–rest correlations, 24 items in 5 constructs, loadings of .5": simulate_item_rest,
        "Three items with five scores": simulate_relations,
        "Factor models": simulate_fit,
        "Ends that read otherwise when rounded twice": compare_rounding,
    }.items():
        print(f"\n{title}")
        part()
