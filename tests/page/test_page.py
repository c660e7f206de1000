"""What a page shows, saves, numbers and marks; and what of it a funder sees."""

import html
import shutil

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import seaborn as sns
from bs4 import BeautifulSoup

from helpers.disclosure import releases
from helpers.disclosure.told import tell, tell_of_nobody
from helpers.page import style, words
from helpers.page.page import LONG_TABLE, Page, figure_of, open_page
from helpers.page.render import save_csv
from helpers.page.tables import is_number, read_columns
from helpers.study import definition, runs
from helpers.study.errors import WorkbookError

ROWS = pd.DataFrame({"group": ["North", "South"], "n": [12, 7]})


@pytest.fixture
def page(project):
    return open_page("tiny", "default", 3)


@pytest.fixture
def funder_page(project):
    return open_page("tiny", "default", 3, "funder", 5)


@pytest.fixture
def simulated_page(project):
    path = project / "data" / "tiny" / "study.yml"
    path.write_text(path.read_text() + "  simulated: {banner: Made up., margins: Rebuilt., joint: Simulated here.}\n")
    return open_page("tiny", "default", 3)


def draw_bars(rows, *study):
    _, axes = plt.subplots()
    axes.bar(rows["group"], rows["n"])
    return axes


def say_most(rows, *study):
    return f"Most are in {rows.loc[rows['n'].idxmax(), 'group']}."


def read_saved(page, name):
    return pd.read_csv(page.run.folder / "tables" / f"{name}.csv", dtype=str, keep_default_na=False)


def read_contents(page):
    page.close()
    return page.read("contents_03").set_index("file")


# --- numbers in words


def test_a_percentage_stands_with_numerator_denominator_and_interval():
    assert words.ratio(31, 40, 62.497, 87.68) == "31 of 40 (78%, 95% CI 62 to 88)"
    assert words.ratio(0, 0) == "[not defined: nobody answered]"


def test_a_count_that_is_withheld_is_said_only_as_far_as_it_may_be():
    missing = float("nan")
    assert words.ratio(missing, 40, missing, missing, 36) == "36 to 40 of 40 (90% or more)"
    assert words.ratio(missing, 39, missing, missing, 35) == "35 to 39 of 39 (89% or more)"  # 89.7, never rounded up


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
    ("sentence", "claim"),
    [
        ("They see it. 3 of 4 do.", "They see it."),
        ("Most say “We share it, e.g. in meetings”. Yes.", "Most say “We share it, e.g. in meetings”."),
        ("Least about “Is it normal? Yes”. 1 of 4.", "Least about “Is it normal? Yes”."),
        ("Dr. No said so. Twice.", "Dr. No said so."),
        ("One sentence", "One sentence"),
    ],
)  # fmt: skip
def test_a_claim_ends_with_its_sentence_and_not_within_a_label(sentence, claim):
    assert words.split_claim(sentence)[0] == claim


def test_a_noun_follows_its_number():
    assert [words.counted(n, "person", "people") for n in (0, 1, 3000)] == ["0 people", "1 person", "3,000 people"]


@pytest.mark.parametrize(
    "text",
    [
        "12", "3,000", "−0.31", "< .001", ".05", "78%", "1 of 2", "4.0 to 5.0", "31 (78%; 62 to 88)",
        "31 of 40 (78%; 62 to 88)", "0.31 (−0.10 to 0.52)", "36 to 40 (90% or more)", "[c]", "–",
    ],
)  # fmt: skip
def test_cells_that_are_figures_are_set_as_figures(text):
    assert is_number(text)


@pytest.mark.parametrize("text", ["24% + 28% = 52%; why?", "3-5 years", "2021 and later", "", "< 1 year"])
def test_cells_that_are_words_are_not(text):
    assert not is_number(text)


# --- figures, tables and sentences


def read(shown):
    """What a reader sees of it, without tags."""
    return " ".join(BeautifulSoup(shown.data, "html.parser").get_text().split())


def test_results_are_numbered_by_notebook_and_kind_and_keep_their_number_when_run_again(page):
    assert "Table 3.1." in read(page.table(ROWS, "one", "One"))
    assert "Table 3.2." in read(page.table(ROWS, "two", "Two"))
    assert "Figure 3.1." in read(page.figure(draw_bars, ROWS, key="one", title="One", alt="x"))
    assert "Table 3.1." in read(page.table(ROWS, "one", "One"))
    assert "Table 3.3." in read(page.table(ROWS, "three", "Three"))


def test_a_table_is_saved_as_it_is_and_laid_out_for_the_page(page):
    rows = pd.DataFrame({"item": ["A1"], "numerator": [31], "denominator": [40], "share": [77.5]})
    shown = page.table(rows, "one", "One", labels={"numerator": "Agreed"}).data
    assert "A1 Sees the point" in shown and "31 of 40 (78%)" in shown and "Agreed (%)" in shown
    assert read_saved(page, "03_one").to_dict("records") == [
        {"item": "A1", "numerator": "31", "denominator": "40", "share": "77.5"}
    ]


def test_a_table_can_show_other_cells_than_its_file_holds(page):
    shown = page.table(ROWS, "one", "One", on_page=pd.DataFrame({"group": ["North and South"]})).data
    assert "North and South" in shown and "12" not in shown
    assert read_saved(page, "03_one")["n"].tolist() == ["12", "7"]


def test_a_figure_is_saved_as_svg_with_its_numbers_beside(page):
    before = plt.get_fignums()
    shown = page.figure(draw_bars, ROWS, page.study, key="one", title="One", alt=say_most).data
    assert {path.name for path in (page.run.folder / "figures").iterdir()} == {"03_one.svg"}
    assert read_saved(page, "03_one_data").to_dict("list") == {"group": ["North", "South"], "n": ["12", "7"]}
    assert 'alt="Most are in North."' in shown
    assert "The numbers behind Figure 3.1" in shown and '<th scope="row">South</th>' in shown
    assert plt.get_fignums() == before


def test_the_numbers_behind_a_figure_can_be_another_frame(page):
    behind = pd.DataFrame({"group": ["Both"], "n": [19]})
    page.figure(draw_bars, ROWS, key="one", title="One", alt="x", behind=behind)
    assert read_saved(page, "03_one_data")["n"].tolist() == ["19"]


def test_settings_reach_the_function_that_draws_and_the_one_that_words(page):
    def draw(rows, top):
        axes = draw_bars(rows)
        axes.set_ylim(0, top)
        return axes

    shown = page.figure(draw, ROWS, key="one", title="One", alt=lambda rows, top: f"Up to {top}.", top=20).data
    assert 'alt="Up to 20."' in shown
    assert "Up to 9." in page.say(lambda top: f"Up to {top}.", top=9).data


@pytest.mark.filterwarnings("ignore:The figure layout")
def test_the_figure_is_found_from_axes_several_of_them_and_grids():
    drawn, all_axes = plt.subplots(2, 2)
    assert figure_of(all_axes) is figure_of(all_axes[0, 1]) is figure_of(list(all_axes.flat)) is drawn
    grid = sns.JointGrid(ROWS, x="n", y="n")
    assert figure_of(grid) is grid.figure
    plt.close("all")


def test_the_same_figure_is_the_same_file(page):
    def draw():
        drawn, axes = plt.subplots()
        axes.plot([1, 2], [3, 4])
        return style.picture(drawn, "svg")

    assert draw() == draw()


def test_an_empty_frame_shows_one_line_keeps_its_number_and_saves_nothing(page):
    shown = page.table(ROWS[:0], "one", "Groups").data
    assert "Table 3.1</strong> (Groups) has nothing to show here." in shown
    assert "has nothing to show here" in page.figure(draw_bars, ROWS[:0], key="one", title="Groups", alt="x").data
    assert "Table 3.2" in page.table(ROWS, "two", "Two").data
    assert list(read_contents(page).index) == ["tables/03_two.csv"]


def test_a_sentence_with_nothing_to_say_is_not_shown_and_not_kept(page):
    assert page.say(lambda rows: "", ROWS, key="nothing").data == ""
    page.close()
    assert page.read("findings_03").empty


def test_each_value_of_a_column_has_a_table_or_figure_of_its_own(page):
    shown = read(page.tables(ROWS, by="group", key="of", title="People"))
    assert "Table 3.1. People: North." in shown and "Table 3.2. People: South." in shown
    assert read_saved(page, "03_of_south")["n"].tolist() == ["7"]
    figures = page.figures(draw_bars, ROWS, page.study, by="group", key="of", title="People", alt=say_most).data
    assert 'alt="Most are in North."' in figures and 'alt="Most are in South."' in figures
    assert "(People) has nothing to show here" in page.tables(ROWS[:0], by="group", key="none", title="People").data


def test_a_category_without_rows_keeps_its_number(page):
    rows = ROWS.assign(group=pd.Categorical(ROWS["group"], categories=["North", "East", "South"]))
    shown = read(page.tables(rows, by="group", key="of", title="People"))
    assert "Table 3.2 (People: East) has nothing to show here." in shown
    assert "Table 3.3. People: South." in shown


def test_a_long_table_is_folded_and_a_short_one_is_not(page):
    long = pd.DataFrame({"n": range(LONG_TABLE + 1)})
    assert "Table 3.1. Long (31 rows)" in read(page.table(long, "long", "Long"))
    assert "<details" not in page.table(long.head(), "short", "Short").data
    assert "<summary>Table 3.2. Short</summary>" in page.table(long.head(), "short", "Short", folded=True).data


def test_rows_of_one_value_stand_under_its_heading(page):
    rows = pd.DataFrame({"group": ["North", "South", "North"], "n": [1, 2, 3]})
    table = BeautifulSoup(page.table(rows, "one", "One", groups="group").data, "html.parser").table
    assert [[row.get_text("|", strip=True) for row in body.find_all("tr")] for body in table.find_all("tbody")] == [
        ["North", "1", "3"], ["South", "2"],
    ]  # fmt: skip
    assert [head.get_text() for head in table.thead.find_all("th")] == [read_columns()["label"]["n"]]


def test_title_subtitle_and_alternative_text_are_made_from_what_is_drawn(page):
    shown = page.figure(draw_bars, ROWS, page.study, key="one", title=say_most, subtitle=lambda *given: "People.", alt=say_most)
    assert "Figure 3.1. Most are in North.People." in read(shown).replace(". People", ".People")
    assert read_contents(page)["title"]["figures/03_one.svg"] == "Most are in North."


def test_a_figure_is_drawn_for_a_desk_and_for_a_phone(page):
    widths = []

    def draw(rows):
        widths.append((style.width(), style.is_narrow()))
        return draw_bars(rows)

    shown = BeautifulSoup(page.figure(draw, ROWS, key="one", title="One", alt="x").data, "html.parser")
    assert widths == [(3.8, True), (9.0, False)]
    assert shown.source["srcset"] != shown.img["src"] and shown.source["media"].startswith("screen")


# --- what a result rests on


def test_what_rests_on_simulated_answers_is_marked_wherever_it_goes(simulated_page):
    pictures = []

    def draw(rows):
        pictures.append(draw_bars(rows))
        return pictures[-1]

    sign = 'aria-label="simulated" title="Simulated here."'
    assert sign in simulated_page.table(ROWS, "one", "One").data
    assert read_saved(simulated_page, "03_one")["rests_on"].tolist() == ["Simulated here."] * 2
    assert sign in simulated_page.say(say_most, ROWS, key="groups").data
    assert sign in simulated_page.figure(draw, ROWS, key="one", title="One", alt="x").data
    assert ["not a finding" in each.figure.texts[0].get_text() for each in pictures] == [True, True]
    simulated_page.close()
    assert simulated_page.read("findings_03")["note"].tolist() == ["Simulated here."]
    assert (simulated_page.run.folder / "data" / "SIMULATED.txt").read_text() == "Made up.\n"


def test_what_is_made_up_says_so_before_it_says_anything_else_and_the_summary_gets_the_sentence_alone(simulated_page):
    lead = "Simulated, not a finding. "
    assert read(simulated_page.say(say_most, ROWS)) == f"{lead}Most are in North. ◇"
    assert read(simulated_page.say("Nobody stands out. All do.", key="groups")) == f"{lead}Nobody stands out. All do. ◇"
    shown = simulated_page.figure(draw_bars, ROWS, key="one", title="One", alt=say_most)
    assert read(shown).startswith(f"Figure 3.1. {lead}One. ◇") and f'alt="{lead}Most are in North."' in shown.data
    assert "a finding" not in read(simulated_page.table(ROWS, "one", "One"))
    for basis in ("margins", "published", "interviews"):
        assert read(simulated_page.say("x", basis=basis)) == "x"
    contents = read_contents(simulated_page).loc["figures/03_one.svg"]
    assert contents[["title", "alt"]].tolist() == ["One", f"{lead}Most are in North."]
    assert simulated_page.read("findings_03")["sentence"].tolist() == ["Nobody stands out. All do."]


def test_a_page_takes_a_result_for_simulated_unless_told_otherwise(simulated_page):
    assert "Simulated here." in simulated_page.say("x").data
    # What published figures fix is said once, where the section begins.
    assert "sign" not in simulated_page.say("x", basis="margins").data + simulated_page.say("x", basis="published").data
    assert read(simulated_page.opening()) == "Rebuilt. ◇ Simulated here."
    assert read_contents_of_margins(simulated_page) == ["Rebuilt."]


def read_contents_of_margins(page):
    page.table(ROWS, "margins", "Margins", basis="margins")
    return read_contents(page)["rests_on"].tolist()


def test_respondents_own_answers_bear_no_mark(page):
    assert "sign" not in page.say("x").data and read(page.opening()) == ""
    page.table(ROWS, "one", "One")
    assert "rests_on" not in read_saved(page, "03_one")


def test_an_unknown_basis_is_refused_and_not_taken_for_unmarked(page):
    with pytest.raises(ValueError, match="basis"):
        page.say("x", basis="real")


def test_what_a_notebook_has_saved_is_listed_with_its_title_and_mark(simulated_page):
    simulated_page.table(ROWS, "one", "One", notes="A note.")
    simulated_page.figure(draw_bars, ROWS, key="two", title="Two", alt="What it shows", basis="interviews")
    contents = read_contents(simulated_page)
    assert contents["kind"].to_dict() == {
        "tables/03_one.csv": "Table", "figures/03_two.svg": "Figure", "tables/03_two_data.csv": "Figure data",
    }  # fmt: skip
    assert contents.loc["tables/03_one.csv", ["label", "title", "notes", "rests_on"]].tolist() == [
        "Table 3.1", "One", "A note.", "Simulated here.",
    ]  # fmt: skip
    assert contents.loc["figures/03_two.svg", ["alt", "rests_on"]].tolist() == ["What it shows", ""]


def test_sentences_with_a_key_are_kept_once_with_audience_and_place(page):
    for sentence in ("First.", "Second."):
        page.say(sentence, key="groups")
    page.say("Third.")
    page.close()
    kept = page.read("findings_03").iloc[0]
    assert kept[["sentence", "audience", "threshold", "anchor"]].tolist() == ["Second.", "team", 0, "finding-3-groups"]


def test_closing_says_how_many_figures_and_tables_were_saved(page):
    page.table(ROWS, "one", "One")
    assert "0 figures and 1 table." in page.close().data


# --- text stays text


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "$x^2$ **b** & </td>"])
def test_free_text_is_shown_as_typed(page, text):
    shown = page.table(pd.DataFrame({"text": [text]}), "one", text).data + page.say(text).data
    for piece in ("<script", "<img", "</td> "):
        assert piece not in shown.replace("<td", "").replace("</td>\n", "")
    assert html.escape(text) in shown


@pytest.mark.parametrize("text", ["=1+1", "+A1", "-A1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_text_in_a_saved_table_cannot_become_a_formula(page, text):
    page.table(pd.DataFrame({text: [text, "-0.5", "+3"], "x": [-1, 2, 3]}), "one", "One")
    kept = read_saved(page, "03_one")
    assert kept.columns[0] == "'" + text and kept.iloc[:, 0].tolist() == ["'" + text, "-0.5", "+3"]
    assert kept["x"].tolist() == ["-1", "2", "3"]


def test_a_number_in_a_file_has_ten_digits_beside_marks_as_elsewhere(tmp_path):
    save_csv(tmp_path / "x.csv", pd.DataFrame({"plain": [100 / 3, 31.0], "marked": [100 / 3, "[c]"], "whole": [31.0, "[c]"]}))
    assert (tmp_path / "x.csv").read_text("utf-8-sig").splitlines()[1:] == [
        '"33.33333333","33.33333333","31"', '"31","[c]","[c]"',
    ]  # fmt: skip


# --- the funder's edition

FEW = pd.DataFrame({"group": ["North", "South"], "n": [12.0, np.nan]})


def test_a_funder_sees_and_gets_what_is_told_and_one_line_in_the_place_of_what_is_not(funder_page):
    told = tell(ROWS, 5)
    assert "Table 3.1</strong> (One) stays with the team." in funder_page.table(ROWS, "one", "One").data
    assert "stays with the team" in funder_page.figure(draw_bars, ROWS, key="two", title="Two", alt="x").data
    assert funder_page.say(say_most, ROWS, key="three").data == ""
    assert "Table 3.2." in read(funder_page.table(told, "four", "Four"))
    assert "Figure 3.2." in read(funder_page.figure(draw_bars, told, funder_page.study, key="five", title="Five", alt="x"))
    assert "Most are in North." in funder_page.say(say_most, told, key="six").data
    assert list(read_contents(funder_page).index) == ["tables/03_four.csv", "figures/03_five.svg", "tables/03_five_data.csv"]
    assert sorted(path.name for part in ("tables", "figures") for path in (funder_page.run.folder / part).iterdir()) == [
        "03_five.png", "03_five.svg", "03_five_data.csv", "03_four.csv",
    ]  # fmt: skip
    assert funder_page.read("findings_03")["sentence"].tolist() == ["Most are in North."]


def test_under_a_drawing_of_an_earlier_packages_figures_a_note_says_so(funder_page):
    """Of what else is said under a table no drawing speaks: it stands in the rules and with the numbers behind."""
    repeats = releases.NOTE_ON_REPEATS.format("B1")
    for note, said in (("Small ones are withheld.", []), (f"Small ones are withheld. {repeats}", [repeats])):
        shown = funder_page.figure(draw_bars, tell(ROWS, 5, note), key="one", title="One", alt="x").data
        assert [found.text for found in BeautifulSoup(shown, "html.parser").select("figure > .notes")] == said


def test_what_is_told_says_so_in_the_executed_notebook(funder_page):
    def told(shown):
        return shown._repr_mimebundle_()[1]["workbook"]["told"]

    assert told(funder_page.table(tell(ROWS, 5), "one", "One"))
    assert told(funder_page.table(ROWS, "two", "Two"))  # the line alone
    assert not told(funder_page.say("Three."))
    assert not told(funder_page.close())


def test_both_editions_number_alike(project):
    def label(audience):
        page = open_page("tiny", "default", 3, audience)
        page.tables(ROWS, by="group", key="of", title="People")
        page.table(ROWS, "one", "One")
        return read(page.table(tell(ROWS, page.threshold), "two", "Two"))[:10]

    assert label("team") == label("funder") == "Table 3.4."


def test_tables_and_figures_that_stay_with_the_team_name_no_group(funder_page):
    shown = funder_page.tables(ROWS, by="group", key="of", title="People").data
    shown += funder_page.figures(draw_bars, ROWS, by="group", key="of", title="People", alt="x").data
    assert "Table 3.1 to Table 3.2</strong> (People) stays with the team." in shown
    assert "North" not in shown and "South" not in shown


def test_each_value_of_a_told_frame_is_told(funder_page):
    shown = funder_page.tables(tell(FEW, 5), by="group", key="of", title="People").data
    assert "People: North" in shown and "[c]" in shown.split("People: South")[1]
    assert read_saved(funder_page, "03_of_south")["n"].tolist() == ["[c]"]


def test_a_sentence_of_the_studys_definition_alone_is_told_and_a_plain_one_is_not(funder_page):
    def say_title(study):
        return f"This is {study.definition.title}."

    assert "This is A made-up study." in funder_page.say(say_title, funder_page.study).data
    assert funder_page.say("In 2030, 3 people answered.").data == ""
    assert funder_page.say("In 2030, 3 people answered.", funder_page.study).data == ""
    assert funder_page.say(lambda: "In 2030, 3 people answered.").data == ""


def test_all_that_a_result_is_made_from_must_be_told(funder_page):
    told = tell(ROWS, 5)
    assert funder_page.say(lambda told, more: "x", told, ROWS).data == ""
    assert funder_page.say(lambda told, more: "x", told, more=ROWS["n"]).data == ""
    hidden = [
        funder_page.figure(draw_bars, told, ROWS, key="one", title="One", alt="x"),
        funder_page.figure(draw_bars, told, key="two", title="Two", alt="x", behind=ROWS),
        funder_page.figure(draw_bars, told, key="three", title="Three", alt="x", more=ROWS),
        funder_page.table(told, "one", "One", on_page=ROWS),
    ]
    assert all("stays with the team" in shown.data for shown in hidden)


def test_what_was_told_under_a_lower_threshold_is_refused(project):
    page = open_page("tiny", "default", 3, "funder", 10)
    assert "stays with the team" in page.table(tell(ROWS, 5), "one", "One").data
    assert page.say(say_most, tell(ROWS, 5)).data == ""
    assert page.say(say_most, tell(ROWS, 5), tell(ROWS, 10)).data == ""
    assert "Table 3.2." in read(page.table(tell(ROWS, 10), "two", "Two"))
    assert "Table 3.3." in read(page.table(tell_of_nobody(ROWS), "three", "Three"))


def test_a_withheld_cell_is_a_mark_on_the_page_and_in_the_file_and_the_note_stands_below(funder_page):
    shown = funder_page.table(tell(FEW, 5, "Small groups are withheld."), "one", "One", notes="People.").data
    assert '<th scope="row">South</th><td class="number" data-of="People">[c]</td>' in shown
    assert "[c]: withheld to protect people." in shown and "People. Small groups are withheld." in shown
    assert read_saved(funder_page, "03_one")["n"].tolist() == ["12", "[c]"]
    assert read_contents(funder_page)["notes"].tolist() == ["People. Small groups are withheld."]


def test_the_team_sees_everything_and_nothing_is_withheld_from_it(page):
    assert page.threshold == 0
    shown = page.table(tell(FEW, page.threshold, "Small groups are withheld."), "one", "One").data
    assert "[c]" not in shown and "withheld" not in shown
    assert "Table 3.2." in read(page.table(ROWS, "two", "Two"))


@pytest.mark.parametrize(("audience", "threshold"), [("public", 5), ("funder", 2), ("funder", 0)])
def test_an_audience_or_threshold_that_would_protect_nobody_is_refused(project, audience, threshold):
    with pytest.raises(WorkbookError, match="parameters, (audience|threshold)"):
        Page(runs.open_run("tiny"), 3, audience, threshold)


# --- waves


def test_a_study_of_several_waves_says_which_one_is_shown(page, project):
    assert read(page.opening("")) == ""
    path = project / "data" / "tiny" / "study.yml"
    path.write_text(path.read_text().replace('{"2030": survey.csv}', '{"2030": survey.csv, "2031": later.csv}'))
    shutil.copy(path.parent / "survey.csv", path.parent / "later.csv")
    again = open_page("tiny", "default", 3)
    assert "We show wave 2031 of 2030 and 2031." in read(again.opening(""))
    assert "We show wave 2030 of 2030 and 2031." in read(again.opening("2030"))


# --- one look


def test_responses_part_by_published_bands_and_not_by_the_middle_of_the_scale():
    points = [{"label": str(k), "value": k, "band": "0 to 5" if k < 6 else "6 to 10"} for k in range(11)]
    low, middle, high = style.part_responses(definition.Scale(responses=points))
    assert (low[-1], middle, high[0]) == ("5", [], "6")


def test_each_point_of_a_scale_has_a_colour_of_its_own():
    points = [{"label": str(k), "value": k, "band": "low" if k < 6 else "high"} for k in range(11)]
    assert len(set(style.response_colours(definition.Scale(responses=points)).values())) == 11


def test_a_label_is_wrapped_and_never_cut():
    text = "A label that is much longer than a line of a figure can be, word after word"
    assert style.wrapped(text, 34).replace("\n", " ") == text


def test_what_an_open_drawing_holds_is_not_in_a_figure_of_the_page(page):
    plt.plot([1, 2], label="people")
    drawn = []

    def draw(frame):
        drawn.append(len(plt.gca().lines))
        return plt.gca()

    page.figure(draw, pd.DataFrame({"n": [1]}), key="a", title="A", alt="a")
    assert drawn == [0, 0]  # for a phone and for a desk


def test_sentences_are_kept_by_closing_alone(page):
    with pytest.raises(WorkbookError, match="findings_08"):
        page.save("findings_08", pd.DataFrame({"sentence": ["R07 has 1.25"]}))


def test_a_frame_among_the_options_is_not_told(project):
    funder, people = Page(runs.open_run("tiny"), 8, "funder", 5), pd.DataFrame({"score": [1.25]})
    told = tell(pd.DataFrame({"n": [9]}), 5)
    for extra in (people, [people, 7], {"a": people}, people["score"].to_numpy()):
        assert funder.say(lambda frame, extra: f"{extra}", told, extra=extra).data == ""
    assert "9 and 0.5" in funder.say(lambda frame, shift: f"{frame['n'][0]} and {shift}", told, shift=0.5).data


def test_figures_of_told_parts_are_told_whose_alternative_text_is_a_function(project):
    funder = Page(runs.open_run("tiny"), 8, "funder", 5)
    told = tell(pd.DataFrame({"scale": ["a", "b"], "n": [9, 8]}), 5)
    shown = funder.figures(lambda frame: plt.subplots()[1], told, by="scale", key="k", title="T", alt=lambda frame: "Drawn.")
    assert shown.told and shown.data.count("<img") == 2
