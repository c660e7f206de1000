"""The summary: a verdict for every kind of study, five findings with their links, what to keep in mind, one figure."""

import re
from types import SimpleNamespace

import in_process
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import released
from conftest import CODEBOOK, HEAD
from matplotlib.collections import PathCollection, PolyCollection

from helpers.page import summary
from helpers.page.page import Page
from helpers.page.style import use_style
from helpers.study import runs
from helpers.study.errors import WorkbookError
from helpers.survey import cleaning

GISTS = {
    "work: {label: Work}": "work: {label: Work, gist: doing it together}",
    "sense: {label: Sense}": "sense: {label: Sense, gist: making sense of it; ours}",
}
INTERVIEWS = "interviews: {participants: people.csv, segments: said.csv, note: All made up. Much more.}\n"


def change(project, **texts):
    """Texts of `study.yml` replaced."""
    path = project / "data" / "tiny" / "study.yml"
    text = path.read_text()
    for old, new in texts.items():
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)


def add(project, text):
    with (project / "data" / "tiny" / "study.yml").open("a") as file:
        file.write(text)


def answer(project, n, a="Agree", b="Disagree", invited=0, file="survey.csv"):
    """`n` people who all answer the two items of `sense` with `a`, and the one of `work`, worded negatively, with `b`.

    Where `n` is 0, one who leaves out all of them.
    """
    change(project, **GISTS)
    (project / "data" / "tiny" / file).write_text(
        HEAD + ("".join(f"R_{k},0,North,{a},{a},{b}\n" for k in range(n)) or "R_0,0,North,,,\n")
    )
    if invited:
        change(project, **{"survey:\n": f"survey:\n  invited: {{number: {invited}, approximate: true}}\n"})


def interview(project, spoken="sense", judged=""):
    """Four people interviewed, two of whom spoke of `spoken`."""
    folder = project / "data" / "tiny"
    people = [f"P{k}" for k in range(4)]
    pd.DataFrame({"participant": people}).to_csv(folder / "people.csv", index=False)
    segments = pd.DataFrame({"segment": ["S1", "S2"], "participant": people[:2], "code": "c", "text": "So it is."})
    segments.to_csv(folder / "said.csv", index=False)
    (folder / "codes.csv").write_text(f"code,label,theme,construct\nc,Code,t,{spoken}\n")
    add(project, INTERVIEWS.replace("said.csv", "said.csv, codes: codes.csv"))
    if judged:
        (folder / "judged.csv").write_text("construct,judgement,reason\n" + judged)
        add(project, "joint: {judgements: judged.csv}\n")


def only_interviews(project):
    """The same study without its survey."""
    path = project / "data" / "tiny" / "study.yml"
    text = path.read_text()
    path.write_text(re.sub(r"survey:\n(  .*\n)+", "", text))
    (project / "data" / "tiny" / "codebook.csv").unlink()


def only_published(project):
    """The same study with published figures in place of its survey."""
    only_interviews(project)
    add(project, "published: {source: A report, responded: 9, items: items.csv}\n")
    (project / "data" / "tiny" / "items.csv").write_text("item,band,percent\nA1,Agree,50\n")
    (project / "data" / "tiny" / "codebook.csv").write_text(CODEBOOK)


def results(audience="team", wave=""):
    """What the summary's notebook has, from the study's own files."""
    from helpers.interviews import coding

    page = Page(runs.open_run("tiny"), 0, audience)
    if page.study.definition.survey:
        cleaned = cleaning.clean_survey(page.study)
        page.save("respondents", cleaned.respondents)
        page.save("responses", cleaned.responses)
    if page.study.definition.interviews:
        page.save("participants", coding.read_participants(page.study))
        page.save("segments", coding.read_segments(page.study))
    found = summary.tell_results(page, wave)
    favour, joined, received = (told.frame for told in found)
    return SimpleNamespace(page=page, study=page.study, told=found, favour=favour, joined=joined, received=received)


def verdict(**asked):
    found = results(**asked)
    return summary.say_verdict(found.favour, found.joined, found.received, found.study, asked.get("wave", ""))


# --- the verdict


def test_the_verdict_names_the_areas_that_lie_apart_and_who_answered(project):
    # Of 60 answers 40 are favourable: all to the two items of sense, none to that of work.
    answer(project, 20, b="Agree", invited=300)
    assert verdict() == (
        "Mostly yes, with making sense of it furthest along and doing it together furthest behind. 67% of answers were "
        "favourable (0% to 100% by area). 20 of about 300 people invited answered, so this describes them alone."
    )


@pytest.mark.parametrize(
    ("a", "b", "said"),
    [
        ("Agree", "Disagree", "Yes, and much alike in all 2 areas. 100% of answers were favourable. 12 people answered."),
        ("Neutral", "Agree", "Not yet, and much alike in all 2 areas. 0% of answers were favourable. 12 people answered."),
        (
            "Disagree",
            "Disagree",
            "Mostly not yet, with doing it together furthest along and making sense of it furthest behind. 33% of answers "
            "were favourable (0% to 100% by area). 12 people answered.",
        ),
        (
            "Not relevant to my role",
            "Not relevant to my role",
            "The answers do not say. No share of favourable answers can be given. 12 people answered.",
        ),
        ("Agree", "", "Yes. 100% of answers were favourable. 12 people answered."),
    ],
)
def test_a_verdict_whatever_is_favourable(project, a, b, said):
    answer(project, 12, a, b)
    assert verdict() == said


@pytest.mark.parametrize(
    ("n", "said"),
    [
        (1, "1 of about 300 people invited answered."),
        (3, "3 of about 300 people invited answered."),
    ],
)
def test_of_too_few_people_no_verdict_is_given(project, n, said):
    answer(project, n, invited=300)
    assert verdict() == f"Too few people answered to say. {said}"
    # To a funder not even how many they are.
    assert verdict(audience="funder") == "Too few people answered to say."


def test_where_everybody_answered_it_describes_all(project):
    answer(project, 12, invited=12)
    assert verdict().endswith("12 of about 12 people invited answered.")


def test_of_one_scored_construct_no_areas_are_compared(project):
    answer(project, 12, invited=300)
    change(project, **{"gist: doing it together}": "scored: false}"})
    assert verdict().startswith("Yes. 100% of answers were favourable. 12 of about 300")


def test_of_several_waves_the_wave_is_named(project):
    answer(project, 12)
    answer_later = (project / "data" / "tiny" / "survey.csv").read_text().replace("Disagree", "Agree")
    (project / "data" / "tiny" / "later.csv").write_text(answer_later)
    change(project, **{'{"2030": survey.csv}': '{"2030": survey.csv, "2031": later.csv}'})
    assert verdict().startswith("Mostly yes, ") and verdict().endswith("In 2031, 12 people answered.")
    assert verdict(wave="2030").startswith("Yes, ") and verdict(wave="2030").endswith("In 2030, 12 people answered.")


@pytest.mark.parametrize(
    ("judged", "said"),
    [
        (
            "sense,agrees,x\nwork,silent,x\n",
            "The interviews agree with the answers on 1 of 2 areas and contradict none.",
        ),
        ("sense,agrees,x\nwork,contradicts,x\n", "The interviews contradict this on doing it together."),
        ("work,silent,x\n", "The interviews say nothing about 1 of 2 areas and contradict none."),
        ("", "12 people answered."),
    ],
)
def test_the_verdict_says_what_the_interviews_make_of_it(project, judged, said):
    answer(project, 12)
    interview(project, judged=judged)
    assert verdict().endswith(said)


def test_interviews_alone_give_no_verdict_and_promise_no_survey(project):
    answer(project, 0)
    interview(project)
    only_interviews(project)
    found = results()
    assert verdict() == (
        "People spoke of making sense of it (2 of 4). Interviews alone cannot say how many see the practice as ordinary work."
    )
    said = [*summary.list_caveats(found.favour, found.received, found.study), *summary.explain_terms(found.study), verdict()]
    assert not re.search("survey|NoMAD|answer", " ".join(said))
    assert summary.explain_terms(found.study) == [
        "The areas are constructs of Normalisation Process Theory: kinds of work that make a practice ordinary."
    ]


def test_what_most_and_fewest_spoke_of_is_said_only_where_all_is_told(project):
    study = Page(runs.open_run("tiny"), 0).study
    rows = pd.DataFrame({"construct": ["sense", "work"], "numerator": [5.0, 2.0], "denominator": 5.0})
    assert summary.say_spoken(rows, study) == "The most people spoke of Sense (5 of 5), the fewest of Work (2 of 5)."
    assert summary.say_spoken(rows.assign(numerator=2), study) == "People spoke of Sense (2 of 5) and Work (2 of 5)."
    assert summary.say_spoken(rows.assign(numerator=[5, np.nan]), study) == "People spoke of Sense (5 of 5)."
    interview(project)
    change(project, **{"segments: said.csv,": "segments: said.csv, text_is: gist,"})
    gists = Page(runs.open_run("tiny"), 0).study
    assert summary.say_spoken(rows, gists) == "The most people have texts on Sense (5 of 5), the fewest on Work (2 of 5)."
    assert summary.say_spoken(rows.assign(numerator=[1, np.nan]), gists) == "People have texts on Sense (1 of 5)."
    told, hidden = rows.assign(judgement="agrees").itertuples(), rows.assign(numerator=np.nan, judgement="").itertuples()
    assert summary.describe_spoken(next(told), gists) == "texts from 5 of 5 people; interviews agree"
    assert summary.describe_spoken(next(hidden), gists) == "number withheld"
    for nothing in (rows[:0], rows.assign(numerator=0), rows.assign(numerator=np.nan)):
        assert summary.say_spoken(nothing, study) == "What people said in interviews is shown below."


def test_a_study_of_published_figures_alone_has_no_verdict(project):
    only_published(project)
    assert verdict() == "This study has no survey or interviews, so it gives no verdict."


@pytest.mark.parametrize("audience", ["team", "funder"])
def test_interviews_alone_are_summed_up_in_both_editions(project, audience):
    answer(project, 0)
    interview(project)
    only_interviews(project)
    shown = []
    in_process.run_notebooks("tiny", "04 00", shown=shown, audience=audience)
    figure = next(text for text in shown if "Figure 0.1" in text)
    assert "People" in figure and "Favourable" not in figure
    assert ("2 of 4" in figure) == (audience == "team")


@pytest.mark.parametrize("audience", ["team", "funder"])
def test_published_figures_alone_are_summed_up_in_both_editions(project, audience):
    """The codebook names the items that were printed; nobody was asked."""
    only_published(project)
    shown = []
    in_process.run_notebooks("tiny", "06 00", shown=shown, audience=audience)
    said = " ".join(re.sub("<[^>]*>", "", text) for text in shown)
    assert "it gives no verdict" in said and "Too few people" not in said
    assert re.search(r"Figure 0\.1 has nothing", said)


@pytest.mark.parametrize("lacks", ["interviews", "survey", "interviews and survey"])
def test_after_a_package_a_study_that_lacks_a_part_is_summed_up_as_before(project, lacks):
    answer(project, 6)
    if lacks == "survey":
        interview(project)
        only_interviews(project)
    elif lacks != "interviews":
        only_published(project)
    found, said = results(audience="funder"), verdict(audience="funder")
    released.keep(found.study, 5, found.page.threshold)
    assert verdict(audience="funder") == said


def test_a_funder_reads_the_same_verdict_from_ranges(project):
    # 19 of 20 become 16 to 20, and up to 4 to whom a statement is not relevant.
    answer(project, 19, b="Agree", invited=300)
    path = project / "data" / "tiny" / "survey.csv"
    path.write_text(path.read_text() + "R_99,0,North,Neutral,Neutral,Neutral\n")
    assert verdict().startswith("Mostly yes, with making sense of it furthest along and doing it together furthest behind. 63%")
    said = verdict(audience="funder")
    assert said.startswith("Between “mostly yes” and “in part”") or said.startswith("Between “in part” and “mostly yes”")
    assert ", with making sense of it furthest along and doing it together furthest behind. " in said


def test_of_ranges_an_area_is_named_only_where_it_is_sure_to_be_first_or_last(project):
    study = Page(runs.open_run("tiny"), 0).study
    areas = pd.DataFrame({"construct": ["sense", "work"], "middle": [80, 60], "middle_most": [90, 75]})
    assert summary.compare_areas(areas, study) == ", with Sense furthest along and Work furthest behind"
    assert summary.compare_areas(areas.assign(middle_most=[90, 85]), study) == ""
    three = pd.DataFrame({"construct": ["a", "work", "b"], "middle": [87, 72, 79], "middle_most": [92, 79, 93]})
    assert summary.compare_areas(three, study) == ", with Work furthest behind"


def test_the_analysts_own_words_are_shown_as_written_to_a_funder_too(project):
    assert summary.say_own(Page(runs.open_run("tiny"), 0).study) == ""
    change(project, **{"about: Made": "summary: It works <b>here</b>. Ask us.\nabout: Made"})
    page = Page(runs.open_run("tiny"), 0, "funder")
    shown = page.say(summary.say_own, page.study, key="own words", basis="published")
    assert shown.told and "<strong>It works &lt;b&gt;here&lt;/b&gt;.</strong> Ask us." in shown.data


# --- findings


def findings(*rows):
    """Findings by notebook and key."""
    frame = pd.DataFrame(rows, columns=["notebook", "key"])
    return frame.assign(
        sentence=[f"Claim {n} {key}. Rest. More." for n, key in rows], basis="joint", note="", topic="T", anchor="a"
    )


def chosen(*rows):
    return [f"{row.notebook}{row.key}" for row in summary.choose_findings(findings(*rows)).itertuples()]


def test_at_most_five_findings_a_studys_own_first_and_no_more_than_two_of_one_notebook():
    ours = [
        (1, "a"),
        (1, "b"),
        (2, "a"),
        (2, "b"),
        (3, "a"),
        (4, "a"),
        (4, "b"),
        (5, "joint"),
        (5, "recommendations"),
        (6, "a"),
    ]
    # What the verdict says already, who answered and what the interviews make of it, comes last.
    assert chosen(*ours) == ["2a", "3a", "4a", "5recommendations", "6a"]
    assert chosen(*(row for row in ours if row[0] != 3)) == ["2a", "2b", "4a", "5recommendations", "6a"]
    assert chosen(*ours, (8, "a"), (8, "b"), (8, "c"), (12, "a")) == ["8a", "8b", "12a", "2a", "3a"]
    assert chosen(*ours[:5]) == ["1a", "1b", "2a", "2b", "3a"]
    assert chosen((4, "a"), (4, "b"), (4, "c")) == ["4a", "4b"]
    assert chosen() == []


def test_what_is_simulated_is_never_among_the_findings():
    rows = findings((2, "a"), (3, "groups"), (3, "waves"), (4, "a"))
    bases = rows.assign(basis=["margins", "joint", "assigned", "interviews"])
    assert summary.choose_findings(bases)["key"].tolist() == ["a", "groups", "waves", "a"]
    # Rebuilt counts have a note too, and are what was published.
    assert summary.choose_findings(bases.assign(note="Made up."))["notebook"].tolist() == [2, 4]


def say(frame):
    return f"Three answered. They were {len(frame)}. More stands there."


def test_the_summary_shows_claim_and_number_with_a_sign_and_a_link_named_by_where_it_goes(project):
    add(project, "  simulated: {banner: Made up., margins: Rebuilt., joint: Simulated here.}\n")
    (project / "notebooks" / "01_clean_survey.ipynb").write_text(
        '{"cells": [], "metadata": {"workbook": {"title": "Who answered?", "topic": "Who answered"}}}'
    )
    first = Page(runs.open_run("tiny"), 1)
    first.say(say, pd.DataFrame({"n": [1, 2, 3]}), key="answered")
    first.close()
    page = Page(runs.open_run("tiny"), 0)
    gathered = summary.gather_findings(page)
    assert len(gathered) == 1 and summary.choose_findings(gathered).empty
    shown = page.show_findings(gathered).data
    assert "<strong>Three answered.</strong> They were 3." in shown and "More stands there." not in shown
    assert 'title="Simulated here."' in shown
    assert '<a href="#finding-1-answered">Who answered, section 1</a>' in shown
    numbered = page.show_findings(gathered.assign(sentence="All of the 3 answered. They were quick.")).data
    assert "<strong>All of the 3 answered.</strong>" in numbered and "quick" not in numbered
    remarked = page.show_findings(gathered.assign(sentence="Few came. That is 3 of 9 (by team).")).data
    assert "<strong>Few came.</strong> That is 3 of 9. " in remarked
    assert page.show_findings(gathered[:0]).data == ""


def test_a_summary_before_any_run_says_which_notebook_to_run(project):
    (project / "notebooks" / "01_clean_survey.ipynb").write_text(
        '{"cells": [], "metadata": {"workbook": {"title": "Who answered?"}}}'
    )
    with pytest.raises(WorkbookError, match="01_clean_survey"):
        summary.gather_findings(Page(runs.open_run("tiny"), 0))


# --- what to keep in mind, and how to read it


def caveats(**asked):
    found = results(**asked)
    return summary.list_caveats(found.favour, found.received, found.study)


def test_three_caveats_the_most_important_first(project):
    answer(project, 20, b="Agree", invited=300)
    # By hand: with 20 people at 66.7% and 280 silent, half of all are favourable at (150 − 13.3) / 280 = 48.8%.
    turning = (
        "If fewer than 48% of the answers of those who stayed away were favourable, most answers of all invited would not be."
    )
    once = "The survey was done once, so it cannot show change."
    assert caveats() == [turning, once]
    interview(project)
    assert caveats() == [turning, "All made up.", once]
    change(project, **{"note: All made up. Much more.": 'note: ""'})
    spoken = "Counts from the interviews say how many people spoke of something, not how many agree with it."
    assert caveats() == [turning, spoken, once]
    change(project, **{"survey:\n": "survey:\n  simulated: {banner: Made up., margins: x, joint: x}\n"})
    assert caveats()[1:] == [turning, spoken] and "◇" in caveats()[0]


def test_the_silent_are_a_caveat_only_where_they_could_turn_the_verdict(project):
    answer(project, 20, "Disagree", "Agree", invited=300)
    # None of 20 is favourable: of 280 more than 150 must be, 53.6%.
    assert caveats()[0] == (
        "If more than 54% of the answers of those who stayed away were favourable, most answers of all invited would be."
    )
    change(project, number="number: 39, approximate: false} # ")
    assert len(caveats()) == 1


def test_of_a_range_the_turning_point_holds_whatever_is_withheld():
    # Of 100 answers 60 or 80 are favourable: with 100 silent, half of all 200 are at 40 or 20 of these.
    received = pd.DataFrame({"responded": [100, 100], "invited": 200.0})
    said = summary.say_turning(pd.DataFrame({"typical": [60.0], "typical_most": [80.0]}), received)
    assert "fewer than 20% of" in said
    said = summary.say_turning(pd.DataFrame({"typical": [20.0], "typical_most": [40.0]}), received)
    assert "more than 80% of" in said


def test_a_change_of_waves_is_no_survey_held_once(project):
    answer(project, 12)
    answer_later = (project / "data" / "tiny" / "survey.csv").read_text()
    (project / "data" / "tiny" / "later.csv").write_text(answer_later)
    change(project, **{'{"2030": survey.csv}': '{"2030": survey.csv, "2031": later.csv}'})
    assert caveats() == []


def test_what_the_terms_mean_follows_the_study(project):
    assert summary.explain_terms(results().study) == [
        "NoMAD asks about 2 areas (constructs) of Normalisation Process Theory: kinds of work that make a practice ordinary.",
        "Favourable means “Agree” (reversed for negative wording); “not relevant” is left out.",
        "Our own rule, since NoMAD has none: from 90% favourable answers we say “yes”, from 60% “mostly yes”, from 40% "
        "“in part”, from 10% “mostly not yet”.",
    ]


def test_the_words_of_the_verdict_are_those_that_are_explained(project):
    said = summary.explain_terms(results().study)[2].casefold()
    for least, word in summary.VERDICTS.items():
        assert re.search(f"from {least}% (favourable answers we say )?“{word.casefold()}”", said) or word == "Not yet"


# --- the figure


def draw(found, narrow=False):
    use_style(narrow)
    axes = summary.draw_constructs(found.favour, found.joined, found.study)
    axes.figure.canvas.draw()
    return axes


@pytest.mark.parametrize("narrow", [True, False])
def test_every_statement_is_a_dot_and_the_lowest_are_named_in_words(project, narrow):
    answer(project, 20, b="Agree")
    interview(project, judged="sense,agrees,x\n")
    found = results()
    axes = draw(found, narrow)
    dots = [drawn for drawn in axes.collections if isinstance(drawn, PathCollection)]
    places = sorted(place for drawn in dots for place in drawn.get_offsets()[:, 0])
    texts = [text.get_text().replace("\n", " ") for text in axes.texts]
    assert places == [0, 100, 100]
    assert [text for text in texts if "“" in text] == ["“Gets in the way” (worded negatively) 0%"]
    assert "Sense: making sense of it 100% favourable" in texts and "2 of 4 interviewed spoke of it; interviews agree" in texts
    assert (
        summary.title_constructs(found.favour, found.joined, found.study)
        == "“Gets in the way” drew the fewest favourable answers"
    )
    assert summary.describe_constructs(found.favour, found.joined, found.study) == (
        "“Gets in the way” drew the fewest favourable answers. Sense: 100% favourable; 2 of 4 interviewed spoke of it; "
        "interviews agree. Work: 0% favourable; none of 4 interviewed spoke of it."
    )
    assert summary.count_constructs(found.favour, found.joined, found.study) == (
        "A dot is a statement (orange: the lowest), a black tick its whole area (20 people at most, 2030)."
    )
    plt.close("all")


@pytest.mark.parametrize("n", [1, 3, 12])
@pytest.mark.parametrize("audience", ["team", "funder"])
def test_the_figure_is_drawn_and_worded_for_few_and_for_a_funder(project, n, audience):
    answer(project, n, invited=300)
    found = results(audience=audience)
    shown = found.page.figure(
        summary.draw_constructs, *found.told[:2], found.study, key="areas", title=summary.title_constructs,
        subtitle=summary.count_constructs, alt=summary.describe_constructs, basis="margins",
    )  # fmt: skip
    words = re.sub(r"base64,[^\"]*", "", shown.data.partition("<details")[0])
    assert shown.told and not re.search(r"nan|not defined|\b1 people|of 0\b|None", words)


def test_without_a_survey_the_figure_counts_people(project):
    answer(project, 0)
    interview(project)
    only_interviews(project)
    found = results()
    axes = draw(found)
    assert [bar.get_width() for bar in axes.patches] == [50]
    assert summary.count_constructs(found.favour, found.joined, found.study) == ""
    plt.close("all")


def test_statements_of_one_share_are_drawn_apart_and_long_ones_are_cut_in_the_figure_alone(project):
    answer(project, 20, "Disagree", "Disagree")
    path = project / "data" / "tiny" / "codebook.csv"
    path.write_text(path.read_text().replace("Sees the point", "Sees " + "very well " * 20 + "the point"))
    found = results()
    items = summary.place_items(found.favour, found.study)
    assert items.set_index("item")["aside"].to_dict() == {"A1": 0, "A2": 0.5, "B1": 0}
    assert all(len(name) < 90 for name in items["named"])


def test_of_ranges_a_band_is_drawn_and_a_statement_is_called_the_lowest_only_where_that_is_certain(project):
    answer(project, 20, b="Agree", invited=300)
    path = project / "data" / "tiny" / "survey.csv"
    path.write_text(path.read_text() + "R_99,0,North,Neutral,Neutral,Disagree\n")
    found = results(audience="funder")
    favour = found.favour
    bands = [drawn for drawn in draw(found).collections if isinstance(drawn, PolyCollection)]
    assert len(bands) == 2 and "grey band its whole area" in summary.count_constructs(favour, found.joined, found.study)
    assert summary.title_constructs(favour, found.joined, found.study) == (
        "No statement is certain to be below all of them together"
    )
    # Of 21 answers to the third, 2 to 18 are favourable: it may be no lower than the others, of which 17 to 21 are.
    lower = favour.assign(least=[17, 17, 2], most=[21, 21, 18], denominator=21, typical=50)
    assert summary.title_constructs(lower, found.joined, found.study) == (
        "“Gets in the way” is among the lowest of the statements shown"
    )
    certain = summary.title_constructs(lower.assign(most=[21, 21, 6]), found.joined, found.study)
    assert certain == "“Gets in the way” drew the fewest favourable answers"
    unknown = summary.title_constructs(lower.assign(most=[21, 21, 6], least=[17, np.nan, 2]), found.joined, found.study)
    assert unknown == "“Gets in the way” is among the lowest of the statements shown"
    plt.close("all")


def test_the_figure_in_words_is_of_at_most_600_characters(project):
    answer(project, 20, b="Agree")
    interview(project)
    change(project, **{"label: Work": f"label: {'Long work ' * 80}"})
    found = results()
    said = summary.describe_constructs(found.favour, found.joined, found.study)
    assert 500 < len(said) <= 600 and said.endswith(" …")
