"""Numbers in prose, numbering, marks of what is simulated, and text that stays text."""

import html

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from helpers.page import charts, render, style, words
from helpers.page.page import LONG_TABLE, Page
from helpers.study import definition, runs
from helpers.study.errors import WorkbookError
from helpers.study.runs import Run


@pytest.fixture
def page(project):
    return Page(runs.open_run("tiny"), notebook=3)


@pytest.fixture
def simulated_page(project):
    path = project / "data" / "tiny" / "study.yml"
    path.write_text(path.read_text() + "  simulated: {banner: Made up., margins: Rebuilt., joint: Simulated here.}\n")
    return Page(runs.open_run("tiny"), notebook=3)


def test_a_percentage_stands_with_numerator_denominator_and_interval():
    assert words.ratio(31, 40, 62.497, 87.68) == "31 of 40 (78%, 95% CI 62 to 88)"
    assert words.ratio(0, 0) == "[not defined: nobody answered]"


@pytest.mark.parametrize(
    ("value", "said"), [(0.0004, "< .001"), (0.05, ".050"), (1.0, "1.000"), (float("nan"), "[not defined]")]
)
def test_a_p_value_is_never_zero(value, said):
    assert words.p_value(value) == said


def test_a_number_has_a_real_minus_and_no_minus_zero():
    assert words.decimals(-0.314) == "−0.31"
    assert words.decimals(-0.001) == "0.00"


def test_words_are_listed_as_a_sentence_lists_them():
    assert [words.listed(x) for x in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["none", "a", "a and b", "a, b and c"]


@pytest.mark.parametrize(
    "text", ["12", "−0.31", "< .001", ".05", "1 of 2", "4.0 to 5.0", "31 (78%; 62 to 88)", "36 to 40 (90% or more)", "[c]", "–"]
)
def test_cells_that_are_figures_are_set_as_figures(text):
    assert render.is_number(text)


@pytest.mark.parametrize("text", ["24% + 28% = 52%; why?", "3-5 years", "2021 and later", "", "< 1 year"])
def test_cells_that_are_words_are_not(text):
    assert not render.is_number(text)


def test_figures_and_tables_are_numbered_by_notebook_and_keep_their_number_when_run_again(page):
    rows = pd.DataFrame({"a": [1]})
    first = page.table(rows, "one", "One").data
    page.table(rows, "two", "Two")
    again = page.table(rows, "one", "One").data
    assert "Table 3.1" in first and "Table 3.1" in again
    assert "Table 3.3" in page.table(rows, "three", "Three").data


def test_a_figure_is_saved_as_svg_and_png_with_its_numbers_beside(page, project):
    drawn, _ = plt.subplots()
    shown = page.figure(drawn, "one", "One", alt="A line that rises.", data=pd.DataFrame({"a": [1]})).data
    folder = project / "outputs" / "tiny" / "default"
    assert {path.name for path in (folder / "figures").iterdir()} == {"03_one.svg", "03_one.png"}
    assert (folder / "tables" / "03_one_data.csv").exists()
    assert 'alt="A line that rises."' in shown
    assert "Numbers behind Figure 3.1" in shown


def test_the_same_figure_is_the_same_file(page):
    def draw():
        drawn, axes = plt.subplots()
        axes.plot([1, 2], [3, 4])
        return style.picture(drawn, "svg")

    assert draw() == draw()


def test_what_rests_on_simulated_answers_is_marked_wherever_it_goes(simulated_page, project):
    rows = pd.DataFrame({"a": [1]})
    assert "Simulated here." in simulated_page.table(rows, "one", "One").data
    assert "Simulated here." in (project / "outputs/tiny/default/tables/03_one.csv").read_text("utf-8-sig")
    assert "Simulated here." in simulated_page.say("Groups differ.", key="groups").data
    drawn, _ = plt.subplots()
    assert "Simulated here." in simulated_page.figure(drawn, "one", "One", alt="x").data
    assert any("NOT A FINDING" in text.get_text() for text in drawn.texts)
    simulated_page.close()
    kept = pd.read_parquet(project / "outputs/tiny/default/data/findings_03.parquet")
    assert kept["note"].tolist() == ["Simulated here."]


def test_a_page_takes_a_result_for_simulated_unless_told_otherwise(simulated_page):
    assert "Simulated here." in simulated_page.say("x").data
    assert "Rebuilt." in simulated_page.say("x", basis="margins").data
    assert "mark" not in simulated_page.say("x", basis="published").data


def test_respondents_own_answers_bear_no_mark(page):
    assert "mark" not in page.say("x").data
    assert "banner" not in page.banner().data


def test_an_unknown_basis_is_refused_and_not_taken_for_unmarked(page):
    with pytest.raises(ValueError, match="basis"):
        page.say("x", basis="real")


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "$x^2$ **b** & </td>"])
def test_free_text_is_shown_as_typed(page, text):
    shown = page.table(pd.DataFrame({"Answer": [text]}), "one", text).data + page.say(text).data
    for piece in ("<script", "<img", "</td> "):
        assert piece not in shown.replace("<td", "").replace("</td>\n", "")
    assert html.escape(text) in shown


def test_a_long_table_is_folded_and_a_short_one_is_not(page):
    long = pd.DataFrame({"a": range(LONG_TABLE + 1)})
    assert "show all 31 rows" in page.table(long, "long", "Long").data
    assert "<details" not in page.table(long.head(), "short", "Short").data


def test_responses_part_by_published_bands_and_not_by_the_middle_of_the_scale():
    points = [{"label": str(k), "value": k, "band": "0 to 5" if k < 6 else "6 to 10"} for k in range(11)]
    low, middle, high = style.part_responses(definition.Scale(responses=points))
    assert (low[-1], middle, high[0]) == ("5", [], "6")


def test_each_point_of_a_scale_has_a_colour_of_its_own():
    points = [{"label": str(k), "value": k, "band": "low" if k < 6 else "high"} for k in range(11)]
    assert len(set(style.response_colours(definition.Scale(responses=points)).values())) == 11


def test_respondents_with_equal_scores_are_drawn_apart():
    import numpy as np

    offsets = charts.spread_points(np.array([3.0, 3.0, 4.0]))
    assert offsets[0] != offsets[1]
    assert offsets[2] == 0


def test_a_label_is_wrapped_and_never_cut():
    text = "A label that is much longer than a line of a figure can be, word after word"
    assert style.wrapped(text).replace("\n", " ") == text


def test_closing_says_how_many_figures_and_tables_were_saved(page):
    page.table(pd.DataFrame({"a": [1]}), "one", "One")
    assert "0 figures and 1 table" in page.close().data
    assert isinstance(page.run, Run)


# --- the funder's edition


@pytest.fixture
def funder_page(project):
    return Page(runs.open_run("tiny"), 3, "funder", 5)


def test_a_funder_sees_and_gets_nothing_that_is_not_declared_as_shared(funder_page):
    rows = pd.DataFrame({"a": [1]})
    drawn = [plt.figure(), plt.figure()]
    hidden = [
        funder_page.table(rows, "one", "One").data,
        funder_page.figure(drawn[0], "two", "Two", alt="x", data=rows).data,
        funder_page.say("Three.", key="three").data,
    ]
    assert hidden == ["", "", ""]
    shown = [
        funder_page.table(rows, "four", "Four", shared=True).data,
        funder_page.figure(drawn[1], "five", "Five", alt="x", data=rows, shared=True).data,
        funder_page.say("Six.", key="six", shared=True).data,
    ]
    assert "Table 3.1" in shown[0] and "Figure 3.1" in shown[1] and "Six." in shown[2]
    funder_page.close()
    folder = funder_page.run.folder
    assert sorted(path.name for part in ("tables", "figures") for path in (folder / part).iterdir()) == [
        "03_five.png", "03_five.svg", "03_five_data.csv", "03_four.csv",
    ]  # fmt: skip
    assert funder_page.run.read("findings_03")["sentence"].tolist() == ["Six."]


def test_the_team_sees_everything_and_nothing_is_withheld_from_it(page):
    assert page.threshold == 0
    assert "Table 3.1" in page.table(pd.DataFrame({"a": [1]}), "one", "One").data


@pytest.mark.parametrize(("audience", "threshold"), [("public", 5), ("funder", 2), ("funder", 0)])
def test_an_audience_or_threshold_that_would_protect_nobody_is_refused(project, audience, threshold):
    with pytest.raises(WorkbookError, match="parameters, (audience|threshold)"):
        Page(runs.open_run("tiny"), 3, audience, threshold)


def test_what_a_notebook_has_saved_is_listed_with_its_title_and_mark(simulated_page):
    rows = pd.DataFrame({"a": [1]})
    simulated_page.table(rows, "one", "One", notes="A note.")
    simulated_page.figure(plt.figure(), "two", "Two", alt="What it shows", data=rows, basis="interviews")
    simulated_page.close()
    contents = pd.read_parquet(simulated_page.run.folder / "data" / "contents_03.parquet").set_index("file")
    assert contents["kind"].to_dict() == {
        "tables/03_one.csv": "Table", "figures/03_two.svg": "Figure", "tables/03_two_data.csv": "Figure data",
    }  # fmt: skip
    assert contents.loc["tables/03_one.csv", ["label", "title", "notes", "rests_on"]].tolist() == [
        "Table 3.1", "One", "A note.", "Simulated here.",
    ]  # fmt: skip
    assert contents.loc["figures/03_two.svg", ["alt", "rests_on"]].tolist() == ["What it shows", ""]


@pytest.mark.parametrize("text", ["=1+1", "+A1", "-A1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_text_in_a_saved_table_cannot_become_a_formula(page, text):
    page.table(pd.DataFrame({text: [text, "-0.5", "+3"], "x": [-1, 2, 3]}), "one", "One")
    saved = (page.run.folder / "tables" / "03_one.csv").read_text(encoding="utf-8-sig")
    kept = pd.read_csv(page.run.folder / "tables" / "03_one.csv", dtype=str)
    escaped = "'" + text
    assert kept.columns[0] == escaped and kept.iloc[0, 0] == escaped, saved
    assert kept.iloc[1:, 0].tolist() == ["-0.5", "+3"] and kept["x"].tolist() == ["-1", "2", "3"]


def test_a_count_that_is_withheld_is_told_only_as_far_as_it_may_be():
    missing = float("nan")
    assert words.share_cell(31, 40, 62.4, 87.7, 31) == "31 (78%; 62 to 88)"
    assert words.share_cell(missing, 40, missing, missing, 36) == "36 to 40 (90% or more)"
    assert words.share_cell(missing, 40, missing, missing, missing) == "[c]"
    assert words.share_cell(missing, 39, missing, missing, 35) == "35 to 39 (89% or more)"  # 89.7, never rounded up
    assert words.ratio(missing, 40, missing, missing, 36) == "36 to 40 of 40 (90% or more)"
    assert words.whole(missing) == "[c]" and words.whole(7.0) == "7"
