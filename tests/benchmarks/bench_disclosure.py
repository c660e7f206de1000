"""How long it takes to decide what to withhold: python tests/benchmarks/bench_disclosure.py [TIMES]"""

from types import SimpleNamespace

import numpy as np
import pandas as pd
from section import open_section, print_table, read_argument, time_calls

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


def prepare_survey(people: int) -> dict[str, object]:
    """The work for a survey of 60 items, by name."""
    scales = {"agree": SCALE}
    responses, codebook = make_survey(people, 60)
    bands = distributions.count_bands(responses, codebook, scales)
    counts = distributions.count_responses(responses, codebook, scales)
    described = scoring.describe_scores(
        scoring.score_constructs(responses, codebook, scales), SimpleNamespace(scored_items=codebook, scales=scales)
    )
    protected, study = protect_bands(bands, 5), SimpleNamespace(codebook=codebook, scales=scales)
    return {
        "bands of 60 items": lambda: protect_bands(bands, 5),
        "means of 12 constructs over 60 items": lambda: protect_means(described, counts, protected, study, 5),
    }


if __name__ == "__main__":
    times, calls = int(read_argument(5)), {}
    for size, people, participants in (("small", 40, 10), ("large", 400, 40)):
        segments = make_segments(participants, 20)
        linked = {"8 themes and 8 constructs": lambda s=segments, n=participants: interviews.protect_linked(s, n, 5)}
        calls |= {(name, size): call for name, call in (prepare_survey(people) | linked).items()}
    crossing = make_crossing(30, 8)
    crossed = "30 themes crossed with 8 groups"
    taken = time_calls(calls | {(crossed, "small"): lambda: interviews.protect_crossing(crossing, 5)}, times)
    open_section(
        "How long it takes to decide what a funder may see",
        "Made-up surveys of 40 (small) and 400 respondents (large) and interviews of 10 and 40 participants: the search for "
        "the counts that must be withheld so that no small one can be worked out. That another program finds the same small "
        "counts and withholds no less is held by `tests/disclosure/test_suppression.py`.",
    )
    rows = []
    for name in dict.fromkeys(name for name, _ in taken):
        small, large = taken[name, "small"], taken.get((name, "large"))
        rows.append((name, f"{small:.2f} s", *((f"{large:.2f} s", f"{large / small:.1f}") if large else ("", ""))))
    print_table(("what", "small", "large", "times as long"), rows)
