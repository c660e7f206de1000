"""Answers that count as favourable from another point of the scale; hand-made answers of five people."""

import pandas as pd
import planted
import pytest
from conftest import ROOT

from helpers import joint
from helpers.page.words import say_moved
from helpers.study import definition, errors, reading
from helpers.survey import cleaning, distributions, response
from helpers.survey.favour import move_bands, move_favourable


@pytest.fixture
def study(project):
    """Five people answer 5, 5, 4, 3, 1 to each item; B3 is worded negatively."""
    folder = project / "data" / "planted"
    planted.plant(folder)
    rows = pd.read_csv(folder / "survey.csv", dtype=str, keep_default_na=False)[:7]
    for item in planted.ITEMS:
        rows.loc[2:, item] = [planted.POINTS[point - 1] for point in (5, 5, 4, 3, 1)]
    rows.to_csv(folder / "survey.csv", index=False)
    return reading.read_study("planted")


def make_scale(*bands: str, first: int = 1) -> definition.Scale:
    points = [{"label": str(first + k), "value": first + k, "band": band} for k, band in enumerate(bands)]
    return definition.Scale.model_validate({"responses": points})


def name_bands(scale: definition.Scale) -> list[str]:
    return [point.band for point in scale.responses]


@pytest.mark.parametrize(("agree_from", "plain", "turned"), [(0, 3, 1), (4, 3, 1), (5, 2, 1)])
def test_favourable_answers_are_counted_from_the_point_asked_for_and_mirrored_for_negative_wording(
    study, agree_from, plain, turned
):
    """5, 5 and 4 are favourable from 4 on, 5 and 5 from 5 on; of the turned item only the 1, which mirrors 5."""
    moved = move_favourable(study, agree_from)
    responses = cleaning.clean_survey(moved).responses
    favour = joint.measure_favour(distributions.count_bands(responses, moved.codebook, moved.scales), moved).set_index("item")
    assert favour["numerator"].to_dict() == dict.fromkeys(planted.ITEMS[:-1], plain) | {"B3": turned}
    assert favour.loc["B1", "middle"] == pytest.approx(100 * (2 * plain + turned) / 15)
    marked = response.mark_favourable(responses, moved).groupby("item")["favourable"].sum()
    assert marked.to_dict() == favour["numerator"].to_dict()


def test_an_item_worded_negatively_is_mirrored_about_the_middle_of_its_scale(study):
    """With B3 answered 1, 2, 2, 4 and 5: from 4 on its favourable answers are 1, 2 and 2, from 5 on the 1."""
    responses = cleaning.clean_survey(study).responses
    mine = responses["item"] == "B3"
    responses.loc[mine, "response"] = [planted.POINTS[point - 1] for point in (1, 2, 2, 4, 5)]
    for agree_from, count in ((0, 3), (5, 1)):
        marked = response.mark_favourable(responses, move_favourable(study, agree_from))
        assert marked.loc[marked["item"] == "B3", "favourable"].sum() == count


def test_the_rest_of_the_old_band_becomes_part_of_the_middle_and_bands_are_named_after_their_ends():
    five = make_scale("low", "low", "middle", "high", "high")
    assert name_bands(move_bands(five, 5)) == ["1", "2 to 4", "2 to 4", "2 to 4", "5"]
    assert move_bands(five, 4) == five
    four = make_scale("low", "low", "high", "high")
    assert name_bands(move_bands(four, 4)) == ["1", "2 to 3", "2 to 3", "4"] and move_bands(four, 3) == four
    eleven = make_scale(*["0 to 5"] * 6, *["6 to 10"] * 5, first=0)
    assert name_bands(move_bands(eleven, 8)) == ["0 to 2"] * 3 + ["3 to 7"] * 5 + ["8 to 10"] * 3


@pytest.mark.parametrize("agree_from", [1, 3, 6])
def test_a_point_that_is_not_above_the_middle_of_the_scale_is_refused_in_one_message(study, agree_from):
    with pytest.raises(errors.WorkbookError, match="a point above the middle of agree: 4, 5"):
        move_favourable(study, agree_from)


def test_the_page_says_from_where_answers_count_only_if_the_study_says_otherwise(study):
    assert say_moved(study, move_favourable(study, 5)) == (
        "An answer counts as favourable from “Strongly agree” on, though the study's scale says from “Agree” on."
    )
    assert say_moved(study, move_favourable(study, 4)) == say_moved(study, study) == ""


def test_a_scale_that_no_score_uses_keeps_its_bands(monkeypatch):
    monkeypatch.chdir(ROOT)
    first = reading.read_study("lvrn_2024")
    moved = move_favourable(first, 5)
    assert moved.scales["familiarity"] == first.scales["familiarity"] and moved.scales["agreement"] != first.scales["agreement"]
