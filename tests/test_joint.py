"""Survey beside interviews: what stands out, what is judged, what recommendations rest on."""

import pandas as pd
import pytest
from conftest import HEAD

from helpers.disclosure.survey import protect_bands
from helpers.interviews.themes import count_themes
from helpers.joint import NOT_JUDGED, find_loose_ends, join_constructs, measure_favour, read_judgements, trace_recommendations
from helpers.study import reading
from helpers.study.errors import WorkbookError
from helpers.survey import cleaning, distributions, scoring

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
    return found, answers, measure_favour(protect_bands(bands, threshold), found)


def test_a_favourable_answer_to_a_negative_item_is_its_bottom_band(tiny):
    _, _, table = favour(tiny)
    shares = table.set_index("item")["percent"]
    assert shares.to_dict() == {"A1": 95, "A2": 50, "B1": 100}
    assert table["typical"].iloc[0] == pytest.approx((95 + 50 + 100) / 3)


def test_an_item_stands_out_when_its_whole_interval_lies_on_one_side_of_the_mean(tiny):
    # Wilson, from R 4.2.2's prop.test(correct = FALSE): for 10 of 20 29.9 to 70.1, wholly below 81.7; for 20 of 20
    # 83.9 to 100, wholly above; for 19 of 20 76.4 to 99.1, which holds the mean.
    _, _, table = favour(tiny)
    assert table.set_index("item")["stands_out"].to_dict() == {"A1": "", "A2": "below", "B1": "above"}


def test_a_row_holds_survey_interviews_and_the_judgement_with_its_reason(tiny):
    found, answers, table = favour(tiny)
    scores = scoring.describe_scores(scoring.score_constructs(answers.responses, found.scored_items, found.scales))
    rows = join_constructs(found, scores, table, SEGMENTS, PARTICIPANTS, CODES, read_judgements(found)).set_index("construct")
    sense = rows.loc["sense"]
    assert (sense["numerator"], sense["denominator"], sense["segments"]) == (2, 3, 2)
    assert sense["codes"] == ["Code one (2 of 3)"]
    assert sense["examples"] == [("S1", "One"), ("S2", "Two")]
    assert (sense["judgement"], sense["reason"]) == ("agrees", "Both say so")
    assert rows.loc["work", "judgement"] == NOT_JUDGED
    assert rows.loc["work", "numerator"] == 0


def test_a_construct_that_only_the_interviews_code_has_a_row_without_a_score(tiny):
    path = tiny / "study.yml"
    path.write_text(path.read_text().replace("  work: {label: Work}", "  work: {label: Work}\n  talk: {label: Talk}"))
    found, answers, table = favour(tiny)
    scores = scoring.describe_scores(scoring.score_constructs(answers.responses, found.scored_items, found.scales))
    rows = join_constructs(found, scores, table, SEGMENTS, PARTICIPANTS, CODES, read_judgements(found))
    assert rows["construct"].tolist() == ["sense", "work", "talk"]
    assert pd.isna(rows["mean"].iloc[2])
    assert rows["numerator"].iloc[2] == 1


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


def test_recommendations_are_traced_to_items_and_segments(tiny):
    found, _, table = favour(tiny)
    traced = trace_recommendations(found, SEGMENTS)
    assert traced["items"].tolist() == [["A1"], []]
    assert traced["segments"].tolist() == [["S1"], []]
    assert traced["figures"].tolist() == [[], []]
    ends = find_loose_ends(traced, table, SEGMENTS, COUNTS)
    assert ends.bare == ["R2"]
    assert ends.items["item"].tolist() == ["A2", "B1"]
    assert ends.themes.empty  # the one theme has a segment that R1 names
    unnamed = traced.assign(segments=[[], []])
    assert find_loose_ends(unnamed, table, SEGMENTS, COUNTS).themes["theme"].tolist() == ["t"]


def test_a_figure_of_the_published_text_is_evidence_too(tiny):
    (tiny / "claims.csv").write_text("claim,where,about,statistic,value\nN1,x,A2,percent agree,50\n")
    (tiny / "evidence.csv").write_text("recommendation,evidence\nR2,N1\n")
    path = tiny / "study.yml"
    path.write_text(path.read_text().replace("responded: 20,", "responded: 20, claims: claims.csv,"))
    assert trace_recommendations(reading.read_study("tiny"), SEGMENTS)["figures"].tolist() == [[], ["N1"]]


def test_evidence_that_does_not_exist_is_told(tiny):
    (tiny / "evidence.csv").write_text("recommendation,evidence\nR1,Z9\n")
    with pytest.raises(WorkbookError, match="row 2, column evidence: found 'Z9'"):
        trace_recommendations(reading.read_study("tiny"), SEGMENTS)
