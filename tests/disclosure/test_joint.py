"""What may be told of survey and interviews side by side, and of the evidence for recommendations."""

import numpy as np
import pandas as pd
import pytest

from helpers.disclosure import interviews
from helpers.disclosure import joint as disclosed
from helpers.disclosure.told import tell
from helpers.study import reading

EVIDENCE = pd.DataFrame({
    "recommendation": ["R1", "R1", "R1", "R2"], "gist": "x", "kind": ["item", "segment", "figure", "none"],
    "id": ["A1", "S1", "N1", ""], "text": ["Sees the point", "One", "A1, count", ""], "printed": ["", "", "3", ""],
})  # fmt: skip


FAVOUR = pd.DataFrame({"item": ["A1"], "stands_out": ["below"]})
SEGMENTS = pd.DataFrame({"segment": ["S1"], "theme": ["t"]})
THEMES = pd.DataFrame({"theme": ["t"], "numerator": [5.0], "denominator": [10.0]})


def tell_evidence(rows, threshold, themes=THEMES):
    return disclosed.tell_evidence(rows, tell(FAVOUR, threshold), SEGMENTS, tell(themes, threshold), threshold)


@pytest.fixture
def study(project):
    path = project / "data" / "tiny" / "study.yml"
    path.write_text(path.read_text().replace("  work: {label: Work}", "  work: {label: Work}\n  talk: {label: Talk}"))
    return reading.read_study("tiny")


def test_the_team_is_told_all_evidence_as_it_is():
    told = tell_evidence(EVIDENCE, 0)
    assert told.frame[list(EVIDENCE)].equals(EVIDENCE)
    assert not told.withheld.any(axis=None) and told.note == ""


def test_a_funder_is_told_which_items_are_named_and_of_texts_and_figures_how_many():
    told = tell_evidence(EVIDENCE, 5)
    assert told.frame["kind"].tolist() == ["item", "segment", "figure", "none"]
    assert told.frame["id"].fillna("withheld").tolist() == ["A1", "withheld", "withheld", ""]
    assert told.frame["text"].isna().tolist() == told.frame["id"].isna().tolist()
    assert told.frame["printed"].isna().tolist() == [False, False, True, False]
    assert told.withheld.sum().sum() == 5 and told.note


def test_a_note_on_what_is_withheld_stands_only_where_something_is():
    assert tell_evidence(EVIDENCE[EVIDENCE["kind"] == "item"], 5).note == ""


def test_evidence_is_strong_by_what_may_be_told_alone():
    assert tell_evidence(EVIDENCE, 5).frame["strong"].tolist() == [True, True, False, False]
    withheld = THEMES.assign(numerator=np.nan)
    assert tell_evidence(EVIDENCE, 5, withheld).frame["strong"].tolist() == [True, False, False, False]


def test_a_construct_without_items_has_no_share_that_is_withheld_but_its_participants_can_be(study):
    shares = {"construct": ["sense", "work"], "middle": [np.nan, 60], "middle_most": [np.nan, 70]}
    counts = {"construct": ["sense", "work", "talk"], "numerator": [6, 0, np.nan], "denominator": 10, "segments": np.nan}
    told = disclosed.tell_joined(tell(pd.DataFrame(shares), 5), tell(pd.DataFrame(counts), 5), study)
    assert told.withheld["middle"].tolist() == [True, False, False]
    assert told.withheld["numerator"].tolist() == [False, False, True]
    assert "segments" not in told.frame


def test_small_counts_of_participants_are_told_to_the_team_alone():
    segments = pd.DataFrame({"participant": list("abcd") + list("abcdefgh"), "theme": ["t"] * 4 + ["u"] * 8})
    counts = pd.DataFrame({"theme": ["t", "u"], "numerator": [4, 8], "denominator": 12, "segments": [4, 8]})
    assert interviews.tell_sets(counts, "theme", segments, 5).frame["numerator"].isna().tolist() == [True, False]
    assert interviews.tell_sets(counts, "theme", segments, 0).frame.equals(counts)


def test_a_theme_whose_count_is_withheld_is_no_loose_end():
    favour = tell(pd.DataFrame({
        "item": ["A1"], "numerator": [6.0], "denominator": [10.0], "least": [6.0], "share": [60.0], "stands_out": [""],
    }), 5)  # fmt: skip
    themes = tell(pd.DataFrame({"theme": ["t", "u"], "numerator": [np.nan, 8.0], "denominator": 10.0}), 5)
    segments = pd.DataFrame({"segment": ["S1"], "theme": ["v"]})
    ends = disclosed.tell_loose_ends(EVIDENCE, favour, segments, themes, 5)
    assert ends.frame[["kind", "id"]].to_numpy().tolist() == [["recommendation", "x"], ["theme", "u"]]
    assert ends.threshold == 5
