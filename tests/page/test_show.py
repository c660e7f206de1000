"""Sentences and tables of the notebooks where they branch: an edge of the data must not make a sentence false."""

import pandas as pd
import pytest
from conftest import HEAD

from helpers.disclosure.survey import protect_bands
from helpers.page import audit, summary
from helpers.page.groups import compare_every_grouping, say_comparisons, show_groups, show_pairs, show_power, show_waves
from helpers.page.joint import say_standouts
from helpers.page.page import Page
from helpers.page.reliability import choose_published, say_item_rest, show_reliability
from helpers.page.scores import (
    label_scores,
    label_variants,
    say_every_scale,
    show_bands,
    show_distributions,
    show_diverging,
    show_relevant,
    show_scores,
)
from helpers.page.survey import say_response_rate, show_invited, show_quality
from helpers.page.themes import show_agreement, show_cooccurrence, show_saturation
from helpers.study import reading, runs
from helpers.study.errors import WorkbookError
from helpers.survey import cleaning, distributions, scoring
from helpers.survey.reliability import ALL_ITEMS, correlate_items, estimate_reliability


def append(project, text):
    with (project / "data" / "tiny" / "study.yml").open("a", encoding="utf-8") as file:
        file.write(text)


def clean(project, rows=None):
    if rows is not None:
        (project / "data" / "tiny" / "survey.csv").write_text(HEAD + rows)
    found = reading.read_study("tiny")
    return found, cleaning.clean_survey(found)


def page(number=2, audience="team", threshold=5):
    return Page(runs.open_run("tiny"), number, audience, threshold)


def count_bands(found, cleaned, threshold=0):
    return protect_bands(distributions.count_bands(cleaned.responses, found.codebook, found.scales), threshold)


# --- who answered


def test_a_study_that_gives_no_number_invited_has_no_response_rate(project):
    found, cleaned = clean(project)
    assert "no response rate" in say_response_rate(found, cleaned.respondents)


def test_the_response_rate_stands_with_its_interval(project):
    append(project, "  invited: {number: 30, approximate: true}\n")
    found, cleaned = clean(project)
    # Wilson for 3 of 30, from R 4.2.2: prop.test(3, 30, correct = FALSE)$conf.int gives 0.0346 to 0.2562.
    assert say_response_rate(found, cleaned.respondents) == (
        "Of about 30 people invited there are 3 responses (10.0%, 95% CI 3.5 to 25.6) and 3 with an answer to an item "
        "(10.0%, 95% CI 3.5 to 25.6)."
    )


def test_without_durations_nobody_is_called_fast(project):
    found, cleaned = clean(project)
    assert "No durations were recorded." in show_quality(page(1), cleaned, 0.5).data


def test_margins_of_those_invited_are_set_beside_the_respondents(project):
    append(project, "  invited: {number: 30, margins: {team: {North: 10, South: 20}}}\n")
    _, cleaned = clean(project)
    assert "<table" in show_invited(page(1), cleaned.respondents).data


# --- items and scores


def test_the_extremes_leave_out_items_worded_negatively(project):
    found, cleaned = clean(project, "R_1,0,North,Agree,Disagree,Agree\n")
    bands = count_bands(found, cleaned)
    said = say_every_scale(found, bands)
    assert "is at A1, sees the point: 1 of 1 (100%" in said
    assert "smallest at A2" in said
    assert "B1" not in said


def test_items_that_share_the_largest_share_are_named_together(project):
    found, cleaned = clean(project, "R_1,0,North,Agree,Agree,Agree\n")
    bands = count_bands(found, cleaned)
    said = say_every_scale(found, bands)
    assert "the same at all: A1 and A2: 1 of 1 (100%" in said


def test_nobody_answering_is_said_and_not_divided_by(project):
    found, cleaned = clean(project, "R_1,0,North,,,\n")
    counts = distributions.count_responses(cleaned.responses, found.codebook, found.scales)
    bands = count_bands(found, cleaned)
    shown = [
        say_every_scale(found, bands),
        show_bands(page(), bands).data,
        show_relevant(page(), bands).data,
        show_diverging(page(), counts, bands).data,
        show_distributions(page(), counts, bands).data,
    ]
    assert shown[0] == "Nobody answered an item of the scale “agree” that is worded positively."
    assert not any("nan" in text.lower() for text in shown)


def test_all_the_same_answers_give_explained_gaps_and_no_nan(project):
    rows = "".join(f"R_{k},0,North,Agree,Agree,Agree\n" for k in range(6))
    found, cleaned = clean(project, rows)
    scored = found.scored_items
    scores = scoring.score_constructs(cleaned.responses, scored, found.scales)
    reliability = estimate_reliability(cleaned.responses, scored, found.scales)
    shown = [
        page().table(label_scores(found, scoring.describe_scores(scores)), "a", "A").data,
        page().table(label_variants(found, scoring.vary_scoring(cleaned.responses, scored, found.scales)), "b", "B").data,
        show_reliability(page(), reliability).data,
        show_scores(page(), scores, scoring.describe_scores(scores)).data,
        say_item_rest(correlate_items(cleaned.responses, scored, found.scales)),
        show_groups(page(3), scores, cleaned.respondents, 3).data,
        show_pairs(page(3), scores, cleaned.respondents, 3, 100, 1).data,
        say_comparisons(compare_every_grouping(found, scores, cleaned.respondents, 3, 100, 1)),
        show_power(page(3), scores, 0.5, 1).data,
    ]
    assert "not defined" in shown[2]
    for text in shown:
        assert "nan" not in text.lower()


def test_published_alphas_stand_only_beside_constructs_of_as_many_items():
    found = pd.DataFrame({"construct": ["coherence", "collective_action", ALL_ITEMS], "items": [4, 6, 24]})
    assert set(choose_published(found)["construct"]) == {"coherence"}


def test_two_waves_are_compared_as_different_people_and_as_the_same(project):
    folder = project / "data" / "tiny"
    head = "ResponseId,Status,team,key,A1,A2,B1\n"
    (folder / "early.csv").write_text(head + "".join(f"R_{k},0,North,k{k},Disagree,Neutral,Agree\n" for k in range(5)))
    (folder / "late.csv").write_text(head + "".join(f"R_{k},0,North,K{k},Agree,Agree,Disagree\n" for k in range(5)))
    path = folder / "study.yml"
    path.write_text(
        path.read_text().replace('{"2030": survey.csv}', '{"2030": early.csv, "2031": late.csv}\n  link_column: key')
    )
    found, cleaned = clean(project)
    scores = scoring.score_constructs(cleaned.responses, found.scored_items, found.scales)
    shown = show_waves(page(3), scores, cleaned.respondents, 200, 1).data
    assert "Waves 2030 and 2031, as if nobody had answered twice" in shown
    assert "of 5 people found in both waves 5 rose and 0 fell" in shown
    assert "The same people in 2030 and 2031" in shown
    assert '<td class="number">5</td><td class="number">5</td><td class="number">0</td>' in shown  # linked, rose, fell


def test_a_study_of_several_waves_says_which_one_is_shown(project):
    assert "Shown is wave" not in page().opening("").data
    path = project / "data" / "tiny" / "study.yml"
    path.write_text(path.read_text().replace('{"2030": survey.csv}', '{"2030": survey.csv, "2031": survey.csv}'))
    assert "Shown is wave 2031, of 2030 and 2031" in page().opening("").data
    assert "Shown is wave 2030" in page().opening("2030").data


def test_one_wave_is_said_to_show_no_change(project):
    assert "cannot show a change" in show_waves(page(3), None, None, 1, 1).data


# --- interviews, joint display, summary


def test_agreement_and_saturation_are_off_unless_asked_for(project):
    assert "Not shown" in show_agreement(page(4), None, None, False, "segment", 1).data
    assert "Not shown" in show_saturation(page(4), None, None, False, 1, 1).data


def test_a_unit_that_does_not_exist_is_told(project):
    with pytest.raises(WorkbookError, match="parameters, together: found 'page'; expected one of segment"):
        show_cooccurrence(page(4), pd.DataFrame(), pd.DataFrame(), "page")


def test_an_item_is_said_to_stand_out_only_on_its_own_side():
    favour = pd.DataFrame({
        "item": ["A1", "A2"], "label": ["Sees it", "Plans it"], "numerator": [5, 19], "least": [5, 19], "n": [20, 20],
        "percent": [25.0, 95.0], "typical_most": 60.0,
        "low": [11.2, 76.4], "high": [46.9, 99.1], "typical": 60.0, "stands_out": ["below", "above"],
    })  # fmt: skip
    said = say_standouts(favour)
    below, above = said.split("Wholly above it:")
    assert "A1, sees it: 5 of 20" in below and "A1" not in above
    assert "A2" in above


def test_the_summary_keeps_the_mark_of_each_sentence_and_links_to_it(project):
    append(project, "  simulated: {banner: Made up., margins: Rebuilt., joint: Simulated here.}\n")
    first = page(1)
    first.say("Three answered.", key="answered")
    first.close()
    run = runs.open_run("tiny")
    shown = Page(run, notebook=0).show_findings(summary.gather_findings(Page(run, 0))).data
    assert "Three answered." in shown and "Simulated here." in shown
    assert 'href="#finding-1-answered"' in shown


def test_a_summary_before_any_run_says_which_notebook_to_run(project):
    with pytest.raises(WorkbookError, match="01_clean_survey"):
        summary.gather_findings(page(0))


# --- claims of a report being written


@pytest.fixture
def claimed(project):
    append(project, "published: {source: x, responded: 3, live_claims: claims.csv}\n")
    (project / "data" / "tiny" / "claims.csv").write_text(
        "claim,left,relation,right\nC1,A1: Agree: count,=,2\nC2,A1: Agree: percent,>=,90\n"
    )
    found, cleaned = clean(project)
    run = runs.open_run("tiny")
    run.save("respondents", cleaned.respondents)
    run.save("responses", cleaned.responses)
    return page(6)


def test_claims_are_held_against_this_runs_values(claimed):
    shown = audit.show_live_claims(claimed, False).data
    assert "1 of 2 claims hold" in shown


def test_a_claim_that_no_longer_holds_stops_a_strict_run(claimed):
    with pytest.raises(WorkbookError, match=r"claims\.csv, claim C2"):
        audit.show_live_claims(claimed, True)
