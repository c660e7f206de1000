"""How long the statistics of a survey take: python tests/benchmarks/bench_survey.py [TIMES]"""

import resource
import time
from collections.abc import Callable

import numpy as np
import pandas as pd
from bench_groups import CONSTRUCTS, EMPLOYMENT, EVERY_GATE_OPEN, FAVOURABLE, SECTORS, SEED, STUDY, draw_items
from section import open_section, print_table, read_argument, say, time_calls

from helpers.study import definition, terms
from helpers.survey import comparisons, distributions, pairs, planning, response, scoring, waves
from helpers.survey.comparisons import compare_groups
from helpers.survey.reliability import correlate_items, estimate_reliability, fit_factor_model


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


def prepare_small_survey() -> dict[str, Callable[[], object]]:
    respondents, responses, codebook, scales = make_survey(48, np.random.default_rng(SEED))
    scores = scoring.score_constructs(responses, codebook, scales)
    by_group = comparisons.join_every_grouping(STUDY, scores, respondents)
    found = comparisons.compare_every_grouping(STUDY, scores, respondents)
    return {
        "all groups, 10,000 permutations (asked for: under 2 s)": lambda: comparisons.compare_every_grouping(
            STUDY, scores, respondents
        ),
        "differences of their pairs": lambda: pairs.compare_pairs(STUDY, by_group, found),
        "the same, every pair tested": lambda: pairs.compare_pairs(STUDY, by_group, found.assign(p_holm=0.01)),
    }


def prepare_survey(n: int) -> dict[str, Callable[[], object]]:
    """Every function of scores and groups."""
    respondents, responses, codebook, scales = make_survey(n, np.random.default_rng(SEED))
    scores = scoring.score_constructs(responses, codebook, scales)
    return {
        "counts of responses": lambda: distributions.count_responses(responses, codebook, scales),
        "counts of bands": lambda: distributions.count_bands(responses, codebook, scales),
        "items described": lambda: distributions.describe_items(responses, codebook),
        "scores": lambda: scoring.score_constructs(responses, codebook, scales),
        "scores with other rules": lambda: scoring.vary_scoring(responses, codebook, scales),
        "reliability": lambda: estimate_reliability(responses, codebook, scales),
        "item–rest correlations": lambda: correlate_items(responses, codebook, scales),
        "factor model": lambda: fit_factor_model(responses, codebook, scales),
        "completion": lambda: response.describe_completion(responses, codebook),
        "quality of responses": lambda: response.flag_response_quality(respondents, responses, codebook),
        "sectors compared": lambda: compare_groups(scores, respondents, "sector"),
        "lengths of employment compared": lambda: compare_groups(scores, respondents, "employment"),
        "pairs compared, all tested": lambda: pairs.compare_pairs(
            STUDY, comparisons.join_every_grouping(STUDY, scores, respondents), EVERY_GATE_OPEN
        ),
        "waves compared": lambda: waves.compare_waves(scores, respondents, "2024", "2025"),
        "size of the next survey": lambda: planning.find_size(scores["score"], 0.3, 1, 5),
    }


if __name__ == "__main__":
    times = int(read_argument(5))
    open_section(
        "How long the statistics of a survey take",
        "CPU seconds of one process, on made-up answers to 24 items in five constructs by people in two groupings. A "
        "permutation test draws random tables of group by distinct score and shuffles nobody, so that many people cost it "
        "little.",
    )
    small = time_calls(prepare_small_survey(), times, time.process_time)
    print_table(("48 respondents", "CPU"), ((name, f"{seconds:.2f} s") for name, seconds in small.items()))
    few, many = (time_calls(prepare_survey(n), times, time.process_time) for n in (1_000, 100_000))
    few, many = (each | {"all of these": sum(each.values())} for each in (few, many))
    print_table(
        ("", "1,000 respondents", "100,000", "times as long"),
        ((name, f"{few[name]:.2f} s", f"{many[name]:.2f} s", f"{many[name] / few[name]:.1f}") for name in many),
    )
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    say(f"The largest memory was {memory:.2f} GB, the made-up survey included.")
