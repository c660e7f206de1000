"""A study's published figures: which numbers of people fit them, what all checks find, and what its own rows give."""

import pandas as pd
import pytest

from helpers.audit import published
from helpers.interviews.themes import count_themes
from helpers.study import reading
from helpers.study.errors import WorkbookError

ITEMS = "item,low_or_disagree,neutral,high_or_agree,not_relevant\n"
NOBODY = pd.DataFrame({"item": [], "band": [], "numerator": [], "denominator": [], "share": []})
# The answers of the made-up study: A1 has Agree twice and Disagree once.
BANDS = pd.DataFrame({
    "item": "A1", "band": ["Disagree", "Neutral", "Agree", "Not relevant"], "numerator": [1, 0, 2, 0], "denominator": 3,
    "share": [100 / 3, 0, 200 / 3, 0],
})  # fmt: skip


@pytest.fixture
def publish(project):
    """The made-up study with these published tables, by name."""

    def write(**tables):
        folder = project / "data" / "tiny"
        for name, text in tables.items():
            (folder / f"{name}.csv").write_text(text, encoding="utf-8")
        with (folder / "study.yml").open("a", encoding="utf-8") as file:
            named = "".join(f"  {name}: {name}.csv\n" for name in tables)
            file.write(f"published:\n  source: a report\n  responded: 6\n  names: {{items: Table 1}}\n{named}")
        return reading.read_study("tiny")

    return write


def test_the_numbers_that_fit_a_row_are_listed_one_by_one(publish):
    # By hand, up to 6: a third is 33%, so 3 and 6; 51% is of no number so small; 50 + 50 is of 2, 4 and 6.
    study = publish(items=ITEMS + "A1,33,0,67,\nA2,51,0,49,\nB1,50,0,50,\n")
    found = published.list_feasible(study)
    assert found.groupby("item")["n"].apply(list).to_dict() == {"A1": [3, 6], "A2": [pd.NA], "B1": [2, 4, 6]}
    assert found["printed"].iloc[0] == "33% + 0% + 67% = 100%"


def test_a_count_beside_a_percentage_and_an_average_are_held_against_it_too(publish):
    # By hand: 4 of 6 is 66.7%, and two answers of 1 and four of 3 have the mean 14 / 6 = 2.33.
    header = ITEMS.replace("not_relevant", "Mean,Remark")
    study = publish(items=header + "A1,2 (33.3),0 (0.0),4 (66.7),2.33,x\nA2,2 (33.3),0 (0.0),4 (66.7),2.50,x\n")
    found = published.audit_items(study).set_index("id")
    assert found.loc[["A1", "A2"], "severity"].tolist() == ["agrees", "contradiction"]
    assert found.loc["columns", "finding"] == "Not read: Remark."
    counts = published.list_counts(study).set_index("category")
    assert counts.loc["Agree", ["n", "least", "most"]].tolist() == [6, 4, 4]
    assert published.recompute_items(study, BANDS)["printed"].tolist() == ["33.3", "0.0", "66.7"] * 2


def test_a_row_that_is_printed_with_two_sets_of_figures_has_no_numbers_that_fit(publish):
    study = publish(items=ITEMS + "A1,33,0,67,\nA1,50,0,50,\nB1,50,0,50,\nB1,50,0,50,\n")
    assert set(published.list_feasible(study)["item"]) == {"B1"}


def test_a_study_without_a_published_table_has_no_verdicts_on_it(publish):
    study = publish()
    percentages = published.audit_items(study)
    frames = [percentages, published.audit_counts(study), published.audit_text(study)]
    frames += [published.audit_relations(study, percentages), published.list_feasible(study)]
    frames += [published.recompute_items(study, BANDS), published.recompute_counts(study, "respondents", pd.DataFrame())]
    frames += [published.check_live_claims(study, {})]
    assert [len(frame) for frame in frames] == [0] * 8


def test_published_counts_are_added_up_panel_by_panel(publish):
    found = published.audit_counts(publish(respondents="panel,category,people\nTeam,North,2\nTeam,South,2\n"))
    assert found["id"].tolist() == ["Team"] and found["printed"].tolist() == ["2 + 2"]


def test_relations_are_told_in_their_own_words_and_need_no_claims_of_a_text(publish):
    says = (
        "L1,Answers,Two thirds agree,A1: percent Agree,=,60\nL2,,{left}% agree; the text says {right}%,A1: percent Agree,<,60\n"
    )
    study = publish(items=ITEMS + "A1,33,0,67,\n", relations="claim,about,says,left,relation,right\n" + says)
    found = published.audit_relations(study, published.audit_items(study))
    assert found["finding"].tolist() == [
        "Two thirds agree: 67 is not 60. Which is correct?", "67% agree; the text says 60% Which is correct?",
    ]  # fmt: skip
    assert found["about"].tolist() == ["Answers", "L2"]


def test_questions_are_ranked_and_what_agrees_is_in_neither_list():
    verdicts = pd.DataFrame({
        "id": list("abcde"), "severity": ["question", "agrees", "not checked", "contradiction", "note"],
    })  # fmt: skip
    assert published.list_questions(verdicts)["id"].tolist() == ["d", "a"]
    assert published.list_notes(verdicts)["id"].tolist() == ["e", "c"]


def test_an_item_that_the_codebook_does_not_have_is_refused(publish):
    study = publish(items=ITEMS + "Z9,33,0,67,\n")
    with pytest.raises(WorkbookError, match="column item: found 'Z9'; expected one of A1, "):
        published.list_cells(study)


# --- against this study's rows


def test_published_percentages_stand_beside_those_of_the_rows(publish):
    study = publish(items=ITEMS + "A1,33,0,60,\n")
    found = published.recompute_items(study, BANDS)
    assert found["where"].unique().tolist() == ["Table 1"]
    assert found["computed_percent"].round(1).tolist() == [33.3, 0, 66.7]
    assert found["numerator"].tolist() == [1, 0, 2]
    assert found["agrees"].tolist() == [True, True, False]


def test_where_nobody_answered_nothing_is_computed(publish):
    assert published.recompute_items(publish(items=ITEMS + "A1,33,0,67,\n"), NOBODY).empty


def test_published_counts_stand_beside_those_of_the_rows(publish):
    study = publish(respondents="panel,category,people\nTeam,North,2\nTeam,South,2\nTeam,West,1\nAge,Old,1\nTeam,North,n/a\n")
    people = pd.DataFrame({"respondent": ["a", "b", "c"], "team": ["North", "North", "South"]})
    found = published.recompute_counts(study, "respondents", people)
    assert found["n"].tolist() == [2, 1, pd.NA, pd.NA, 2]
    assert found["agrees"].tolist() == [True, False, pd.NA, pd.NA, pd.NA]
    assert published.recompute_counts(study, "respondents", people[:0]).empty


# --- claims of a report being written


def test_values_have_names_and_those_that_do_not_exist_are_left_out():
    people = pd.DataFrame({"participant": ["p", "q"]})
    segments = pd.DataFrame({"segment": ["1", "2"], "participant": ["p", "p"], "theme": "Time", "code": ["Short", "Long"]})
    described = pd.DataFrame({"construct": ["sense", "work"], "median": [2.5, None], "mean": [2.25, None]})
    values = published.list_values(
        people, BANDS, described, people, count_themes(segments, people), count_themes(segments, people, by="code")
    )
    assert values["responses"] == values["participants"] == "2"
    assert values["A1: Agree: percent"] == "66.67" and values["A1: n"] == "3"
    assert values["theme Time: participants"] == values["code Long: participants"] == "1"
    assert values["sense: mean"] == "2.25" and "work: mean" not in values
    nobody = pd.DataFrame({"participant": []})
    assert published.list_values(nobody, BANDS, described[:0], nobody, NOBODY, NOBODY) == {}


def test_a_claim_that_no_longer_holds_stops_a_strict_run(publish):
    study = publish(live_claims="claim,left,relation,right\nC1,A1: Agree: count,=,2\nC2,A1: Agree: percent,>=,90\n")
    values = {"A1: Agree: count": "2", "A1: Agree: percent": "66.67"}
    assert published.check_live_claims(study, values)["holds"].tolist() == [True, False]
    with pytest.raises(WorkbookError, match=r"live_claims\.csv, claim C2"):
        published.check_live_claims(study, values, strict=True)
