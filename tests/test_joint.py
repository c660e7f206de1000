"""Survey beside interviews: what stands out, what is judged, what recommendations rest on."""

from math import comb

import numpy as np
import pandas as pd
import pytest
from conftest import HEAD

from helpers.disclosure.survey import protect_bands
from helpers.interviews.themes import count_themes
from helpers.joint import (
    NO_ITEMS,
    NOT_JUDGED,
    choose_construct_texts,
    count_construct_codes,
    count_constructs,
    find_loose_ends,
    grade_evidence,
    join_constructs,
    list_standouts,
    measure_favour,
    read_judgements,
    trace_recommendations,
)
from helpers.study import reading
from helpers.study.errors import WorkbookError
from helpers.survey import cleaning, distributions

RECOMMENDATIONS = "recommendation,gist\nR1,Explain it\nR2,Plan it\n"


@pytest.fixture
def tiny(project):
    """Twenty people: nearly all see the point (A1), half know the plan (A2), few find that it gets in the way (B1)."""
    rows = [f"R_{k},0,North,{'Agree' if k else 'Disagree'},{'Agree' if k % 2 else 'Disagree'},Disagree\n" for k in range(20)]
    folder = project / "data" / "tiny"
    (folder / "survey.csv").write_text(HEAD + "".join(rows))
    (folder / "judgements.csv").write_text("construct,judgement,reason\nsense,agrees,Both say so\n")
    (folder / "evidence.csv").write_text("recommendation,evidence\nR1,A1\nR1,S1\n")
    (folder / "recommendations.csv").write_text(RECOMMENDATIONS)
    with (folder / "study.yml").open("a") as file:
        file.write("joint: {judgements: judgements.csv, evidence: evidence.csv}\n")
        file.write("published: {source: x, responded: 20, recommendations: recommendations.csv}\n")
    return folder


SEGMENTS = pd.DataFrame({
    "segment": ["S1", "S2", "S2"], "participant": ["P1", "P2", "P2"], "source": "x", "coder": "x", "theme": "t",
    "code": ["c1", "c1", "c2"], "text": ["One", "Two", "Two"], "construct": ["sense", "sense", "talk"],
})  # fmt: skip
PARTICIPANTS = pd.DataFrame({"participant": ["P1", "P2", "P3"]})
COUNTS = count_themes(SEGMENTS, PARTICIPANTS)
CODES = pd.DataFrame({"code": ["c1", "c2"], "label": ["Code one", "Code two"]})


def favour(folder, threshold=0):
    found = reading.read_study(folder.name)
    answers = cleaning.clean_survey(found)
    bands = distributions.count_bands(answers.responses, found.codebook, found.scales)
    return found, answers, measure_favour(protect_bands(bands, threshold) if threshold else bands, found)


def join(found, table, segments=SEGMENTS):
    return join_constructs(table, count_constructs(found, segments, PARTICIPANTS), found).set_index("construct")


def add_construct(folder):
    """The construct `talk`, which has codes and no item."""
    path = folder / "study.yml"
    path.write_text(path.read_text().replace("  work: {label: Work}", "  work: {label: Work}\n  talk: {label: Talk}"))


def test_a_favourable_answer_to_a_negative_item_is_its_bottom_band(tiny):
    _, _, table = favour(tiny)
    assert table.set_index("item")["share"].to_dict() == {"A1": 95, "A2": 50, "B1": 100}
    assert table["typical"].iloc[0] == table["typical_most"].iloc[0] == pytest.approx(100 * (19 + 10 + 20) / 60)


def chance_of(counts, n, share):
    """The binomial distribution, added up by hand."""
    return sum(comb(n, k) * share**k * (1 - share) ** (n - k) for k in counts)


def test_an_item_stands_out_when_it_does_after_correction_for_all_items_and_questions(tiny):
    # Three items, and the page asks three questions of this study: which items stand out, what is not relevant, groups.
    _, _, table = favour(tiny)
    lowest, highest = 2 * chance_of(range(11), 20, 49 / 60), 2 * chance_of([20], 20, 49 / 60)
    assert table.set_index("item")["p_holm"][["A2", "B1"]].tolist() == pytest.approx([9 * lowest, 6 * highest])
    # B1 would stand out by its own 95% interval alone, 83.9 to 100 (R's prop.test), which lies above the 81.7 of all.
    assert 9 * lowest < 0.05 < 6 * highest
    assert table["stands_out"].tolist() == ["", "below", ""]
    assert list_standouts(table)["item"].tolist() == ["A2"]


def test_answers_of_not_relevant_make_no_item_stand_out_below(tiny):
    # 21 of the 30 to whom A1 is relevant agree, 70%, as 30 and 31 of 40 do elsewhere; of all 40 it would be 53%.
    given = ["Agree"] * 21 + ["Neutral"] * 9 + ["Not relevant to my role"] * 10
    others = ["Agree"] * 30 + ["Neutral"] * 10
    both = enumerate(zip(given, others, strict=True))
    rows = [f"R_{k},0,North,{a},{b},{'Disagree' if k < 31 else 'Agree'}\n" for k, (a, b) in both]
    (tiny / "survey.csv").write_text(HEAD + "".join(rows))
    found, answers, table = favour(tiny)
    first = table.iloc[0]
    assert first[["numerator", "denominator", "share", "stands_out"]].tolist() == [21, 30, 70, ""]
    assert first["low"] == pytest.approx(52.12, abs=0.01)  # Wilson for 21 of 30, from R's prop.test(correct = FALSE)
    # That it is not relevant to 10 of 40, where it could be to 10 of 120, is a finding of its own: by hand 2 * P(10 or more).
    bands = distributions.count_bands(answers.responses, found.codebook, found.scales)
    aside = distributions.measure_not_relevant(bands, found).set_index("item")
    assert aside.loc["A1", "p"] == pytest.approx(2 * chance_of(range(10, 41), 40, 10 / 120))
    assert aside["typical"].unique() == pytest.approx([100 * 10 / 120]) and aside["stands_out"].tolist() == ["above", "", ""]


def test_an_item_given_as_a_range_has_no_share_and_stands_out_only_whatever_its_count(tiny):
    # 19 and 20 of 20 both become 16 to 20 under a threshold of 5, with up to 4 to whom the item is not relevant, so that from
    # (16 + 10 + 16) / 60 to all of what is relevant is favourable elsewhere.
    _, _, table = favour(tiny, threshold=5)
    ranges = table[table["item"] != "A2"]
    assert ranges[["least", "most"]].to_numpy().tolist() == [[16, 20], [16, 20]]
    assert ranges[["numerator", "share", "low", "high"]].isna().all(axis=None)
    assert (table["typical"].iloc[0], table["typical_most"].iloc[0]) == (70, pytest.approx(100 * 50 / 60))
    assert table["p_holm"].iloc[1] == pytest.approx(9 * 2 * chance_of(range(11), 20, 0.7))
    # Of sense 16 to 20 and 10 of 40, of work 16 to 20 of 20, or of the 16 and more to whom they are relevant.
    assert table["middle"].tolist() == [65, 65, 80]
    assert table["middle_most"].tolist() == [75, 75, 100]
    assert table["stands_out"].tolist() == ["", "", ""]


def test_an_item_stands_out_only_where_it_does_whatever_the_withheld_counts_are(tiny):
    found = reading.read_study("tiny")
    counts = {"A1": [3, 1, 36, 0], "A2": [8, 25, 5, 2], "B1": [35, 2, 2, 1]}
    bands = pd.DataFrame(
        [(item, band, band != "Not relevant", n) for item, row in counts.items()
         for band, n in zip(["Disagree", "Neutral", "Agree", "Not relevant"], row, strict=True)],
        columns=["item", "band", "relevant", "numerator"],
    )  # fmt: skip
    bands = bands.assign(denominator=40, share_relevant=None, low_relevant=None, high_relevant=None)
    assert measure_favour(bands, found)["stands_out"].tolist() == ["above", "below", "above"]
    for hidden in (("A2", ["Neutral", "Not relevant"]), ("A1", ["Agree", "Neutral"])):
        withheld = bands["item"].eq(hidden[0]) & bands["band"].isin(hidden[1])
        shown = bands["numerator"].mask(withheld).astype(float)
        table = measure_favour(bands.assign(numerator=shown, least=shown, most=shown), found).set_index("item")
        possible = []
        for moved in range(-40, 41, 2):
            trial = bands["numerator"] + moved * withheld * np.where(bands["band"] == hidden[1][0], 1, -1)
            if trial.ge(0).all():
                possible.append(measure_favour(bands.assign(numerator=trial), found).set_index("item"))
        assert len(possible) > 10
        for item, side in table["stands_out"].items():
            assert side == "" or {there.loc[item, "stands_out"] for there in possible} == {side}
            assert table.loc[item, "p_holm"] >= max(there.loc[item, "p_holm"] for there in possible) - 1e-12


def test_an_item_that_nobody_answered_has_no_share_and_no_part_in_the_mean(tiny):
    rows = "".join(f"R_{k},0,North,{'Agree' if k else 'Disagree'},,Agree\n" for k in range(4))
    (tiny / "survey.csv").write_text(HEAD + rows)
    table = favour(tiny)[2].set_index("item")
    assert pd.isna(table.loc["A2", "share"]) and table.loc["A2", "stands_out"] == ""
    assert table["typical"].iloc[0] == 100 * 3 / 8


def test_a_row_holds_survey_interviews_and_the_judgement_with_its_reason(tiny):
    found, _, table = favour(tiny)
    rows = join(found, table)
    # 19 and 10 of 20 answers to A1 and A2 are favourable, and all to B1, which is worded negatively.
    assert rows["middle"].to_dict() == {"sense": 100 * 29 / 40, "work": 100} == rows["middle_most"].to_dict()
    assert rows.loc["sense", ["numerator", "denominator"]].tolist() == [2, 3]
    assert rows.loc["sense", ["judgement", "reason"]].tolist() == ["agrees", "Both say so"]
    assert rows.loc["work", ["numerator", "denominator"]].tolist() == [0, 3]
    assert rows.loc["work", ["judgement", "reason"]].tolist() == [NOT_JUDGED, ""]


def test_a_construct_that_only_the_interviews_code_has_a_row_without_a_score(tiny):
    add_construct(tiny)
    found, _, table = favour(tiny)
    rows = join(found, table)
    assert rows.index.tolist() == ["sense", "work", "talk"]
    assert rows["scored"].tolist() == [True, True, False]
    assert pd.isna(rows.loc["talk", "middle"]) and rows.loc["talk", "note"] == NO_ITEMS
    assert rows.loc["talk", "numerator"] == 1


def test_without_constructs_in_the_codebook_nobody_is_coded_for_one(tiny):
    found, _, table = favour(tiny)
    segments = SEGMENTS.drop(columns="construct")
    assert join(found, table, segments)["numerator"].tolist() == [0, 0]
    assert count_construct_codes(found, segments, PARTICIPANTS, CODES).empty
    assert choose_construct_texts(found, segments).empty


def test_codes_of_a_construct_stand_with_most_participants_first_and_constructs_in_declared_order(tiny):
    add_construct(tiny)
    more = SEGMENTS.head(2).assign(segment=["S3", "S4"], code=["c3", "c4"], construct=["sense", "work"])
    rows = pd.concat([SEGMENTS.iloc[::-1], more])
    counts = count_construct_codes(reading.read_study("tiny"), rows, PARTICIPANTS, CODES)
    assert counts[["construct", "label", "numerator", "denominator"]].to_numpy().tolist() == [
        ["sense", "Code one", 2, 3], ["sense", "c3", 1, 3], ["work", "c4", 1, 3], ["talk", "Code two", 1, 3],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("spoken", "chosen"),
    [
        ([("P1", "c1", "One"), ("P1", "c2", "Two"), ("P2", "c3", "Three")], ["S1", "S3"]),
        ([("P1", "c1", "One"), ("P2", "c1", "Two"), ("P3", "c2", "Three")], ["S1", "S3"]),
        ([("P1", "c1", "One"), ("P1", "c1", "Two"), ("P2", "c2", "")], ["S1", "S2"]),
        ([("P1", "c1", "One"), ("P2", "c2", "One")], ["S1"]),
    ],
)
def test_two_texts_of_a_construct_are_of_different_participants_and_codes_where_there_are_enough(project, spoken, chosen):
    rows = pd.DataFrame(spoken, columns=["participant", "code", "text"])
    rows = rows.assign(segment=[f"S{k + 1}" for k in range(len(rows))], construct="sense")
    assert choose_construct_texts(reading.read_study("tiny"), rows)["segment"].tolist() == chosen


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("nonsense,agrees,x", "'nonsense'"),
        ("sense,concurs,x", "'concurs'; expected one of agrees"),
        ("sense,agrees,", "reason"),
    ],
)
def test_a_judgement_that_cannot_be_read_is_told(tiny, line, message):
    (tiny / "judgements.csv").write_text(f"construct,judgement,reason\n{line}\n")
    with pytest.raises(WorkbookError, match=message):
        read_judgements(reading.read_study("tiny"))


def test_recommendations_are_traced_to_items_and_segments_a_row_each(tiny):
    traced = trace_recommendations(reading.read_study("tiny"), SEGMENTS)
    assert traced[["recommendation", "gist", "kind", "id", "text", "printed"]].to_numpy().tolist() == [
        ["R1", "Explain it", "item", "A1", "Sees the point", ""],
        ["R1", "Explain it", "segment", "S1", "One", ""],
        ["R2", "Plan it", "none", "", "", ""],
    ]


def test_loose_ends_are_bare_recommendations_and_strong_findings_that_none_names(tiny):
    found, _, table = favour(tiny)
    traced = trace_recommendations(found, SEGMENTS)
    ends = find_loose_ends(traced, table, SEGMENTS, COUNTS)
    # The one theme has a segment that R1 names.
    assert ends[["kind", "id", "stands_out"]].to_numpy().tolist() == [
        ["recommendation", "Plan it", ""], ["item", "A2", "below"],
    ]  # fmt: skip
    named = find_loose_ends(traced.replace({"id": {"A1": "A2"}}), table, SEGMENTS, COUNTS)
    assert named["id"].tolist() == ["Plan it"]
    unnamed = find_loose_ends(traced[traced["kind"] != "segment"], table, SEGMENTS, COUNTS).iloc[-1]
    assert unnamed[["kind", "id", "numerator", "denominator"]].tolist() == ["theme", "t", 2, 3]
    assert unnamed["share"] == pytest.approx(200 / 3)


def test_a_theme_is_strong_from_half_of_the_participants_and_never_when_its_count_is_withheld(tiny):
    found, _, table = favour(tiny)
    traced = trace_recommendations(found, SEGMENTS).query("kind == 'none'")
    themes = pd.DataFrame({"theme": list("abc"), "numerator": [5, 4, None], "denominator": 10})
    ends = find_loose_ends(traced, table, SEGMENTS, themes)
    assert ends.loc[ends["kind"] == "theme", "id"].tolist() == ["a"]


def test_evidence_is_strong_where_an_item_stands_out_or_half_of_the_people_spoke_of_a_theme(tiny):
    found, _, table = favour(tiny)
    traced = trace_recommendations(found, SEGMENTS)
    # A2 stands out and A1 does not; 2 of 3 people spoke of the one theme.
    assert grade_evidence(traced, table, SEGMENTS, COUNTS)["strong"].tolist() == [False, True, False]
    assert grade_evidence(traced.replace({"A1": "A2"}), table, SEGMENTS, COUNTS[:0])["strong"].tolist() == [True, False, False]


def test_a_figure_of_the_published_text_is_evidence_too(tiny):
    (tiny / "claims.csv").write_text("claim,where,about,statistic,value\nN1,x,A2,percent agree,50\n")
    (tiny / "evidence.csv").write_text("recommendation,evidence\nR2,N1\n")
    path = tiny / "study.yml"
    path.write_text(path.read_text().replace("responded: 20,", "responded: 20, claims: claims.csv,"))
    traced = trace_recommendations(reading.read_study("tiny"), SEGMENTS)
    assert traced.iloc[-1][["kind", "id", "text", "printed"]].tolist() == ["figure", "N1", "A2, percent agree", "50"]


def test_a_study_without_recommendations_has_nothing_to_trace(project):
    assert trace_recommendations(reading.read_study("tiny"), SEGMENTS).empty


@pytest.mark.parametrize(("line", "place"), [("R1,Z9", "evidence: found 'Z9'"), ("R9,A1", "recommendation: found 'R9'")])
def test_evidence_that_does_not_exist_is_told(tiny, line, place):
    (tiny / "evidence.csv").write_text(f"recommendation,evidence\n{line}\n")
    with pytest.raises(WorkbookError, match=f"row 2, column {place}"):
        trace_recommendations(reading.read_study("tiny"), SEGMENTS)
