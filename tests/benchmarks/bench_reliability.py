"""Simulations of what is claimed about reliability: warnings on items, intervals of correlations, verdicts on factor models.

Run with `python tests/benchmarks/bench_reliability.py [PART]`; the whole takes about five minutes.
"""

import warnings
from collections import Counter
from types import SimpleNamespace

import numpy as np
import pandas as pd
from scipy import stats
from section import open_section, print_table, read_argument, say, span

from helpers.survey import family, relations, reliability

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


def simulate_item_rest(replications: int) -> None:
    """Whole surveys of five constructs with loadings of .5, and the same with the first of seven items not turned round."""
    random, codebook = np.random.default_rng(SEED), name_items(SIZES)
    suspect = codebook.index[codebook["item"] == "action0"][0]
    truth, rows, coverage = {}, [], []
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
            rules = {"the correlation is under .10": "item_rest", "the whole interval is under .10 (the page)": "high"}
            for rule, column in rules.items():
                low = found[column] < reliability.LOW_ITEM_REST
                false[rule] += low.sum()
                any_false[rule] += low.any()
                caught[rule] += turned[column] < reliability.LOW_ITEM_REST
        coverage.append(100 * np.mean(covered))
        for rule in rules:
            shares = any_false[rule] / replications, caught[rule] / replications
            shares += (false[rule] / max(1, false[rule] + caught[rule]),)
            rows.append((rule, n, *(f"{100 * share:.0f}%" for share in shares)))
    say(
        f"**Warnings of items.** {replications} surveys in each row, loadings of .5, and the same with one item of the seven "
        f"not turned round. An item–rest correlation is near {min(truth.values()):.2f} to {max(truth.values()):.2f} here, so "
        f"every warning of a sound item is false. The interval (Fisher) covers {span(coverage)}."
    )
    head = ("a warning where", "people", "surveys with a false warning", "the item not turned round is caught")
    print_table((*head, "of all warnings false"), sorted(rows, key=lambda row: row[0]))


def make_study(outside: int) -> SimpleNamespace:
    """What `relate_items` needs from a study: three items outside the scores; answers of not relevant, groupings."""
    codebook = name_items({"general": outside} | SIZES)
    return SimpleNamespace(
        codebook=codebook, scored_items=codebook[codebook["construct"] != "general"], scales={"five": SCALE},
        used_scales={"five": SimpleNamespace(not_relevant=["role"])},
        definition=SimpleNamespace(survey=SimpleNamespace(groupings={"sector": 1}, files=["a"])),
    )  # fmt: skip


def simulate_relations(replications: int) -> None:
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
    share = 100 * family.FAMILY_ERROR / asked
    claimed = {
        n: 100 * sum((relate(n, 0)["p_holm"] < family.FAMILY_ERROR).any() for _ in range(replications)) / replications
        for n in (10, 20, 40)
    }
    say(
        f"**Scores with other items.** {replications} surveys in each row, three items outside five scores, {asked} questions "
        "asked of the page. A relation is claimed where there is none in "
        + ", ".join(f"{each:.1f}% (n = {n})" for n, each in claimed.items())
        + f" of surveys; this question's share of the page's 5% is {share:.2f}%."
    )
    rows = []
    for latent in (0, 0.6, 0.95):
        truth = relate(100_000, latent).iloc[0]["rho"]
        found = pd.DataFrame([relate(40, latent).iloc[0] for _ in range(replications)]).astype({"rho": float})
        inside = ((found["low"] <= truth) & (truth <= found["high"])).mean()
        half = stats.norm.ppf(0.975) / np.sqrt(37)
        plain = (np.abs(np.arctanh(found["rho"]) - np.arctanh(truth)) <= half).mean()
        rows.append((f"{round(truth, 2) + 0:.2f}", f"{100 * inside:.1f}%", f"{100 * plain:.1f}%"))
    print_table(("rho, n = 40", "Bonett and Wright's interval covers", "that of Pearson's correlation, as in pingouin"), rows)


def simulate_fit(replications: int) -> None:
    """Verdicts on four correlated factors if they are true, and if the first two items of each share something else."""
    random, sizes, rows = np.random.default_rng(SEED), dict(list(SIZES.items())[:4]), []
    unsettled = "improper or unsettled"
    kinds = (reliability.FITS, reliability.UNCLEAR, reliability.FITS_NOT, unsettled)
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
            found = reliability.fit_factor_model(make_responses(answers, codebook), codebook, {"five": SCALE}).iloc[0]
            verdicts[found["verdict"] or unsettled] += 1
        model = "two items of each share something else" if shared else "the model is true"
        shares = (f"{100 * verdicts[kind] / verdicts.total():.0f}%" for kind in kinds)
        rows.append((f"{model}, n = {n}, loadings {loading}", *shares))
    say(
        f"**Factor models.** Four correlated factors over 20 items; {replications} surveys of 100 people, half as many of more."
    )
    print_table(("", *kinds), rows)


def compare_rounding(bounds: int) -> None:
    """How often an end of Feldt's interval changes if it is first rounded to three decimals, as pingouin does."""
    random, differ = np.random.default_rng(SEED), 0
    for _ in range(bounds // 2):
        n, items = random.integers(20, 100), random.integers(3, 8)
        answers = pd.DataFrame(0.6 * random.standard_normal((n, 1)) + 0.8 * random.standard_normal((n, items)))
        found = reliability.estimate_alpha(answers)
        differ += sum(f"{end:.2f}" != f"{round(end, 3):.2f}" for end in (found.low, found.high))
    say(
        f"**Rounded twice.** `pingouin.cronbach_alpha` rounds Feldt's bounds to three decimals. Of {bounds:,} ends "
        f"{100 * differ / bounds:.1f}% then read otherwise with two decimals, which is why that formula is our own."
    )


if __name__ == "__main__":
    warnings.simplefilter("error")
    part = read_argument(1)
    open_section(
        "What is claimed of reliability",
        "Simulations of made-up surveys of the first study's shape, 24 favourable five-point items in five constructs of 4, "
        "4, 7, 5 and 4, in which the truth is known: how often a warning, a relation or a verdict is right. That the "
        "statistics themselves agree with R's psych and lavaan is held by `tests/survey/test_nomad.py`.",
    )
    for simulate, replications in (
        (simulate_item_rest, 150),
        (simulate_relations, 500),
        (simulate_fit, 100),
        (compare_rounding, 3_000),
    ):
        simulate(max(4, round(part * replications)))
