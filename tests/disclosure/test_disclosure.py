"""What may be told: small counts, what gives them away, and a reader who tries to work them out."""

from pathlib import Path
from types import SimpleNamespace

import attacker
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.disclosure import interviews
from helpers.disclosure.people import pool_people
from helpers.disclosure.rules import describe_rules
from helpers.disclosure.scores import protect_means, tell_means
from helpers.disclosure.survey import protect_bands, tell_bands
from helpers.disclosure.told import Told, tell_finer
from helpers.interviews import texts
from helpers.interviews.themes import ALL_PARTICIPANTS, count_themes
from helpers.page.tables import write_ratio
from helpers.study import definition, reading, terms
from helpers.survey import distributions, pooling, scoring

# --- the survey -------------------------------------------------------------------------------------------------------

DEFINITION = {
    "title": "A made-up study", "practice": "a made-up practice", "about": "Made up for a test.",
    "scales": {
        "agree": {
            "responses": [
                {"label": "Strongly disagree", "value": 1, "band": "Disagree"},
                {"label": "Disagree", "value": 2, "band": "Disagree"},
                {"label": "Neither", "value": 3, "band": "Neutral"},
                {"label": "Agree", "value": 4, "band": "Agree"},
                {"label": "Strongly agree", "value": 5, "band": "Agree"},
            ],
            "not_relevant": [{"label": "Not relevant to my role", "kind": "role"}],
        },
        "yes": {"responses": [{"label": "No", "value": 0, "band": "No"}, {"label": "Yes", "value": 1, "band": "Yes"}]},
    },
    "constructs": {"sense": {"label": "Sense"}, "work": {"label": "Work"}},
}  # fmt: skip


def make_study(items: int = 3, scale: str = "agree") -> definition.Study:
    """`items` items of each construct, the last one of each worded negatively."""
    rows = [
        (f"{key[0].upper()}{i}", "x", "x", key, scale, i == items - 1 and items > 1, f"Item {i}")
        for key in ("sense", "work")
        for i in range(items)
    ]
    codebook = pd.DataFrame(rows, columns=reading.CODEBOOK_COLUMNS)
    return definition.Study("made-up", Path("made-up"), definition.Definition.model_validate(DEFINITION), codebook)


def answer(made: definition.Study, chosen: np.ndarray) -> pd.DataFrame:
    """Responses from numbers: points (0 the lowest), −1 not relevant, −2 missing. Rows are respondents, columns are items."""
    rows = []
    for (person, place), point in np.ndenumerate(chosen):
        item = made.codebook["item"].iloc[place]
        scale = made.scale_of(item)
        response = scale.responses[point] if point >= 0 else None
        status = terms.ANSWERED if response else [terms.MISSING, terms.NOT_RELEVANT["role"]][point]
        rows.append((f"R{person}", item, response and response.label, response.value if response else np.nan, status))
    return pd.DataFrame(rows, columns=["respondent", "item", "response", "value", "status"])


def count(made: definition.Study, responses: pd.DataFrame) -> pd.DataFrame:
    return distributions.count_bands(responses, made.codebook, made.scales)


def band_item(made: definition.Study, numbers: dict[int, int]) -> pd.DataFrame:
    """Bands of a study whose first item has these numbers of answers by point; of its other items nobody answers any."""
    column = np.repeat(list(numbers), list(numbers.values()))
    chosen = np.full((len(column), len(made.codebook)), -2)
    chosen[:, 0] = column
    bands = count(made, answer(made, chosen))
    return bands[bands["item"] == made.codebook["item"].iloc[0]]


def tell(bands: pd.DataFrame, threshold: int = 5) -> dict[str, str]:
    protected = protect_bands(bands, threshold)
    return dict(zip(protected["band"], show_cells(protected), strict=True))


def show_cells(protected: pd.DataFrame) -> list[str]:
    cells = [write_ratio(row, True) for row in protected.to_dict("records")]
    return ["[c]" if cell == "[none]" else cell for cell in cells]


def test_nearly_all_is_the_same_range_whether_it_is_all_or_four_fewer():
    made = make_study()
    shown = {"Disagree": "[c]", "Neutral": "[c]", "Agree": "36 to 40 (90% or more)", "Not relevant": "[c]"}
    assert tell(band_item(made, {4: 40})) == tell(band_item(made, {4: 30, 3: 6, 2: 1, 0: 2, -1: 1})) == shown


def test_the_percentage_of_a_range_is_rounded_down():
    # 25 of 29 are 86.2%; 19 of 23 are 82.6%, of which "83% or more" would not be true.
    assert tell(band_item(make_study(), {4: 23}))["Agree"] == "19 to 23 (82% or more)"


def test_a_band_five_short_of_all_is_told_and_four_short_is_not():
    told = tell(band_item(make_study(), {4: 35, 2: 5}))
    assert told["Agree"].startswith("35 (88%") and told["Neutral"].startswith("5 (13%") and told["Disagree"].startswith("0 (")
    assert tell(band_item(make_study(), {4: 36, 2: 4}))["Agree"] == "36 to 40 (90% or more)"


def test_with_fewer_than_twice_the_threshold_no_range_is_given():
    assert tell(band_item(make_study(), {4: 9})) == {
        "Disagree": "[c]", "Neutral": "0 (0%; 0 to 30)", "Agree": "[c]", "Not relevant": "0 (0%; 0 to 30)",
    }  # fmt: skip


def test_of_an_item_that_few_answered_nothing_is_told_not_even_how_many():
    protected = protect_bands(band_item(make_study(), {4: 4}), 5)
    figures = [name for name in protected if name.endswith(("_answered", "_relevant"))]
    assert protected[["numerator", "least", "most", *figures]].isna().all(axis=None)
    told = protect_bands(band_item(make_study(), {4: 5}), 5)
    assert told["denominator"].eq(5).all()


def test_whom_an_item_concerns_is_told_only_with_the_number_whom_it_does_not():
    few = protect_bands(band_item(make_study(), {4: 20, 2: 10, -1: 2}), 5)
    relevant = [name for name in few if name.endswith("_relevant")]
    assert few[relevant].isna().all(axis=None)
    assert few.loc[few["band"] == "Agree", "numerator"].to_list() == [20]
    many = protect_bands(band_item(make_study(), {4: 20, 2: 10, -1: 6}), 5)
    assert many["denominator_relevant"].eq(30).all()
    assert many.loc[many["band"] == "Agree", "share_relevant"].iloc[0] == pytest.approx(200 / 3)


def test_every_figure_of_a_withheld_count_is_missing():
    protected = protect_bands(band_item(make_study(), {4: 30, 2: 2, 0: 5}), 5).set_index("band")
    figures = ["numerator", "share", "low", "high", "least", "most"]
    assert protected.loc[["Neutral"], figures].isna().all(axis=None)


def test_without_a_threshold_bands_are_told_as_they_are():
    bands = band_item(make_study(), {4: 1, 2: 1})
    told = protect_bands(bands, 0)
    pd.testing.assert_frame_equal(told.drop(columns=["least", "most"]), bands)
    assert told["least"].equals(bands["numerator"].astype(float)) and told["most"].equals(told["least"])


def test_the_team_is_told_the_bands_themselves_and_nothing_counts_as_withheld():
    bands = band_item(make_study(), {4: 1, -1: 1})
    told = tell_bands(bands, 0)
    pd.testing.assert_frame_equal(told.frame, bands)
    assert not told.withheld.any(axis=None) and told.note == ""


def test_a_withheld_cell_is_marked_and_one_that_is_not_defined_is_not():
    # 30 and 15 agree and disagree, 5 say not relevant: all is told, and "not relevant" has no share of the relevant.
    told = tell_bands(band_item(make_study(), {4: 30, 0: 15, -1: 5}), 5)
    aside = told.frame["band"].eq("Not relevant")
    assert told.frame.loc[aside, ["share_relevant", "low_relevant"]].isna().all(axis=None)
    assert not told.withheld.any(axis=None)
    # 2 of 37 are neutral, so that one more band must be withheld; how many answered is told.
    told = tell_bands(band_item(make_study(), {4: 30, 2: 2, 0: 5}), 5)
    marked = told.withheld.assign(band=told.frame["band"]).set_index("band")
    assert marked.loc["Neutral", ["numerator", "share", "low", "least", "most"]].all()
    assert not marked["denominator"].any() and not marked.loc["Agree", ["numerator", "share", "low", "high"]].any()
    assert told.threshold == 5 and "fewer than 5 people" in told.note


def test_of_a_range_the_count_is_withheld_and_its_ends_are_told():
    told = tell_bands(band_item(make_study(), {4: 38, 0: 2}), 5)
    agree = told.frame["band"].eq("Agree")
    assert told.frame.loc[agree, ["least", "most"]].to_numpy().tolist() == [[36, 40]]
    assert told.withheld.loc[agree, ["numerator", "share", "low", "high"]].all(axis=None)
    assert not told.withheld.loc[agree, ["least", "most", "denominator"]].any(axis=None)


def test_an_item_that_nobody_answered_reads_like_one_that_four_did():
    nobody, few = (tell_bands(band_item(make_study(), answers), 5) for answers in ({-2: 20}, {4: 4, -2: 16}))
    assert print_told(nobody).equals(print_told(few))


def test_the_finer_of_two_frames_is_for_those_from_whom_nothing_is_withheld():
    bands = band_item(make_study(), {4: 30, 0: 15})
    finer = pd.DataFrame({"response": ["Agree"]})
    assert tell_finer(finer, tell_bands(bands, 0)).frame is finer
    told = tell_bands(bands, 5)
    assert tell_finer(finer, told) is told


def print_told(told: Told) -> pd.DataFrame:
    """A table as its file has it: text, with the mark of what is withheld."""
    cells = told.frame.map(lambda value: "" if pd.isna(value) else f"{value:.10g}" if isinstance(value, float) else str(value))
    return cells.mask(told.withheld, terms.WITHHELD)


def print_survey(made: definition.Study, responses: pd.DataFrame, threshold: int) -> dict[str, pd.DataFrame]:
    """The tables of a package about the survey, as text."""
    bands = count(made, responses)
    described = scoring.describe_scores(scoring.score_constructs(responses, made.codebook, made.scales), made)
    counts = distributions.count_responses(responses, made.codebook, made.scales)
    means = protect_means(described, counts, protect_bands(bands, threshold), made, threshold)
    told = {
        "02_bands": tell_bands(bands, threshold),
        "02_scores": tell_means(means, threshold),
    }
    return {name: print_told(table) for name, table in told.items()}


def attack(tables: dict[str, pd.DataFrame], made: definition.Study, responses: pd.DataFrame) -> pd.DataFrame:
    scores = scoring.score_constructs(responses, made.codebook, made.scales)
    return attacker.attack_items(tables, made, 5, responses, scores)


SHAPES = {
    "favourable": [0.01, 0.01, 0.03, 0.1, 0.35, 0.5], "divided": [0.05, 0.25, 0.2, 0.1, 0.2, 0.2],
    "rare": [0.02, 0.01, 0.0, 0.95, 0.01, 0.01], "all at the top": [0, 0, 0, 0, 0, 1],
    "one step off": [0, 0.01, 0.0, 0.0, 0.01, 0.98],
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("people", "items"), [(9, 1), (12, 2), (41, 3)])
def test_no_attack_on_the_printed_survey_pins_a_withheld_count(shape, people, items):
    made, random = make_study(items), np.random.default_rng(people + items)
    chosen = random.choice([-1, 0, 1, 2, 3, 4], (people, 2 * items), p=SHAPES[shape])
    if items > 1:
        chosen[:, items - 1 :: items] = np.where(chosen[:, items - 1 :: items] < 0, -1, 4 - chosen[:, items - 1 :: items])
    chosen = np.where(random.random(chosen.shape) < 0.03, -2, chosen)
    responses = answer(made, chosen)
    found = attack(print_survey(made, responses, 5), made, responses)
    assert len(found) and (found["values"] >= 5).all()


def test_the_attacker_finds_what_a_mean_at_the_end_of_the_scale_gives_away():
    # The same tables with the mean that `protect_means` withholds: everybody chose the top, and the attacker says so.
    made = make_study()
    chosen = np.full((40, 6), 4)
    chosen[:, [2, 5]] = 0
    responses = answer(made, chosen)
    tables = print_survey(made, responses, 5)
    assert tables["02_scores"]["mean"].eq("[c]").all()
    tables["02_scores"] = tables["02_scores"].assign(mean="5")
    found = attack(tables, made, responses).set_index(["item", "band"])
    assert found.loc[("S0", "Agree"), ["low", "high"]].to_list() == [40, 40]


FIGURES = ["numerator", "least", "most", "share", "low", "high", "share_relevant", "low_relevant", "high_relevant"]


@pytest.mark.parametrize("left", [[], ["share"], ["low"], ["high_relevant"]])
def test_the_attacker_finds_a_count_left_alone_or_told_by_its_percentage_or_interval(left):
    made = make_study()
    responses = answer(made, np.tile(np.repeat([4, 2, 0], [30, 9, 6])[:, None], (1, 6)))
    tables = print_survey(made, responses, 5)
    bands = tables["02_bands"]
    here = bands["item"].eq("S0") & bands["band"].isin(["Neutral", "Agree"] if left else ["Neutral"])
    assert bands.loc[here, "numerator"].tolist() == ["9", "30"][: here.sum()]
    bands.loc[here, [name for name in FIGURES if name not in left]] = "[c]"
    found = attack(tables, made, responses).set_index(["item", "band"])
    assert found.loc[("S0", "Neutral"), ["low", "high", "values"]].to_list() == [9, 9, 1]


def test_the_attacker_finds_those_to_whom_an_item_is_not_relevant_from_those_to_whom_it_is():
    made = make_study()
    responses = answer(made, np.tile(np.repeat([4, 2, 0, -1], [20, 9, 6, 5])[:, None], (1, 6)))
    tables = print_survey(made, responses, 5)
    bands = tables["02_bands"]
    bands.loc[bands["item"].eq("S0") & bands["band"].ne("Agree"), FIGURES] = "[c]"
    assert set(bands.loc[bands["item"].eq("S0"), "denominator_relevant"]) == {"35"}
    found = attack(tables, made, responses).set_index(["item", "band"])
    assert found.loc[("S0", "Not relevant"), ["low", "high"]].to_list() == [5, 5]


def means(made: definition.Study, responses: pd.DataFrame, threshold: int = 5) -> pd.DataFrame:
    protected = protect_bands(count(made, responses), threshold)
    described = scoring.describe_scores(scoring.score_constructs(responses, made.codebook, made.scales), made)
    counts = distributions.count_responses(responses, made.codebook, made.scales)
    return protect_means(described, counts, protected, made, threshold).set_index("construct")


def test_a_mean_over_counts_with_room_is_told_without_number_median_and_quartiles():
    chosen = np.random.default_rng(1).integers(0, 5, (40, 6))
    told = means(make_study(), answer(make_study(), chosen))
    assert list(told) == ["mean", "low", "high"] and told.notna().all(axis=None)


def test_the_mean_of_a_two_point_item_is_withheld_since_it_is_a_count():
    made = make_study(1, "yes")
    chosen = np.repeat([[1, 1], [0, 0]], [38, 2], axis=0)
    chosen[:12, 1] = 0
    told = means(made, answer(made, chosen))
    assert pd.isna(told.loc["sense", "mean"])
    # A single item's mean tells how its bands divide into points, so it is withheld though its bands are told.
    assert pd.isna(told.loc["work", "mean"])


def test_the_mean_of_items_worded_both_ways_is_judged_with_the_negative_ones_turned_round():
    # 1 of 40 says yes to the first item and 39 to the last, which is turned round: as many as say yes to the first more would
    # have to say yes to the last more, of whom there can be one more at most. The one in between is divided in halves.
    made = make_study(3, "yes")
    chosen = np.zeros((40, 6), int)
    chosen[0, 0] = chosen[1:, 2] = chosen[:20, 1] = chosen[:20, 3:] = 1
    assert pd.isna(means(made, answer(made, chosen)).loc["sense", "mean"])
    # Where 1 says yes to the last as well, both numbers could be up to 4.
    chosen[2:, 2] = 0
    assert means(made, answer(made, chosen)).loc["sense", "mean"] == pytest.approx((1 + 20 + 39) / 120)


def test_the_mean_of_items_that_not_equally_many_answered_is_judged_by_what_each_answer_counts():
    # As above, both numbers could be up to 4; but half of the people leave out the last item, so that each yes to it counts
    # for two to the first: with 0 to 4 of them, the first can have 1 or 3, if the mean is told exactly enough.
    made = make_study(3, "yes")
    chosen = np.zeros((40, 6), int)
    chosen[0, 0] = chosen[1, 2] = chosen[:20, 1] = chosen[:20, 3:] = 1
    chosen[20:, 2] = -2
    responses = answer(made, chosen)
    assert pd.isna(means(made, responses).loc["sense", "mean"])
    tables, scores = print_survey(made, responses, 5), scoring.score_constructs(responses, made.codebook, made.scales)
    mean = scores.groupby("construct")["score"].mean()["sense"]
    tables["02_scores"].loc[tables["02_scores"]["construct"] == "sense", "mean"] = f"{mean:.4f}"
    assert attack(tables, made, responses).set_index(["item", "band"]).loc["S0", "values"].tolist() == [2, 2]


def test_an_interval_is_told_only_where_every_count_of_the_items_is():
    made = make_study(2)
    open_answers = np.repeat([[0, 2, 4, 2], [4, 0, 2, 4], [2, 4, 0, 0]], 12, axis=0)
    told = means(made, answer(made, open_answers))
    assert told["low"].notna().all()
    open_answers[:3, 0] = 2
    open_answers[12:, 0] = np.repeat([4, 0], 12)
    told = means(made, answer(made, open_answers))
    hidden = told.loc["sense"]
    assert pd.isna(hidden["low"]) and told.loc["work", "low"] < told.loc["work", "mean"]


def test_a_mean_rests_on_no_fewer_people_than_the_threshold():
    chosen = np.full((40, 6), 2)
    chosen[4:, :3] = -1
    told = means(make_study(), answer(make_study(), chosen))
    assert "n" not in told and pd.isna(told.loc["sense", "mean"]) and told.loc["work", "mean"] == 3


def test_an_interval_without_width_is_withheld_since_all_scores_are_the_same():
    told = means(make_study(), answer(make_study(), np.full((40, 6), 2)))
    assert told["low"].isna().all() and told["high"].isna().all()


# --- the interviews ---------------------------------------------------------------------------------------------------


def code(pairs: dict[tuple[str, str], str]) -> pd.DataFrame:
    """Segments from (theme, construct) and the participants, a letter each."""
    rows = [(person, theme, construct) for (theme, construct), people in pairs.items() for person in people]
    return pd.DataFrame(rows, columns=["participant", "theme", "construct"])


def print_sets(told: pd.DataFrame, of: int) -> dict[str, pd.DataFrame]:
    cells = told.assign(numerator=told["numerator"].astype(object).fillna("[c]").astype(str), denominator=str(of))
    theme, construct = (cells[cells["by"] == name].rename(columns={"name": name}) for name in ("theme", "construct"))
    return {"04_themes_data": theme, "05_joint": construct}


def attack_linked(segments: pd.DataFrame, of: int, told: pd.DataFrame, threshold: int) -> pd.DataFrame:
    counts = {
        name: segments.loc[segments[by] == name, "participant"].nunique()
        for by, name in zip(told["by"], told["name"], strict=True)
    }
    further = {name for name, number in counts.items() if number >= threshold}
    found = attacker.attack_sets(print_sets(told, of), segments[["theme", "construct"]].drop_duplicates(), threshold, further)
    return found[~found["name"].isin(further)].set_index("name")


def test_a_small_theme_is_pinned_by_a_construct_with_the_same_code_unless_that_is_withheld_too():
    # Theme t has 4 people and one code, of construct c, which also has a code of theme u: c has 9 people, u has 5. So t has
    # at least 4 of them. Withholding t alone would tell that it has exactly 4.
    segments = code({("t", "c"): "abcd", ("u", "c"): "efghi"})
    alone = pd.DataFrame({"by": ["theme", "theme", "construct"], "name": list("tuc"), "numerator": [np.nan, 5, 9]})
    pinned = attack_linked(segments, 12, alone, 5)
    assert pinned.loc["t", ["low", "high", "values"]].to_list() == [4, 4, 1]
    told = interviews.protect_linked(segments, 12, 5)
    assert told["numerator"].isna().to_list() == [True, False, True]
    assert attack_linked(segments, 12, told, 5).loc["t", "values"] == 4


def test_a_small_theme_that_other_codes_can_hide_is_withheld_alone():
    segments = code({("t", "c"): "abcd", ("t", "d"): "a", ("u", "c"): "abcdefgh", ("u", "d"): "efghi"})
    assert interviews.protect_linked(segments, 12, 5).set_index("name")["numerator"].isna().to_dict() == {
        "t": True, "u": False, "c": False, "d": False,
    }  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_no_attack_on_themes_and_constructs_pins_a_small_count(seed):
    random = np.random.default_rng(seed)
    pairs = {(f"t{random.integers(3)}", f"c{random.integers(3)}"): None for _ in range(random.integers(2, 7))}
    people = "abcdefghijkl"
    segments = code({pair: "".join(random.choice(list(people), random.integers(1, 9), replace=False)) for pair in pairs})
    told = interviews.protect_linked(segments, 12, 4)
    found = attack_linked(segments, 12, told, 4)
    assert (found["values"] == 3).all()


def test_where_few_took_part_no_count_of_participants_is_told():
    segments = code({("t", "c"): "abc"}).assign(segment="s")
    counts = count_themes(segments, pd.DataFrame({"participant": list("abcd")}))
    assert interviews.tell_sets(counts, "theme", segments, 5).frame[["numerator", "denominator"]].isna().all(axis=None)


def test_a_table_of_themes_withholds_what_the_table_of_constructs_would_give_away_and_the_other_way_round():
    segments = code({("t", "c"): "abcd", ("u", "c"): "efghi"}).assign(segment=range(9))
    people = pd.DataFrame({"participant": list("abcdefghijkl")})
    told = {
        by: interviews.tell_sets(count_themes(segments, people, by), by, segments, 5).frame["numerator"].isna().to_list()
        for by in ("theme", "construct")
    }
    assert told == {"theme": [True, False], "construct": [True]}


def test_that_nobody_was_coded_for_something_is_told():
    segments = code({("t", "c"): "abcdef"})
    counts = pd.DataFrame({"construct": ["c", "d"], "numerator": [6, 0], "denominator": 12, "segments": [9, 0]})
    assert interviews.tell_sets(counts, "construct", segments, 5).frame["numerator"].to_list() == [6, 0]


def crossing(rows: dict[str, list[int]], of: list[int]) -> pd.DataFrame:
    """As `themes.cross_themes` gives it: themes by groups A, B …, the last figure everybody."""
    names = [*"ABCDEFGH"[: len(of) - 1], ALL_PARTICIPANTS]
    parts = [
        pd.DataFrame({"theme": t, "group": names, "numerator": n, "denominator": of, "segments": 9}) for t, n in rows.items()
    ]
    return pd.concat(parts, ignore_index=True)


def hide(counts: pd.DataFrame, **options) -> dict[str, list[str]]:
    told = interviews.protect_crossing(counts, 5, **options)
    return {theme: row.loc[row["numerator"].isna(), "group"].to_list() for theme, row in told.groupby("theme")}


def test_rows_of_a_crossing_are_protected_one_by_one_and_a_small_total_tells_nothing():
    counts = crossing({"t": [2, 6, 8, 16], "u": [5, 6, 7, 18], "v": [1, 2, 0, 3]}, [9, 9, 9, 27])
    assert hide(counts) == {"t": ["A", "B"], "u": [], "v": ["A", "B", "C", ALL_PARTICIPANTS]}
    assert hide(counts, withheld=["u"])["u"] == ["A", "B", "C", ALL_PARTICIPANTS]


def test_sizes_of_groups_bound_what_can_be_hidden():
    # With B, 6 of 7, A could be 0 to 7; and so could B rise by no more than one. With C, 5 of 9, A could be 0 to 6.
    counts = crossing({"t": [1, 6, 5, 12]}, [9, 7, 9, 25])
    assert hide(counts)["t"] == ["A", "C"]


def test_a_group_of_whom_everybody_has_the_theme_is_withheld():
    assert "A" in hide(crossing({"t": [9, 5, 6, 20]}, [9, 9, 9, 27]))["t"]


def test_a_group_that_is_too_small_is_told_neither_in_numbers_nor_in_size():
    told = interviews.protect_crossing(crossing({"t": [0, 5, 6, 11]}, [3, 9, 9, 21]), 5)
    assert told["denominator"].isna().to_list() == [True, False, False, False] and pd.isna(told["numerator"].iloc[0])


def test_no_attack_pins_a_cell_of_a_crossing():
    random = np.random.default_rng(5)
    of = random.integers(5, 14, 6)
    rows = {f"t{i}": [*(inside := random.binomial(of, random.random())), inside.sum()] for i in range(25)}
    counts = crossing(rows, [*of, of.sum()])
    told = interviews.protect_crossing(counts, 5)
    found = attacker.attack_crossing(told, 5)
    assert len(found) > 20 and (found["values"] >= 5).all()


# --- people and quotations --------------------------------------------------------------------------------------------


def people(levels: dict[str | None, int], ordered: bool = False) -> pd.DataFrame:
    values = [level for level, number in levels.items() for _ in range(number)]
    known = [level for level in levels if level is not None]
    return pd.DataFrame({"sector": pd.Categorical(values, known, ordered=ordered)})


def pool(levels: dict[str | None, int], merged: dict | None = None, ordered: bool = False) -> dict[str, int]:
    pooled = pool_people(people(levels, ordered), {"sector": SimpleNamespace(groups=merged or {})}, 5)["sector"]
    return pooled.value_counts(sort=False).to_dict()


def test_levels_are_merged_as_the_study_says_before_the_rest_is_pooled():
    levels = {"a": 3, "b": 3, "c": 2, "d": 4, "e": 9}
    assert pool(levels, {"a or b": ["a", "b"]}) == {"a or b": 6, "e": 9, pooling.POOLED: 6}
    assert pool({"x": 2, "y": 4, "z": 9}, ordered=True) == {"x + y": 6, "z": 9}


def test_a_column_with_too_few_people_or_a_single_group_of_several_is_missing_throughout():
    assert pool({"a": 2, "b": 1}) == pool({"a": 4}) == pool({"a": 7, "b": 2}) == {}
    assert pool({"a": 7}) == {"a": 7}


def test_a_few_people_whose_group_is_not_known_are_pooled_with_the_others():
    assert pool({"a": 9, "b": 4, None: 2}) == {"a": 9, pooling.POOLED: 6}
    assert pool({"a": 9, "b": 9, None: 6}) == {"a": 9, "b": 9}


def test_without_a_threshold_people_are_left_as_they_are():
    before = people({"a": 1, "b": 1})
    assert pool_people(before, {"sector": SimpleNamespace(groups={"all": ["a", "b"]})}, 0) is before


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 12), min_size=1, max_size=7), st.booleans(), st.integers(2, 12))
def test_no_group_is_smaller_than_the_threshold_after_pooling(sizes, ordered, threshold):
    before = people({f"g{number}": size for number, size in enumerate(sizes)}, ordered)
    after = pool_people(before, {"sector": SimpleNamespace(groups={"first": ["g0", "g1"]})}, threshold)["sector"]
    assert not after.value_counts().between(0, threshold - 1).any()
    assert after.notna().all() or after.isna().all()


PEOPLE = pd.DataFrame({"participant": list("ABCDEF"), "sector": pd.Categorical(["North"] * 5 + ["South"])})
SEGMENTS = pd.DataFrame({
    "segment": ["s1", "s2", "s3", "s4", "s5"], "participant": ["A", "A", "B", "F", "F"],
    "theme": ["t", "u", "t", "t", "u"], "code": "c",
    "text": ["I was a nurse there", "I spent nine years at it", "It helps", "It takes time", "It is worth it"],
})  # fmt: skip


def quote(approved: list[str]) -> pd.DataFrame:
    bank = texts.build_quotation_bank(SEGMENTS, PEOPLE, ["sector"])
    return interviews.choose_quotations(bank, SEGMENTS, PEOPLE, ["sector"], approved, 5)


def test_only_approved_quotations_leave_and_none_under_an_attribution_of_a_few():
    assert quote(["s3", "s4"])[["theme", "text", "attribution"]].to_numpy().tolist() == [
        ["t", "It helps", "North"], ["t", "It takes time", interviews.ANYBODY],
    ]  # fmt: skip


def test_of_quotations_that_point_at_one_person_together_the_first_is_kept():
    # Two texts of one person without details are both kept.
    assert quote(["s1", "s2", "s4", "s5"])["segment"].tolist() == ["s1", "s4", "s5"]
    assert quote(["s2"])["segment"].tolist() == ["s2"]


def test_a_withheld_theme_keeps_one_text_without_a_field_and_the_others_stand_under_no_theme():
    rows = pd.DataFrame({
        "theme": ["a"] * 2 + ["b"] * 4 + ["c"] * 4, "text": list("zyxwvuxtsr"), "attribution": ["North", "South"] * 5,
    })  # fmt: skip
    told = interviews.hide_themes(rows, ["b", "c"], 5)
    # x stands in both themes: whose it is would tie them together.
    assert told["theme"].tolist() == ["a"] * 2 + ["b", "c"] + [interviews.OTHER_THEMES] * 5
    assert told["text"].tolist() == list("zywtrsuvx") and set(told["attribution"][2:]) == {"a participant"}
    assert interviews.hide_themes(rows, ["b"], 2)["theme"].tolist() == ["a"] * 2 + ["b"] + ["c"] * 4
    assert set(interviews.hide_themes(rows, ["b", "c"], 6)["theme"]) == {"a", "b", "c"}


def test_a_withheld_theme_of_which_every_text_stands_elsewhere_too_keeps_none():
    rows = pd.DataFrame({"theme": ["a", "b"], "text": "same", "attribution": "North"})
    assert interviews.hide_themes(rows, ["b"], 5)["theme"].tolist() == ["a"]


def test_the_rules_name_the_threshold_and_the_mark():
    rules = " ".join(describe_rules(7))
    assert "1 to 6 people" in rules and "[c]" in rules and "5" not in rules
