"""Which conclusions hold in how many ways of analysing; hand-made sweeps of a few cells."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from conftest import write_project

from helpers.page import choices as shown
from helpers.page import style
from helpers.study import reading
from helpers.study.errors import WorkbookError
from helpers.survey import choices


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        write_project(tmp_path_factory.mktemp("choices"), patch)
        yield reading.read_study("tiny")


# Of six ways of analysing, the first is that of the page; `size` changes nothing of scores, `strict` does.
CELLS = pd.DataFrame({
    "cell": range(1, 7), "variant": None, "subset": None, "size": [1, 3, 5, 1, 3, 5], "strict": [False] * 3 + [True] * 3,
    "reported": [True] + [False] * 5, "state": "done", "seconds": 1.0, "message": None,
})  # fmt: skip
# The scale runs from 1 to 3: its middle is 2.
SCORES = [("sense", 2.4, 2.1, 2.7), ("work", 2.1, 1.9, 2.3)]
STRICT = [("sense", 2.2, 1.9, 2.5), ("work", 1.7, 1.5, 1.9)]


@pytest.fixture
def results():
    rows = [(cell, *row) for cell in range(1, 7) for row in (SCORES if cell < 4 else STRICT)]
    scores = pd.DataFrame(rows, columns=["cell", "construct", "mean", "low", "high"]).assign(n=20)
    tests = [(cell, "sense", "Team", 0.1 * cell, 0.01 if cell > 1 else 0.2) for cell in range(1, 7)]
    groups = pd.DataFrame(tests, columns=["cell", "construct", "grouping", "effect", "p_holm"]).assign(n=20, groups=2)
    return pd.concat([scores, groups]).merge(CELLS[["cell", "reported"]])


def test_a_conclusion_about_scores_is_on_which_side_of_the_middle_the_whole_interval_lies(study, results):
    traced = choices.trace_scores(study, results).set_index(["cell", "construct"])["verdict"]
    assert traced[1, "sense"] == "above the middle" and traced[4, "sense"] == traced[1, "work"] == "cannot tell"
    assert traced[4, "work"] == "below the middle"


def test_a_conclusion_holds_in_the_ways_that_give_what_the_page_reports(results):
    held = choices.count_holding(choices.trace_groups(results))
    # Cell 1 is reported, and alone finds nothing.
    assert held.to_dict("records") == [
        {"grouping": "Team", "construct": "sense", "verdict": "cannot tell", "numerator": 1, "denominator": 6}
    ]
    none = choices.count_holding(choices.trace_groups(results.assign(reported=False)))
    assert none[["verdict", "numerator"]].to_numpy().tolist() == [["groups differ", 5]]


def test_a_conclusion_about_favourable_answers_is_whether_they_are_more_than_half(study, results):
    shares = results.assign(share=results["cell"].map({1: 51, 2: 51, 3: 51, 4: 50, 5: 50, 6: 50}))
    traced = choices.trace_shares(shares[shares["construct"] == "sense"])
    assert traced.set_index("cell")["verdict"].to_dict() == {
        1: "most are favourable", 2: "most are favourable", 3: "most are favourable",
        4: "at most half are favourable", 5: "at most half are favourable", 6: "at most half are favourable",
    }  # fmt: skip
    # The smallest size of a group changes no share: two ways are left.
    held = choices.count_holding(choices.drop_idle(traced, choices.list_choices(CELLS))[0])
    assert shown.say_held(held, CELLS, study) == (
        "No conclusion about favourable answers holds whichever way we analyse. That most answers on Sense are favourable "
        "holds in 1 of 2 ways of analysing."
    )


def test_choices_and_what_was_chosen_are_shown_in_words():
    rows = [("agree_from", "0"), ("agree_from", "5.0"), ("not_relevant", "lowest"), ("partial_responses", False)]
    named = shown.name_choices(pd.DataFrame(rows, columns=["choice", "variant"]).assign(cell=1))
    assert (named["choice"] + ": " + named["variant"]).to_list() == [
        "Favourable from point: as the study says", "Favourable from point: 5", "“Not relevant”: as the lowest score",
        "Partial responses count: no",
    ]  # fmt: skip


def test_a_choice_that_changes_no_score_does_not_count_each_way_of_scoring_several_times(study, results):
    listed = choices.list_choices(CELLS)
    assert listed["choice"].unique().tolist() == ["size", "strict"]
    scores, kept = choices.drop_idle(choices.trace_scores(study, results), listed)
    assert sorted(scores["cell"].unique()) == [1, 4] and kept["choice"].unique().tolist() == ["strict"]
    assert choices.count_holding(scores)["denominator"].tolist() == [2, 2]
    # Both choices change the effect of groups, so that all six ways are kept.
    groups, every = choices.drop_idle(choices.trace_groups(results), listed)
    assert len(groups) == 6 and len(every) == 12
    same = choices.trace_scores(study, results[results["cell"] < 4])
    assert len(choices.drop_idle(same, listed[listed["cell"] < 4])[0]) == 6


def test_without_results_of_a_sweep_the_message_says_how_to_make_them(study):
    with pytest.raises(WorkbookError, match="run `workbook sweep tiny` first"):
        choices.read_sweep(study)


def test_sentences_say_in_how_many_ways_each_conclusion_holds(study, results):
    scores, _ = choices.drop_idle(choices.trace_scores(study, results), choices.list_choices(CELLS))
    held = choices.count_holding(scores)
    assert shown.say_held(held, CELLS, study) == (
        "No conclusion about scores holds whichever way we analyse. That the mean of Sense lies above the middle of the scale "
        "holds in 1 of 2 ways of analysing. That we cannot tell on which side of the middle Work lies holds in 1 of 2 ways of "
        "analysing."
    )
    firm = held.assign(numerator=[2, 1])
    lost = CELLS.assign(state=["failed", *["done"] * 5])
    assert shown.say_held(firm, lost, study) == (
        "1 of 2 conclusions about scores holds whichever way we analyse. That we cannot tell on which side of the middle Work "
        "lies holds in 1 of 2 ways of analysing. 1 more way could not be computed."
    )
    assert shown.say_held(held.assign(numerator=2), CELLS, study) == (
        "No choice changes a conclusion about scores. All 2 hold in every one of 2 ways of analysing."
    )
    groups = choices.count_holding(choices.trace_groups(results))
    assert "That we cannot tell groups by “Team” apart in Sense holds in 1 of 6 ways" in shown.say_held(groups, CELLS, study)
    assert shown.say_held(held[:0], CELLS, study) == ""


@pytest.mark.parametrize("narrow", [False, True])
def test_a_curve_rises_and_shows_below_each_result_what_was_chosen(study, results, narrow):
    style.use_style(narrow)
    groups, listed = choices.trace_groups(results), choices.list_choices(CELLS)
    axes = shown.draw_curve(groups, listed, study)
    top, below = axes[0, 0], axes[1, 0]
    points = top.collections[0].get_offsets()
    assert points[:, 1].tolist() == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    assert [text.get_text() for text in below.get_yticklabels()] == [
        "Size: 1",
        "Size: 3",
        "Size: 5",
        "Strict: no",
        "Strict: yes",
    ]
    dots = {tuple(map(int, dot)) for dot in below.collections[0].get_offsets()}
    # The third cell, third from the left, has size 5 and is not strict.
    assert {dot for dot in dots if dot[0] == 2} == {(2, 2), (2, 3)}
    plt.close("all")
    assert shown.title_curve(groups, listed, study) == "What we conclude about groups by “Team” depends on the choices in Sense"
    assert shown.describe_curve(groups, listed, study) == "Over 6 ways of analysing, results run in Sense 0.10 to 0.60."
    assert "blue where groups clearly differ, of 20 people" in shown.explain_curve(groups, listed, study)
