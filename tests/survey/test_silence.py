"""Those who did not answer: bounds, the turning point, and weights, worked by hand."""

import pandas as pd
import pytest
from conftest import HEAD

from helpers.study import reading
from helpers.survey import cleaning, response

# A1, A2 (sense) and B1 (work, worded negatively) of two people in the north and two in the south.
ROWS = """R_1,0,North,Agree,Agree,Disagree
R_2,0,North,Agree,Agree,Agree
R_3,0,South,Agree,Neutral,Not relevant to my role
R_4,0,South,Agree,Disagree,
"""


@pytest.fixture
def held(project):
    """The study with so many invited, and its answers."""

    def hold(invited: str, rows: str = ROWS):
        folder = project / "data" / "tiny"
        (folder / "survey.csv").write_text(HEAD + rows)
        (folder / "study.yml").write_text((folder / "study.yml").read_text() + invited)
        study = reading.read_study("tiny")
        return study, cleaning.clean_survey(study)

    return hold


def test_a_favourable_answer_is_in_the_top_band_or_for_a_negative_item_in_the_bottom_one(held):
    study, found = held("")
    marked = response.mark_favourable(found.responses, study)
    assert marked.groupby("item")["favourable"].agg(["sum", "count"]).to_numpy().tolist() == [[4, 4], [2, 4], [1, 2]]


def test_the_share_of_all_invited_is_bounded_and_turns_at_a_share_of_the_silent(held):
    study, found = held("  invited: {number: 10}\n")
    sense, work = response.bound_silence(study, found.responses).itertuples()
    # Sense: 6 of 8 answers of 4 people; as much as 3 people of 10. With 6 silent, 5 of 10 needs 2 of the 6.
    assert (sense.headline, sense.n, sense.silent, sense.share) == ("Sense", 4, 6, 75)
    assert (sense.if_none, sense.if_all, sense.tipping) == pytest.approx((30, 90, 100 / 3))
    # Work: 1 of 2 answers; the one to whom it is not relevant is neither among those nor silent, and R_4 is silent.
    assert (work.n, work.silent, work.share, work.tipping) == (2, 7, 50, 50)


def test_where_the_silent_cannot_turn_it_that_is_said(held):
    study, found = held("  invited: {number: 5}\n", ROWS.replace("Neutral", "Agree"))
    sense = response.bound_silence(study, found.responses).iloc[0]
    # 7 of 8 answers, 3.5 people of 5, and one is silent.
    assert sense["note"] == "most are favourable, whatever the others think" and pd.isna(sense["tipping"])


def test_everybody_or_nobody_answering_is_explained(held):
    study, found = held("  invited: {number: 4}\n", ROWS.replace("Not relevant to my role", "").replace("Agree\n", "\n"))
    sense, work = response.bound_silence(study, found.responses.query("item != 'B1'")).itertuples()
    assert sense.note == "[not defined: everybody answered]" and sense.if_none == sense.if_all == sense.share
    assert work.note == "[not defined: nobody chose a point of the scale]" and (work.n, work.silent) == (0, 4)


@pytest.mark.parametrize("waves", ['{"2030": survey.csv}', '{"2030": survey.csv, "2031": later.csv}'])
def test_without_one_number_invited_nothing_is_bounded(project, held, waves):
    path = project / "data" / "tiny" / "study.yml"
    path.write_text(path.read_text().replace('{"2030": survey.csv}', waves))
    (path.parent / "later.csv").write_text((path.parent / "survey.csv").read_text().replace("R_", "R_later"))
    study, found = held("  invited: {number: 10, margins: {team: {North: 5, South: 5}}}\n" if "2031" in waves else "")
    assert response.bound_silence(study, found.responses).empty
    assert response.weigh_by_margins(study, found.responses, found.respondents).empty


def test_answers_are_weighted_to_the_groups_of_those_invited(held):
    study, found = held("  invited: {number: 40, margins: {team: {North: 10, South: 30}}}\n")
    sense, work = response.weigh_by_margins(study, found.responses, found.respondents).itertuples()
    # Weights 10/2 = 5 for the north (4 of 4 answers) and 30/2 = 15 for the south (2 of 4): (20 + 30) of (20 + 60). Kish:
    # (5 + 5 + 15 + 15)^2 / (25 + 25 + 225 + 225) = 1600/500.
    assert (sense.grouping, sense.headline, sense.n, sense.share) == ("Team", "Sense", 4, 75)
    assert sense.share_weighted == pytest.approx(100 * 50 / 80)
    assert sense.n_effective == pytest.approx(3.2)
    assert (work.n, work.note) == (2, "nobody answered from South")
