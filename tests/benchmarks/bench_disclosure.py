"""How long it takes to decide what to withhold. Run with `python tests/benchmarks/bench_disclosure.py`.

Prints medians of three runs on made-up data; it passes or fails nothing.
"""

import statistics
import time
from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pandas as pd

from helpers.disclosure import interviews
from helpers.disclosure.scores import protect_means
from helpers.disclosure.survey import protect_bands
from helpers.interviews.themes import ALL_PARTICIPANTS
from helpers.study.definition import NotRelevantOption, Response, Scale
from helpers.study.terms import ANSWERED, NOT_RELEVANT
from helpers.survey import distributions, scoring

RNG = np.random.default_rng(1)
LABELS = ["Strongly disagree", "Disagree", "Neither", "Agree", "Strongly agree"]
BANDS = ["Disagree", "Disagree", "Neutral", "Agree", "Agree"]
SCALE = Scale(
    responses=[Response(label=label, value=i + 1, band=BANDS[i]) for i, label in enumerate(LABELS)],
    not_relevant=[NotRelevantOption(label="Not relevant to my role", kind="role")],
)


def make_survey(people: int, items: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Favourable answers, and a codebook of constructs of five items each."""
    names = [f"I{number}" for number in range(items)]
    codebook = pd.DataFrame({
        "item": names, "construct": [f"c{number // 5}" for number in range(items)], "scale": "agree", "reversed": False,
        "label": names,
    })  # fmt: skip
    points = RNG.choice([0, 1, 2, 3, 4, 5], (people, items), p=[0.03, 0.04, 0.08, 0.4, 0.42, 0.03])
    rows = (
        pd.DataFrame(points)
        .melt(var_name="item", value_name="point", ignore_index=False)
        .rename_axis("respondent")
        .reset_index()
    )
    known = rows["point"] < 5
    responses = pd.DataFrame({
        "respondent": rows["respondent"], "item": "I" + rows["item"].astype(str),
        "response": rows["point"].map(dict(enumerate(LABELS))), "value": (rows["point"] + 1.0).where(known),
        "status": np.where(known, ANSWERED, NOT_RELEVANT["role"]),
    })  # fmt: skip
    return responses, codebook


def make_crossing(rows: int, groups: int) -> pd.DataFrame:
    """A frame like that of `themes.cross_themes`."""
    of = RNG.integers(5, 30, groups)
    parts = []
    for number in range(rows):
        inside = RNG.binomial(of, RNG.random())
        parts.append(pd.DataFrame({
            "theme": f"theme {number}", "group": [*(f"group {g}" for g in range(groups)), ALL_PARTICIPANTS],
            "numerator": [*inside, inside.sum()], "denominator": [*of, of.sum()], "segments": 0,
        }))  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def make_segments(people: int, pairs: int) -> pd.DataFrame:
    """Codes of eight themes and eight constructs."""
    kinds = [(f"theme {RNG.integers(8)}", f"construct {RNG.integers(8)}") for _ in range(pairs)]
    rows = [(person, *kind) for kind in kinds for person in RNG.choice(people, RNG.integers(1, 6), replace=False)]
    return pd.DataFrame(rows, columns=["participant", "theme", "construct"])


def measure(name: str, job: Callable[[], object]) -> None:
    times = []
    for _ in range(3):
        start = time.perf_counter()
        job()
        times.append(time.perf_counter() - start)
    print(f"{name}: {statistics.median(times):.2f} s")


if __name__ == "__main__":
    scales = {"agree": SCALE}
    for people in (40, 400):
        responses, codebook = make_survey(people, 60)
        bands = distributions.count_bands(responses, codebook, scales)
        counts = distributions.count_responses(responses, codebook, scales)
        study = SimpleNamespace(scored_items=codebook, scales=scales)
        described = scoring.describe_scores(scoring.score_constructs(responses, codebook, scales), study)
        protected = protect_bands(bands, 5)
        withheld = protected["least"].isna().mean()
        measure(
            f"bands of 60 items, {people} respondents ({withheld:.0%} of counts withheld)",
            lambda b=bands: protect_bands(b, 5),
        )
        arguments = described, counts, protected, SimpleNamespace(codebook=codebook, scales=scales), 5
        measure(f"means of 12 constructs, {people} respondents", lambda a=arguments: protect_means(*a))
    crossing = make_crossing(30, 8)
    measure("crossing of 30 themes and 8 groups", lambda: interviews.protect_crossing(crossing, 5))
    for people in (10, 40):
        segments = make_segments(people, 20)
        measure(
            f"8 themes and 8 constructs, {people} participants", lambda s=segments, n=people: interviews.protect_linked(s, n, 5)
        )
