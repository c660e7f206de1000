"""Numbers read the wrong way round: what the answers say of it, and when they say nothing."""

import numpy as np
import pandas as pd
import pytest
from conftest import CODEBOOK, HEAD, STUDY
from scipy import stats

from helpers.study import reading
from helpers.survey import cleaning, direction

TEN = """  ten:
    responses:
      - {label: "0", value: 0, band: low}
      - {label: "5", value: 5, band: low}
      - {label: "10", value: 10, band: high}
constructs:
  general: {label: General, scored: false}
"""
LABELS = ["Disagree", "Neutral", "Agree"]


@pytest.fixture
def survey(project):
    """A survey in which all items go together, B1 the other way round as it is worded; codes run 1 to 3."""
    folder = project / "data" / "tiny"
    text = STUDY.replace("constructs:\n", TEN)
    for code, label in enumerate(LABELS, start=1):
        text = text.replace(f"{{label: {label}, v", f"{{label: {label}, code: {code}, v")
    text = text.replace("my role, kind", "my role, code: 9, kind")
    (folder / "study.yml").write_text(text)
    (folder / "codebook.csv").write_text(
        CODEBOOK.replace("B1,B1,B,work,agree,yes", "B1,B1,A,sense,agree,yes") + "G1,G1,G,general,ten,no,How familiar\n"
    )
    chance, rows = np.random.default_rng(1), []
    for number in range(60):
        level = chance.integers(1, 4)
        a1, a2, turned, g1 = np.clip(level + chance.integers(-1, 2, size=4), 1, 3)
        rows.append(f"R_{number},0,North,{a1},{a2},{4 - turned},{5 * (g1 - 1)}\n")
    (folder / "survey.csv").write_text(HEAD.replace("B1", "B1,G1") + "".join(rows))
    return folder


def measure():
    study = reading.read_study("tiny")
    return study, direction.measure_direction(study, cleaning.clean_survey(study).responses)


def change(path, *pairs):
    text = path.read_text()
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)


def test_where_all_runs_as_it_should_nothing_is_said(survey):
    study, measured = measure()
    assert measured["against"].tolist() == [False] * 5 and direction.warn_direction(study, measured) == []
    assert measured["item"].tolist() == ["A1", "A2", "B1", "G1", "all items"]


def test_correlations_and_intervals_are_those_of_scipy(survey):
    study, measured = measure()
    responses = cleaning.clean_survey(study).responses
    wide = responses.pivot(index="respondent", columns="item", values="value").assign(B1=lambda wide: 4 - wide["B1"])
    found = stats.pearsonr(wide["A1"], wide[["A2", "B1"]].mean(axis=1))
    interval = found.confidence_interval(0.95)
    expected = [found.statistic, interval.low, interval.high]
    assert measured.loc[0, ["r", "low", "high"]].tolist() == pytest.approx(expected, abs=1e-9)


def test_codes_typed_the_wrong_way_round_are_told_from_the_items_on_another_scale(survey):
    change(survey / "study.yml", ("code: 1", "code: x"), ("code: 3", "code: 1"), ("code: x", "code: 3"))
    study, measured = measure()
    [said] = direction.warn_direction(study, measured)
    assert said.startswith("People who answered G1 higher score lower on all other items (r = −0.")
    assert said.endswith("60 people). Do the points of a scale run the wrong way round in study.yml? "
                         "We read its codes as follows: 3 as Disagree, 1 as Agree.")  # fmt: skip


def test_a_negative_item_that_is_not_marked_or_turned_round_already_is_named(survey):
    change(survey / "codebook.csv", ("agree,yes", "agree,no"))
    study, measured = measure()
    [said] = direction.warn_direction(study, measured)
    assert said.startswith("B1 runs against the other items of Sense (r = −0.") and "now no, right for it" in said


def test_of_few_people_or_answers_all_alike_nothing_is_said(survey):
    lines = (survey / "survey.csv").read_text().splitlines(keepends=True)
    for rows in (lines[:10], [lines[0], *(f"R_{k},0,North,2,2,2,5\n" for k in range(20))]):
        (survey / "survey.csv").write_text("".join(rows))
        study, measured = measure()
        assert measured["r"].isna().all() and direction.warn_direction(study, measured) == []


def test_answers_that_go_with_nothing_are_called_wrong_at_most_once_in_twenty_surveys(survey):
    study = reading.read_study("tiny")
    chance, wrong = np.random.default_rng(2), 0
    for _ in range(60):
        values = chance.integers(1, 4, size=(40, 4))
        responses = pd.DataFrame({
            "respondent": np.repeat([f"R{k}" for k in range(40)], 4), "item": ["A1", "A2", "B1", "G1"] * 40,
            "value": values.ravel(), "status": "answered",
        })  # fmt: skip
        measured = direction.measure_direction(study, responses)
        wrong += bool(direction.warn_direction(study, measured))
    assert wrong <= 7  # 3 expected; 7 or fewer in 99 of 100 such tests


def test_each_code_is_listed_with_what_it_stands_for(survey):
    listed = direction.list_options(reading.read_study("tiny")).set_index(["scale", "response"])
    assert listed.loc["agree", "code"].to_dict() == {
        "Disagree": "1", "Neutral": "2", "Agree": "3", "Not relevant to my role": "9",
    }  # fmt: skip
    assert listed.loc[("agree", "Agree"), ["value", "band"]].tolist() == [3, "Agree"]
    assert listed.loc["ten", "code"].eq("").all()
