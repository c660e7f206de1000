"""Which conclusions hold in how many ways of analysing; hand-made sweeps of a few cells."""

import shutil

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
        "No conclusion about favourable answers holds whichever way we analyse. In 1 of 2 ways of analysing, most answers "
        "on Sense are favourable."
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


def test_of_choices_that_change_only_together_the_name_of_the_variant_is_kept(study, results):
    """A variant that is named sets `strict`, so each says the same."""
    cells = CELLS.assign(variant=["usual"] * 3 + ["strictly"] * 3)
    listed = choices.list_choices(cells)
    assert listed["choice"].unique().tolist() == ["named", "size", "strict"]
    _, kept = choices.drop_idle(choices.trace_scores(study, results), listed)
    assert kept[["choice", "variant"]].to_numpy().tolist() == [["named", "usual"], ["named", "strictly"]]


def test_of_a_sweep_without_a_result_the_page_says_so_and_draws_nothing(study, results):
    """Read from a file without rows, every column is text."""
    listed, failed = choices.list_choices(CELLS), CELLS.assign(state="failed")
    for traced in (choices.trace_scores(study, results[:0].astype(str)), choices.trace_groups(results[:0].astype(str))):
        left, kept = choices.drop_idle(traced, listed)
        assert left.empty and kept.empty
        said = shown.say_held(choices.count_holding(left), failed, study)
        assert said == "No way of analysing everybody's answers was computed."
    # A study may have no groupings.
    assert shown.say_held(choices.count_holding(left), CELLS, study) == ""


def test_one_way_of_analysing_says_nothing_about_choices(study, results):
    scores, kept = choices.drop_idle(
        choices.trace_scores(study, results[results["cell"] == 1]), choices.list_choices(CELLS[:1])
    )
    assert "cannot say whether other choices would change" in shown.say_held(choices.count_holding(scores), CELLS[:1], study)
    assert shown.title_curve(scores, kept, study) == (
        "What we conclude about scores in the only way of analysing that was computed"
    )


def test_a_comparison_that_is_not_defined_tells_no_groups_apart(study, results):
    """As for a group of one: no effect and no p."""
    without = results.assign(
        effect=results["effect"].mask(results["cell"] == 2), p_holm=results["p_holm"].mask(results["cell"] == 2)
    )
    groups, kept = choices.drop_idle(choices.trace_groups(without), choices.list_choices(CELLS))
    assert groups.set_index("cell")["verdict"][[1, 2, 3]].tolist() == ["cannot tell", "cannot tell", "groups differ"]
    assert shown.describe_curve(groups, kept, study) == "Results in 6 ways of analysing: Sense 0.10 to 0.60."
    nobody = groups.assign(effect=float("nan"))
    assert "nan" not in shown.describe_curve(nobody, kept, study)


def test_a_subset_may_be_called_na_and_is_not_everybody(study, results):
    folder = study.folder.parents[1] / "outputs" / "tiny" / "sweeps" / "sweep"
    folder.mkdir(parents=True)
    CELLS.assign(subset=["NA", *[None] * 5]).to_csv(folder / "cells.csv", index=False)
    results.drop(columns="reported").to_csv(folder / "results.csv", index=False)
    cells, read = choices.read_sweep(study)
    shutil.rmtree(folder)
    assert cells["cell"].tolist() == [2, 3, 4, 5, 6] and set(read["cell"]) == {2, 3, 4, 5, 6}


def test_without_results_of_a_sweep_the_message_says_how_to_make_them(study):
    with pytest.raises(WorkbookError, match="run `workbook sweep tiny` first"):
        choices.read_sweep(study)


def test_sentences_say_in_how_many_ways_each_conclusion_holds(study, results):
    scores, _ = choices.drop_idle(choices.trace_scores(study, results), choices.list_choices(CELLS))
    held = choices.count_holding(scores)
    assert shown.say_held(held, CELLS, study) == (
        "No conclusion about scores holds whichever way we analyse. In 1 of 2 ways of analysing, the mean of Sense is above "
        "the middle of the scale. In 1 of 2 ways of analysing, we cannot tell which side of the middle Work is on."
    )
    firm = held.assign(numerator=[2, 1])
    lost = CELLS.assign(state=["failed", *["done"] * 5])
    assert shown.say_held(firm, lost, study) == (
        "1 of 2 conclusions about scores holds whichever way we analyse. In 1 of 2 ways of analysing, we cannot tell which "
        "side of the middle Work is on. 1 more way could not be computed."
    )
    assert shown.say_held(held.assign(numerator=2), CELLS, study) == (
        "No choice changes a conclusion about scores. Both hold in both ways of analysing."
    )
    groups = choices.count_holding(choices.trace_groups(results))
    assert "In 1 of 6 ways of analysing, we cannot tell groups by “Team” apart in Sense." in shown.say_held(
        groups, CELLS, study
    )
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
    assert shown.describe_curve(groups, listed, study) == "Results in 6 ways of analysing: Sense 0.10 to 0.60."
    assert shown.explain_curve(groups, listed, study) == (
        "Each dot is one way of analysing the answers of 20 people: its effect (see the test of each construct), blue where "
        "groups clearly differ. The dots below show what was chosen. The ring marks the notebooks' own choices."
    )
