"""What notebook 2 draws and says: an edge of the data must not make a sentence false or a drawing fail."""

import re

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import yaml
from conftest import HEAD

from helpers.disclosure.survey import tell_bands
from helpers.joint import measure_favour
from helpers.page import scores as shown
from helpers.page import style
from helpers.study import reading
from helpers.survey import cleaning, distributions, scoring

NOBODY = "R_1,0,North,,,\n"
ASIDE = "Not relevant to my role"
LONG = "A statement that goes on and on " * 7


@pytest.fixture(autouse=True)
def closed():
    style.use_style()
    yield
    plt.close("all")


@pytest.fixture
def clean(project):
    """The small study with these answers to A1, A2 and B1 (worded negatively), a text a respondent."""

    def clean(rows):
        (project / "data" / "tiny" / "survey.csv").write_text(HEAD + rows)
        study = reading.read_study("tiny")
        return study, cleaning.clean_survey(study).responses

    return clean


@pytest.fixture
def ask(project):
    """A study that asks `items`, each a list of answers, on a scale of these points and bands; a construct a letter."""

    def ask(scale, items, reversed_items=(), labels=None):
        folder = project / "data" / "tiny"
        said = yaml.safe_load((folder / "study.yml").read_text())
        points = [{"label": label, "value": value, "band": band} for value, (label, band) in enumerate(scale)]
        said["scales"] = {"agree": {"responses": points}}
        said["constructs"] = {letter: {"label": f"Area {letter}"} for letter in dict.fromkeys(name[0] for name in items)}
        (folder / "study.yml").write_text(yaml.safe_dump(said, sort_keys=False))
        label = labels or {}
        pd.DataFrame({
            "item": list(items), "column": list(items), "section": [name[0] for name in items],
            "construct": [name[0] for name in items], "scale": "agree",
            "reversed": ["yes" if name in reversed_items else "no" for name in items],
            "label": [label.get(name, f"Statement {name}") for name in items],
        }).to_csv(folder / "codebook.csv", index=False)  # fmt: skip
        rows = pd.DataFrame(items, dtype=object)
        rows.insert(0, "ResponseId", [f"R_{k}" for k in range(len(rows))])
        rows.assign(Status=0, team="North").to_csv(folder / "survey.csv", index=False)
        study = reading.read_study("tiny")
        return study, cleaning.clean_survey(study).responses

    return ask


def count(study, responses, threshold=0):
    return tell_bands(distributions.count_bands(responses, study.codebook, study.scales), threshold).frame


def lead(study, responses):
    """What leads where answers are real: single points, with how many left each item out."""
    tables = (of(responses, study.codebook, study.scales) for of in (distributions.count_responses, distributions.count_bands))
    return shown.choose_answers(*tables, distributions.describe_items(responses, study.codebook), study)[0]


def repeat(**answers):
    """Respondents by their answers to A1: {"Agree": 30}; all of them agree to A2 and leave B1 out."""
    given = [answer for answer, number in answers.items() for _ in range(number)]
    return "".join(f"R_{k},0,North,{answer},Agree,\n" for k, answer in enumerate(given))


def texts_of(axes):
    return [text.get_text() for text in axes.texts]


def names_of(axes):
    return axes.yaxis.get_major_formatter().format_ticks(axes.get_yticks())


def bars_of(axes):
    """Left and right end of every bar with a width, by its row from the top."""
    ends = {}
    for bar in axes.patches:
        if bar.get_width() and not np.isnan(bar.get_width()):
            ends.setdefault(round(bar.get_y(), 3), []).append((bar.get_x(), bar.get_x() + bar.get_width()))
    return [sorted(ends[row]) for row in sorted(ends)]


# --- answers to items


def test_answers_are_shares_of_those_to_whom_an_item_is_relevant_as_far_as_that_is_told(clean):
    study, responses = clean(repeat(**{"Disagree": 1, "Neutral": 2, "Agree": 5, ASIDE: 2}))
    ranked = [shown.rank_items(count(study, responses, threshold), study).loc["A1"] for threshold in (0, 5)]
    # Two of ten are withheld, and with them how many the item is relevant to.
    assert [(row["least"], row["of"], row["share"]) for row in ranked] == [(5, 8, 62.5), (5, 10, 50)]


def test_favourable_shares_are_those_that_the_joint_display_has(clean):
    study, responses = clean(repeat(**{"Disagree": 1, "Neutral": 2, "Agree": 9, ASIDE: 8}) + "R_99,0,North,Agree,,Disagree\n")
    for threshold in (0, 5):
        told = tell_bands(distributions.count_bands(responses, study.codebook, study.scales), threshold)
        favour = measure_favour(told.frame, study).set_index("item")
        ranked = shown.rank_items(told.frame, study)
        for here, there in (("least", "least"), ("most", "most"), ("of", "denominator")):
            assert ranked[here].to_dict() == pytest.approx(favour[there].to_dict(), nan_ok=True)


@pytest.mark.parametrize("draw_narrow", [False, True])
def test_bars_part_at_the_middle_and_what_has_no_side_stands_apart(clean, draw_narrow):
    style.use_style(draw_narrow)
    study, responses = clean(repeat(**{"Disagree": 1, "Neutral": 2, "Agree": 5, ASIDE: 2}) + "R_99,0,North,,,\n")
    main, *others = shown.draw_answers(lead(study, responses), study)
    # A2, to which all agree, comes first; nobody answered B1.
    assert names_of(main) == ["Knows the plan", "Sees the point", "Gets in the way (negatively worded)"]
    assert bars_of(main) == [[(0, 100)], [(0, -12.5), (0, 62.5)]]
    if draw_narrow:
        assert not others and "n 8 · neutral 25% · not relevant 2 · missing 1" in texts_of(main)
        assert "n 10 · missing 1" in texts_of(main) and "Sense" in texts_of(main)
    else:
        neutral, counts, names = others
        assert texts_of(neutral)[:2] == ["0%", "25%"] and neutral.get_title(loc="left") == "Neutral"
        rows = [text for text in texts_of(counts) if text.isdigit()]
        assert rows == ["10", "8", "0", "0", "2", "0", "1", "1", "11"]
        assert texts_of(names)[:2] == ["Sense", "Knows the plan"]


def test_an_item_worded_negatively_is_turned_round(clean):
    study, responses = clean(
        "".join(f"R_{k},0,North,Agree,Agree,{said}\n" for k, said in enumerate(["Disagree"] * 3 + ["Agree"]))
    )
    answers = lead(study, responses)
    assert bars_of(shown.draw_answers(answers, study)[0])[-1] == [(0, -25), (0, 75)]
    assert "negatively worded statements turned round" in shown.explain_answers(answers, study)
    assert "turned" not in shown.explain_answers(answers[answers["item"] == "A1"], study)
    assert shown.say_favourable(count(study, responses), study, fewest=True) == (
        "People are least favourable about “Gets in the way (negatively worded)”. 3 of 4 (75%) answered favourably."
    )


def test_a_withheld_bar_is_not_drawn_and_a_range_goes_on_paler(clean):
    study, responses = clean(repeat(Agree=30, Disagree=9, Neutral=1))
    answers = count(study, responses, 5)
    main, neutral, *_ = shown.draw_answers(answers, study)
    # A1: 30 of 40 agree, and the one who is neutral is withheld with others. A2: all 40 agree, told as 36 or more.
    assert names_of(main)[:2] == ["Knows the plan", "Sees the point"]
    assert bars_of(main) == [[(0, 90), (90, 100)], [(0, 75)]]
    assert {"90%+", "75%", "[c]"} <= set(texts_of(main)) and texts_of(neutral)[:2] == ["[c]", "[c]"]
    assert "of all who answered where that is withheld ([c])" in shown.explain_answers(answers, study)
    assert "Sense 75% to 90% or more" in shown.describe_answers(answers, study)


SCALES = {
    "four points without a middle": [("Never", "No"), ("Rarely", "No"), ("Often", "Yes"), ("Always", "Yes")],
    "seven points, each its own band": [(name, name) for name in "abcdefg"],
    "two": [("No", "No"), ("Yes", "Yes")],
}


@pytest.mark.parametrize("scale", SCALES.values(), ids=SCALES)
@pytest.mark.parametrize("draw_narrow", [False, True])
def test_every_scale_in_words_is_drawn_with_its_sides_and_a_middle_if_it_has_one(ask, scale, draw_narrow):
    style.use_style(draw_narrow)
    study, responses = ask(scale, {"A1": [label for label, _ in scale], "A2": [scale[-1][0]] * len(scale)})
    sides = len(scale) // 2
    for answers in (lead(study, responses), count(study, responses)):
        main, *others = shown.draw_answers(answers, study)
        assert len(others) == (0 if draw_narrow else 2 + len(scale) % 2)
        left, right = ([bar for bar in bars_of(main)[1] if np.sign(sum(bar)) == side] for side in (-1, 1))
        for bars in (left, right):
            assert max(abs(end) for bar in bars for end in bar) == pytest.approx(100 * sides / len(scale))
        named = [text.get_text() for text in main.figure.legends[0].get_texts()]
        assert set(named) == {part for pair in scale for part in pair} - {"d"} if scale[0][0] == "a" else named
    assert "people to" not in shown.explain_answers(answers, study)


def test_on_a_scale_of_numbers_each_is_counted_and_no_side_is_called_favourable(ask):
    scale = [(str(point), "0 to 5" if point < 6 else "6 to 10") for point in range(11)]
    study, responses = ask(scale, {"A1": ["7", "8", "8", "10", ""], "B1": ["0", "5", "5", "6", "6"]}, reversed_items=["B1"])
    answers = lead(study, responses)
    main, counts, _ = shown.draw_answers(answers, study)
    assert [text for text in texts_of(main) if text] == ["1", "2", "1", "1", "2", "2"]
    assert main.collections[-1].get_offsets()[:, 0].tolist() == [8, 5]
    assert {"8.0", "5.0", "4", "5", "Median"} <= set(texts_of(counts))
    assert shown.title_answers(answers, study) == "Middle answers lie between 5.0 and 8.0, on a scale from 0 to 10"
    bands = count(study, responses)
    assert shown.title_answers(bands, study) == "40% to 100% of people chose 6 to 10, on a scale from 0 to 10"
    assert bars_of(shown.draw_answers(bands, study)[0]) == [[(0, 100)], [(0, -60), (0, 40)]]
    said = shown.explain_answers(bands, study) + shown.describe_answers(bands, study) + shown.describe_answers(answers, study)
    assert "favourabl" not in said and "turned" not in said
    assert shown.say_favourable(bands, study) == ""
    assert shown.order_items(study)["item"].tolist() == ["A1", "B1"]


def test_single_points_lead_unless_they_are_made_up(clean, project):
    study, responses = clean(repeat(Agree=3))
    counts = distributions.count_responses(responses, study.codebook, study.scales)
    bands = distributions.count_bands(responses, study.codebook, study.scales)
    items = distributions.describe_items(responses, study.codebook)
    first, second = shown.choose_answers(counts, bands, items, study)
    assert (shown.name_points(first), shown.choose_basis(first), shown.name_points(second)) == ("response", "joint", "band")
    path = project / "data" / "tiny" / "study.yml"
    path.write_text(path.read_text().replace("  groupings:", "  simulated: {banner: b, margins: m, joint: j}\n  groupings:"))
    first, second = shown.choose_answers(counts, bands, items, reading.read_study("tiny"))
    assert (shown.name_points(first), shown.choose_basis(first), shown.name_points(second)) == ("band", "bands", "response")
    # A median rests on single points.
    assert "median" not in first and "missing" in first


def test_items_in_words_come_before_those_on_numbers(ask):
    study, _ = ask([("0", "low"), ("1", "high")], {"A1": ["0"]})
    assert shown.is_numbered(study.scales["agree"])
    study, _ = ask(SCALES["two"], {"A1": ["No"]})
    assert not shown.is_numbered(study.scales["agree"])


# --- sentences on answers


@pytest.mark.parametrize(
    ("answers", "most", "fewest"),
    [
        ({"A1": ["Yes", "No"], "A2": ["Yes", "Yes"]},
         "most favourable about “Statement A2”. 2 of 2 (100%) answered favourably.",
         "least favourable about “Statement A1”. 1 of 2 (50%) answered favourably."),
        ({"A1": ["Yes", "No"], "A2": ["No", "No"]}, "most favourable about “Statement A1”. 1 of 2 (50%) answered favourably.",
         "least favourable about “Statement A2”. 0 of 2 (0%) answered favourably."),
        ({f"A{k}": ["Yes"] for k in range(5)} | {"B1": ["No"]},
         "most favourable about “Statement A0”, “Statement A1” and 3 more. 1 of 1 (100%) answered each favourably.",
         "least favourable about “Statement B1”. 0 of 1 (0%) answered favourably."),
        ({"A1": ["Yes", "No", ""], "A2": ["Yes", "No", ""], "A3": ["Yes", "Yes", "No"]},
         "most favourable about “Statement A3”. 2 of 3 (67%) answered favourably.",
         "least favourable about “Statement A1” and “Statement A2”. 1 of 2 (50%) answered each favourably."),
        ({"A1": ["Yes", "No", "", ""], "A2": ["Yes", "No", "Yes", "No"], "A3": ["Yes"] * 4},
         "most favourable about “Statement A3”. 4 of 4 (100%) answered favourably.",
         "least favourable about “Statement A1” and “Statement A2”. 50% of people answered each favourably."),
        ({"A1": ["Yes", "No", "No"]}, "1 of 3 (33%) answered “Statement A1” favourably.", ""),
        ({"A1": ["No"]}, "0 of 1 (0%) answered “Statement A1” favourably.", ""),
        ({"A1": ["No"] * 3, "A2": ["No"] * 3}, "Nobody answered any of 2 statements favourably. 3 people answered.", ""),
        ({"A1": ["Yes"], "A2": ["Yes"]},
         "People are equally favourable about 2 statements. 1 of 1 (100%) answered each favourably.", ""),
    ],
)  # fmt: skip
def test_the_statements_with_most_and_fewest_favourable_answers_are_named_with_ties(ask, answers, most, fewest):
    study, responses = ask(SCALES["two"], answers)
    for bands in (count(study, responses), lead(study, responses)):
        said = [shown.say_favourable(bands, study, fewest=end) for end in (False, True)]
        assert [text.removeprefix("People are ") for text in said] == [most.removeprefix("People are "), fewest]


def test_items_of_which_nearly_all_answers_are_favourable_are_not_told_apart_for_a_funder(ask):
    nearly = ["Yes"] * 19 + ["No"]
    study, responses = ask(
        SCALES["two"], {"A1": ["Yes"] * 20, "A2": nearly, "A3": ["Yes"] * 12 + ["No"] * 8, "A4": [""] * 17 + ["No"] * 3}
    )
    bands = count(study, responses, 5)
    assert shown.say_favourable(bands, study) == (
        "Of the 3 statements that can be shown, people are most favourable about “Statement A1” and “Statement A2”. 16 to 20 "
        "of 20 (80% or more) answered each favourably."
    )
    assert shown.say_favourable(bands, study, fewest=True).endswith("“Statement A3”. 12 of 20 (60%) answered favourably.")
    assert shown.title_answers(bands, study) == "Most people answered favourably to all 3 statements that can be shown"
    none = bands[bands["item"] == "A4"]
    assert shown.say_favourable(none, study) == "" and shown.title_answers(none, study) == "How people answered cannot be shown"


def test_an_item_told_as_a_range_is_not_ranked_against_one_within_it(ask):
    """16 to 20 of 20 can be less or more than 17 of 20; both are surely more than 6 of 20. 17 is told at a threshold of 3."""
    study, responses = ask(
        SCALES["two"], {"A1": ["Yes"] * 20, "A2": ["Yes"] * 17 + ["No"] * 3, "A3": ["Yes"] * 6 + ["No"] * 14}
    )
    bands = count(study, responses, 3)
    bands.loc[(bands["item"] == "A1") & (bands["band"] == "Yes"), "least"] = 16
    said = shown.say_favourable(bands, study)
    assert said.endswith("about “Statement A2” and “Statement A1”. 80% or more of people answered each favourably.")
    assert shown.say_favourable(bands, study, fewest=True).endswith("about “Statement A3”. 6 of 20 (30%) answered favourably.")


@pytest.mark.parametrize(
    ("answers", "title"),
    [
        ({"A1": ["Yes"], "A2": ["No"]}, "Most people answered favourably to 1 of 2 statements"),
        ({"A1": ["No"], "A2": ["No"]}, "Most people answered favourably to none of 2 statements"),
        ({"A1": ["Yes"], "A2": ["Yes"]}, "Most people answered favourably to all 2 statements"),
        ({"A1": ["Yes", "No"]}, "1 of 2 (50%) answered “Statement A1” favourably"),
    ],
)
def test_a_figure_of_answers_is_headed_by_what_it_shows(ask, answers, title):
    study, responses = ask(SCALES["two"], answers)
    assert shown.title_answers(lead(study, responses), study) == title


@pytest.mark.parametrize("people", [1, 3])
@pytest.mark.parametrize("draw_narrow", [False, True])
def test_sixty_items_few_people_and_long_labels_still_read_well(ask, people, draw_narrow):
    style.use_style(draw_narrow)
    items = {f"{letter}{k}": ["Yes"] * people for letter in "ABCD" for k in range(15)}
    study, responses = ask(SCALES["two"], items, labels={"A0": LONG.strip(), "A1": "قيمة هذه الممارسة واضحة"})
    for answers in (lead(study, responses), count(study, responses)):
        axes = shown.draw_answers(answers, study)
        home = axes[0 if draw_narrow else -1]
        # A long label is broken, and never cut.
        assert LONG.strip() in [text.replace("\n", " ") for text in texts_of(home)]
        assert len(names_of(axes[0])) == 60
        heights = [text.get_position()[1] for text in home.texts]
        assert heights == sorted(heights) or draw_narrow
        said = [say(answers, study) for say in (shown.title_answers, shown.explain_answers, shown.describe_answers)]
        said += [shown.say_favourable(answers, study, fewest=end) for end in (False, True)]
        text = " ".join(filter(None, said))
        assert not re.search(r"\b1 people|nan|\bnone\b|\b[AB]\d+\b|  ", text.replace("Statement A", "Statement "))
        assert f"{people} p" in text


def aside(*numerators, **columns):
    rows = pd.DataFrame({"item": ["A1", "A2"], "numerator": numerators, "denominator": 40, "low": 1.0, "high": 9.0})
    return rows.assign(typical=5.0, typical_most=5.0, stands_out="").assign(**columns)


def test_items_called_not_relevant_are_counted_and_the_most_often_named(project):
    study = reading.read_study("tiny")
    assert shown.say_not_relevant(aside(0, 0), study) == "Nobody called any statement not relevant."
    assert shown.say_not_relevant(aside(0, 0, denominator=0), study) == ""
    assert shown.say_not_relevant(aside(0, 4), study) == (
        "No statement clearly stands out as not relevant. The highest count is for “Knows the plan”, 4 of 40 (10%). At least "
        "one person called 1 of the 2 statements not relevant."
    )
    assert "The highest count is for “Sees the point” and “Knows the plan”, 4 of 40 (10%) each. At least one" in (
        shown.say_not_relevant(aside(4, 4), study)
    )
    assert shown.say_not_relevant(aside(np.nan, 10), study) == (
        "Most often called not relevant, as far as we may say: “Knows the plan”, 10 of 40 (25%). How many people called a "
        "statement not relevant is withheld for 1 of 2 statements."
    )
    assert shown.say_not_relevant(aside(np.nan, 0), study) == (
        "How many people called a statement not relevant is withheld for 1 of 2 statements."
    )
    assert shown.say_not_relevant(aside(4, 0)[:1], study).endswith("At least one person called 1 of 1 statement not relevant.")


def test_items_that_stand_out_as_not_relevant_are_named_and_not_those_that_stand_out_as_relevant(project):
    study = reading.read_study("tiny")
    assert shown.say_not_relevant(aside(1, 10, stands_out=["below", "above"], typical_most=14.0), study) == (
        "“Knows the plan” stands out as not relevant: 10 of 40 (25%) said so, compared with 5% to 14% over all statements. At "
        "least one person called 2 of the 2 statements not relevant."
    )
    said = shown.say_not_relevant(aside(9, 10, stands_out="above"), study)
    assert said.startswith(
        "“Sees the point” and “Knows the plan” stand out as not relevant: 9 of 40 (23%) and 10 of 40 (25%) said"
    )


# --- construct scores


def test_medians_are_said_of_people_and_means_where_these_are_told(project):
    study = reading.read_study("tiny")
    scores = pd.DataFrame({"construct": ["sense", "sense", "work"], "score": [1.0, 2.0, np.nan]})
    assert shown.title_scores(scores, study) == "Median scores are 1.50, on a scale from 1 to 3"
    assert shown.describe_scores(scores, study).endswith("3. Sense 1.50 (n = 2).")
    assert shown.title_scores(scores[2:], study) == "No scores can be shown"
    means = pd.DataFrame({"construct": ["sense", "work"], "mean": [1.25, np.nan]})
    assert shown.describe_scores(means, study) == "Mean scores are 1.25, on a scale from 1 to 3. Sense 1.25."
    means = means.assign(mean=[1.25, 2], low=1, high=2)
    assert shown.title_scores(means, study) == "Mean scores lie between 1.25 and 2.00, on a scale from 1 to 3"
    assert "95% interval" in shown.explain_scores(means, study)


@pytest.mark.parametrize("draw_narrow", [False, True])
def test_people_with_one_score_are_one_dot_and_means_are_drawn_where_these_are_told(project, draw_narrow):
    path = project / "data" / "tiny" / "study.yml"
    path.write_text(path.read_text().replace("{label: Sense}", "{label: Sense, gist: making sense of it}"))
    style.use_style(draw_narrow)
    study = reading.read_study("tiny")
    scores = pd.DataFrame({"construct": ["sense", "sense", "sense", "work"], "score": [1.0, 1.0, 2.0, np.nan]})
    axes = shown.draw_scores(scores, study)
    assert names_of(axes[0]) == ["Sense: making sense of it", "Work"]
    dots, medians = (part.get_offsets()[:, 0].tolist() for part in axes[0].collections)
    assert dots == [1, 2] and medians == [1]
    texts = texts_of(axes[0 if draw_narrow else 1])
    assert "median 1.00 · n 3" in texts if draw_narrow else {"1.00", "3", "0"} <= set(texts)
    axes = shown.draw_scores(pd.DataFrame({"construct": ["sense", "work"], "mean": [1.25, np.nan]}), study)
    assert axes[0].collections[0].get_offsets()[:, 0].tolist() == [1.25, None]
    assert "[c]" in " ".join(texts_of(axes[0 if draw_narrow else 1]))


def test_it_is_said_which_choice_moves_a_mean_most_and_what_the_rules_for_answers_left_out_do(project):
    study = reading.read_study("tiny")
    variants = pd.DataFrame({
        "construct": ["sense", "sense", "work", "sense", "work"],
        "choice": ["as reported", "left out", "left out", "left out", "negative item"],
        "variant": ["as reported", scoring.PLAIN_MEAN, scoring.PLAIN_MEAN, scoring.COMPLETE_ONLY, "left out"],
        "difference": [0, 0.01, -0.02, 0.1, -0.3],
    })  # fmt: skip
    assert shown.say_variants(variants, study) == (
        "The choice that matters most is “negative item: left out”: it would change the mean of Work by −0.30 points. Other "
        "rules for answers left out would change no mean by more than 0.10 points."
    )
    assert shown.say_variants(variants[:1], study) == ""
    assert shown.say_variants(variants.assign(difference=0.001), study) == "No other way of scoring would change a mean."
    still = variants.assign(difference=[0, 0.001, 0, 0.001, -0.3])
    assert shown.say_variants(still, study).endswith("Other rules for answers left out would change no mean.")
    # Where nobody answered every item there is no mean of those who did.
    assert shown.say_variants(variants[[True, False, False, False, True]], study).endswith("by −0.30 points.")
