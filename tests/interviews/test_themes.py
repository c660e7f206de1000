"""Counting and checking coded interviews: hand-worked frames, published examples, properties."""

import dataclasses
import math
from math import comb
from pathlib import Path

import krippendorff
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.interviews import coding, quotations
from helpers.interviews.agreement import compute_alpha, compute_kappa, measure_agreement, place_segments
from helpers.interviews.texts import build_quotation_bank, find_pointing_quotations, find_recurring_texts, keep_words
from helpers.interviews.themes import (
    ALL_PARTICIPANTS,
    count_new_codes,
    count_segments,
    count_themes,
    cross_themes,
    find_unused_codes,
    measure_coverage,
    pair_codes,
    trace_saturation,
)
from helpers.interviews.transcripts import read_transcripts
from helpers.study import definition, reading

PARTICIPANTS = pd.DataFrame(
    {
        "participant": ["P1", "P2", "P3", "P4"],
        "sector": pd.Categorical(["Health", "Health", "Education", None], categories=["Education", "Health", "Police"]),
    }
)
CAKE = pd.DataFrame(
    [("I1", "P1", "I do not want to go on"), ("I1", "P2", "Do you like cake?"), ("I1", "P1", "Yes I do love it")],
    columns=["source", "participant", "text"],
)
# P1 says one thing under two codes of one theme; P4 says nothing that was coded.
SEGMENTS = pd.DataFrame(
    [
        ("S1", "P1", "I1", "A", "time", "Work", "No time at all for it"),
        ("S1", "P1", "I1", "A", "support", "Work", "No time at all for it"),
        ("S2", "P1", "I1", "A", "time", "Work", "Mondays are full"),
        ("S3", "P2", "I2", "A", "time", "Work", "An hour a week"),
        ("S3", "P2", "I2", "A", "purpose", "Sense", "An hour a week"),
        ("S4", "P3", "I3", "A", "purpose", "Sense", "It saves time"),
    ],
    columns=["segment", "participant", "source", "coder", "code", "theme", "text"],
)
CODES = pd.DataFrame({"code": ["time", "support", "purpose"], "label": ["Time", "Support", "Purpose"]})


# --- counts -----------------------------------------------------------------------------------------------------------


def test_participants_come_first_and_a_segment_with_two_codes_counts_once():
    counts = count_themes(SEGMENTS, PARTICIPANTS)
    assert counts.to_numpy().tolist() == [["Work", 2, 4, 3], ["Sense", 2, 4, 2]]
    counts = count_themes(SEGMENTS, PARTICIPANTS, by="code")
    assert counts.to_numpy().tolist() == [["time", 2, 4, 3], ["support", 1, 4, 1], ["purpose", 2, 4, 2]]


def test_denominators_are_those_of_the_level_and_add_up():
    counts = count_themes(SEGMENTS, PARTICIPANTS, by=("theme", "sector"))
    assert counts.to_numpy().tolist() == [
        ["Work", "Education", 0, 1, 0],
        ["Work", "Health", 2, 2, 3],
        ["Work", "Not stated", 0, 1, 0],
        ["Sense", "Education", 1, 1, 1],
        ["Sense", "Health", 1, 2, 1],
        ["Sense", "Not stated", 0, 1, 0],
    ]


def test_segments_without_a_construct_are_left_out_of_a_count_by_construct():
    coded = SEGMENTS.assign(construct=["action", None, "action", "action", None, None])
    counts = count_themes(coded, PARTICIPANTS, by="construct")
    assert counts.to_numpy().tolist() == [["action", 2, 4, 3]]


def test_no_segments_give_no_rows_and_no_error():
    nothing = SEGMENTS.iloc[:0]
    assert count_themes(nothing, PARTICIPANTS).empty
    assert cross_themes(nothing, PARTICIPANTS, "sector", {}).empty
    assert pair_codes(nothing, CODES, "segment").empty
    assert trace_saturation(nothing, PARTICIPANTS, True, 10, 1)["codes_mean"].eq(0).all()
    assert count_segments(nothing, PARTICIPANTS, CODES).empty
    assert find_recurring_texts(nothing).empty
    assert find_pointing_quotations(nothing, PARTICIPANTS, ["sector"]).empty
    assert measure_agreement(nothing).empty


def test_merged_groups_and_totals_stand_beside_one_another():
    groups = {"Public services": ["Education", "Police"]}
    crossed = cross_themes(SEGMENTS, PARTICIPANTS, "sector", groups=groups)
    work = crossed[crossed["theme"] == "Work"]
    assert work["group"].tolist() == ["Public services", "Health", "Not stated", "All participants"]
    assert work[["numerator", "denominator", "segments"]].to_numpy().tolist() == [[0, 1, 0], [2, 2, 3], [0, 1, 0], [2, 4, 3]]
    assert crossed["theme"].tolist() == ["Work"] * 4 + ["Sense"] * 4


coded = st.lists(
    st.tuples(st.sampled_from(["P1", "P2", "P3", "P4"]), st.integers(1, 3), st.sampled_from(["a", "b", "c"])), min_size=1
).map(
    lambda rows: pd.DataFrame(
        [(f"{person}-{number}", person, code, "X" if code == "a" else "Y") for person, number, code in rows],
        columns=["segment", "participant", "code", "theme"],
    )
)


@settings(max_examples=10, deadline=None)
@given(coded, st.randoms(use_true_random=False))
def test_counts_do_not_depend_on_the_order_of_rows_nor_on_repeated_rows(segments, random):
    order = list(range(len(segments))) * 2
    random.shuffle(order)
    for by in ("theme", ("code", "sector")):
        first, second = (count_themes(rows, PARTICIPANTS, by) for rows in (segments, segments.iloc[order]))
        keys = [by] if isinstance(by, str) else list(by)
        pd.testing.assert_frame_equal(first.sort_values(keys, ignore_index=True), second.sort_values(keys, ignore_index=True))


@settings(max_examples=10, deadline=None)
@given(coded)
def test_levels_add_up_to_the_total(segments):
    crossed = cross_themes(segments, PARTICIPANTS, "sector", {})
    total = crossed["group"] == ALL_PARTICIPANTS
    counts = ["numerator", "denominator", "segments"]
    parts = crossed[~total].groupby("theme")[counts].sum()
    assert (parts == crossed[total].set_index("theme")[counts].reindex(parts.index)).all().all()
    assert (crossed["numerator"] <= crossed["denominator"]).all() and (crossed["numerator"] <= crossed["segments"]).all()


def test_coverage_counts_a_word_once_and_only_where_the_participant_said_it():
    rows = [
        ("I1", "P1", "No time at all for it."),
        ("I1", "P2", "It saves time."),
        ("I1", "P1", "Mondays are full, I say."),
        ("I1", "P4", "Quite so."),
    ]
    transcripts = pd.DataFrame(rows, columns=["source", "participant", "text"])
    coverage = measure_coverage(SEGMENTS, PARTICIPANTS, transcripts).set_index("participant")
    # S1 covers six words under two codes, S2 three of the other five; P2 never said what S3 holds.
    assert coverage.loc["P1"].tolist() == [2, 2, 3, 1, 2, 9, 11, ""]
    assert coverage.loc["P2", ["words_coded", "words_spoken"]].tolist() == [0, 3]
    assert coverage.loc["P2", "note"].startswith("1 of 1 segments not counted: not word for word")
    assert coverage.loc["P4", ["segments", "codes", "words_coded", "words_spoken"]].tolist() == [0, 0, 0, 2]
    assert pd.isna(coverage.loc["P3", "words_coded"]) and pd.isna(coverage.loc["P3", "words_spoken"])
    assert coverage.loc["P3", "note"] == "[not defined: this participant is in no transcript]"


def test_segments_that_overlap_leave_something_out_or_meet_across_a_question_cover_each_word_once():
    texts = ["want to go on", "go on. Yes I", "do … go", "it … Yes", "nobody said this"]
    segments = pd.DataFrame({"segment": list("abcde"), "participant": "P1", "code": "x", "theme": "X", "text": texts})
    coverage = measure_coverage(segments, PARTICIPANTS[:1], CAKE).iloc[0]
    # Covered of "I do not want to go on | Yes I do love it": do, want to go on, Yes, I, it.
    assert coverage[["words_coded", "words_spoken"]].tolist() == [8, 12]
    assert coverage["note"].startswith("1 of 5 segments not counted")


def test_codes_on_no_segment_are_listed():
    codes = pd.DataFrame({"code": ["time", "silence"]})
    assert find_unused_codes(codes, SEGMENTS)["code"].tolist() == ["silence"]


@pytest.mark.parametrize(
    "unit, expected",
    [
        ("segment", [["time", "support", "segment", 1, 3, 1, 1 / 3], ["time", "purpose", "segment", 1, 3, 2, 1 / 4]]),
        (
            "participant",
            [["time", "support", "participant", 1, 2, 1, 1 / 2], ["time", "purpose", "participant", 1, 2, 2, 1 / 3]],
        ),
    ],
)
def test_cooccurrence_depends_on_the_unit_and_says_which(unit, expected):
    pairs = pair_codes(SEGMENTS, CODES, unit).drop(columns=["first_label", "second_label"])
    assert pairs.to_numpy().tolist() == expected


# --- saturation -------------------------------------------------------------------------------------------------------


def test_new_codes_are_counted_in_the_order_of_participants():
    # P3 takes up "support" again, which P2 had not: it is not new.
    again = SEGMENTS.assign(code=["time", "support", "time", "time", "purpose", "support"])
    table = count_new_codes(again, PARTICIPANTS, True)
    assert table["new_codes"].tolist() == [2, 1, 0, 0]
    assert table["codes_so_far"].tolist() == [2, 3, 3, 3]
    backwards = count_new_codes(SEGMENTS, PARTICIPANTS.iloc[::-1], True)
    assert backwards["new_codes"].tolist() == [0, 1, 1, 1]


def test_codes_of_people_who_are_not_looked_at_do_not_count():
    health = PARTICIPANTS[PARTICIPANTS["participant"].isin(["P1", "P4"])]
    assert count_new_codes(SEGMENTS, health, True)["codes_so_far"].tolist() == [2, 2]
    assert trace_saturation(SEGMENTS, health, True, 20, 1)["of_codes"].tolist() == [2, 2]


def test_saturation_curve_follows_the_exact_expectation_over_all_orders():
    # Expected number of codes after k of n interviews: the sum over codes of 1 - C(n - held, k) / C(n, k)
    # (sample-based rarefaction; Colwell, Mao & Chang 2004, Ecology 85(10), equation 5).
    rng = np.random.default_rng(3)
    held = rng.integers(1, 9, size=30)
    rows = [(f"S{code}-{n}", f"P{n}", f"c{code}") for code, k in enumerate(held) for n in rng.permutation(10)[:k]]
    segments = pd.DataFrame(rows, columns=["segment", "participant", "code"])
    people = pd.DataFrame({"participant": [f"P{number}" for number in range(10)]})
    curve = trace_saturation(segments, people, True, 4000, 1)
    exact = [sum(1 - comb(10 - k, n) / comb(10, n) for k in held.tolist()) for n in range(1, 11)]
    assert curve["codes_mean"].to_numpy() == pytest.approx(exact, abs=0.15)
    assert curve["codes_mean"].iloc[-1] == curve["of_codes"].iloc[-1] == 30
    assert (curve["codes_low"] <= curve["codes_mean"]).all() and (curve["codes_mean"] <= curve["codes_high"]).all()


def test_the_same_seed_gives_the_same_curve_and_another_seed_another():
    curves = [trace_saturation(SEGMENTS, PARTICIPANTS, True, 20, seed) for seed in (1, 1, 2)]
    assert curves[0].equals(curves[1]) and not curves[0].equals(curves[2])


# --- agreement --------------------------------------------------------------------------------------------------------

# Krippendorff (2011), Computing Krippendorff's alpha-reliability: four observers, twelve units, `*` = not rated.
FOUR_OBSERVERS = [
    "1 2 3 3 2 1 4 1 2 * * *".split(),  # noqa: SIM905
    "1 2 3 3 2 2 4 1 2 5 * 3".split(),  # noqa: SIM905
    "* 3 3 3 2 3 4 2 2 5 1 *".split(),  # noqa: SIM905
    "1 2 3 3 2 4 4 1 2 5 1 *".split(),  # noqa: SIM905
]


def frame_ratings(coders: list) -> pd.DataFrame:
    return pd.DataFrame(coders).T.replace("*", np.nan)


@pytest.mark.parametrize(
    "coders, alpha",
    [
        (["0 1 0 0 0 0 0 0 1 0".split(), "1 1 1 0 0 1 0 0 0 0".split()], 0.095),  # noqa: SIM905  section A
        (["a a b b d c c c e d d a".split(), "b a b b b c c c e d d d".split()], 0.692),  # noqa: SIM905  section B
        (FOUR_OBSERVERS, 0.743),  # section C
    ],
)
def test_alpha_equals_krippendorffs_published_examples(coders, alpha):
    assert compute_alpha(frame_ratings(coders)).value == pytest.approx(alpha, abs=0.0005)


def test_kappa_equals_worked_examples():
    # R 4.x, psych 2.x: x <- rep(c(1,1,0,0), c(20,5,10,15)); y <- rep(c(1,0,1,0), c(20,5,10,15))
    # cohen.kappa(cbind(x, y))$kappa = 0.4; by hand: (0.70 - 0.50) / (1 - 0.50)
    ratings = pd.DataFrame({"A": [1] * 25 + [0] * 25, "B": [1] * 20 + [0] * 5 + [1] * 10 + [0] * 15})
    assert compute_kappa(ratings).value == pytest.approx(0.4)
    # cohen.kappa(matrix(c(88,14,18,10,40,10,2,6,12), 3, byrow = TRUE), n.obs = 200)$kappa = 0.4915254
    table = np.array([[88, 14, 18], [10, 40, 10], [2, 6, 12]])
    pairs = [(row, column) for row in range(3) for column in range(3) for _ in range(table[row, column])]
    assert compute_kappa(pd.DataFrame(pairs)).value == pytest.approx(0.4915254, abs=1e-7)


@settings(max_examples=30, deadline=None)
@given(
    st.integers(2, 4).flatmap(
        lambda coders: st.lists(st.lists(st.sampled_from([None, 0, 1, 2]), min_size=coders, max_size=coders), min_size=2)
    )
)
def test_alpha_equals_the_krippendorff_package_or_says_that_it_is_not_defined(rows):
    ratings = pd.DataFrame(rows, dtype=float)
    result = compute_alpha(ratings)
    pairable = ratings[ratings.notna().sum(axis=1) >= 2]
    if pairable.stack().nunique() < 2:
        assert math.isnan(result.value) and result.note.startswith("[not defined: ")
    else:
        expected = krippendorff.alpha(ratings.to_numpy().T, level_of_measurement="nominal")
        assert result.value == pytest.approx(expected)


def test_alpha_interval_is_that_of_resampled_units():
    # The same percentile bootstrap, unit by unit, with the krippendorff package.
    rng = np.random.default_rng(5)
    first = rng.integers(0, 3, size=60)
    ratings = pd.DataFrame({"A": first, "B": np.where(rng.random(60) < 0.75, first, rng.integers(0, 3, size=60))})
    result = compute_alpha(ratings)
    drawn = [
        krippendorff.alpha(ratings.to_numpy()[rng.integers(0, 60, size=60)].T, level_of_measurement="nominal")
        for _ in range(1500)
    ]
    assert [result.low, result.high] == pytest.approx(np.percentile(drawn, [2.5, 97.5]), abs=0.025)


def test_agreement_is_not_defined_when_every_rating_is_the_same():
    same = pd.DataFrame({"A": [1, 1, 1], "B": [1, 1, 1]})
    for result in (compute_kappa(same), compute_alpha(same)):
        assert math.isnan(result.value) and result.note == "[not defined: every rating is the same]"


def test_agreement_is_not_defined_where_coders_rated_no_unit_together():
    apart = pd.DataFrame({"A": [1, 0, None, None], "B": [None, None, 1, 0]})
    for result in (compute_kappa(apart), compute_alpha(apart)):
        assert math.isnan(result.value) and result.note == "[not defined: no unit was rated by two coders]"


def test_kappa_is_not_defined_for_three_coders_and_alpha_is():
    ratings = frame_ratings(FOUR_OBSERVERS)[[0, 1, 2]]
    assert compute_kappa(ratings).note == "[kappa not defined: it compares two coders, not 3]"
    assert compute_alpha(ratings).note == ""


def test_a_source_that_a_coder_never_touched_is_missing_and_not_a_no():
    rows = [("S1", "A", "x"), ("S1", "B", "x"), ("S2", "A", "x"), ("S2", "B", "y"), ("S3", "A", "x")]
    coded = pd.DataFrame(rows, columns=["segment", "coder", "code"]).assign(participant="P1", source=["I1"] * 4 + ["I2"])
    agreement = measure_agreement(coded).set_index("code")
    assert agreement.loc["x", ["units", "agreed", "coders"]].tolist() == [2, 1, 2]
    # By hand from S1 and S2 alone: observed disagreement 2 of 4, expected 2 of 4 (with S3 as a "no": alpha = -0.25).
    assert agreement.loc["x", "alpha"] == pytest.approx(0)
    assert measure_agreement(coded[coded["segment"] == "S1"])[["units", "agreed"]].to_numpy().tolist() == [[1, 1]]


def test_one_coder_gives_figures_that_are_not_defined_and_says_why():
    row = measure_agreement(SEGMENTS).iloc[0]
    assert pd.isna(row["kappa"]) and pd.isna(row["alpha"])
    assert "[not defined: no unit was rated by two coders]" in row["note"]


def mark(coder, *turns):
    """Segments of one code, each the whole of a turn "This is turn n"."""
    rows = [(f"S{turn}", "P1", "I1", coder, "x", f"This is turn {turn}") for turn in turns]
    return pd.DataFrame(rows, columns=["segment", "participant", "source", "coder", "code", "text"])


def test_coders_agree_over_all_turns_where_marked_segments_alone_say_that_they_do_not():
    # 169 turns: both mark 10, each marks 3 others, both leave 153. By hand: 163 of 169 agree; expected by chance are
    # (13 / 169)^2 + (156 / 169)^2; kappa = 1 - 6 * 169 / (2 * 13 * 156) = .75. Without the 153, of 16 segments 10 agree, and
    # kappa = (10 / 16 - 178 / 256) / (1 - 178 / 256) = -3 / 13 = -.23.
    coded = pd.concat([mark("A", *range(1, 14)), mark("B", *range(1, 11), *range(14, 17))])
    turns = pd.DataFrame({"source": "I1", "participant": "P1", "text": [f"This is turn {n}" for n in range(1, 170)]})
    whole = measure_agreement(coded, unit="turn", turns=turns).iloc[0]
    assert whole[["unit", "coders", "units", "agreed", "note"]].tolist() == ["turn", 2, 169, 163, ""]
    assert whole["kappa"] == pytest.approx(0.75)
    marked = measure_agreement(coded).iloc[0]
    assert marked[["unit", "units", "agreed"]].tolist() == ["segment", 16, 10]
    assert marked["kappa"] == pytest.approx(-3 / 13)


def test_segments_that_coders_cut_otherwise_meet_in_their_turns():
    said = [
        ("I1", "P1", "It takes time. We have none of it."), ("I1", "P2", "I see."), ("I1", "P1", "That is so."),
        ("I2", "P1", "No."), ("I3", "P2", "Quite."), ("I3", "P1", "Quite."),
    ]  # fmt: skip
    turns = pd.DataFrame(said, columns=["source", "participant", "text"])
    rows = [
        ("S1", "P1", "I1", "It takes time."), ("S2", "P1", "I1", "none of it … that is so"), ("S3", "P2", "I1", "We have none"),
        ("S4", "P1", "I1", "It takes much time. We had none of it."), ("S5", "P1", "I1", "Something else, quite unlike it"),
        ("S6", "P1", None, "no"), ("S7", "P1", "I1", None), ("S8", "P9", "I9", "It takes time."),
        ("S9", "P1", "I3", "Quite"),
    ]  # fmt: skip
    units, found = place_segments(pd.DataFrame(rows, columns=["segment", "participant", "source", "text"]), turns)
    assert units["unit"].tolist() == ["I1, P1, 0", "I1, P1, 1", "I1, P2, 0", "I2, P1, 0", "I3, P2, 0", "I3, P1, 0"]
    assert units["place"].tolist() == ["I1", "I1", "I1", "I2", "I3", "I3"]
    assert found.groupby("segment")["unit"].agg(list).to_dict() == {
        "S1": ["I1, P1, 0"], "S2": ["I1, P1, 0", "I1, P1, 1"],  # a piece before the mark, a piece after it
        "S3": ["I1, P1, 0"],  # another's words, in the same source
        "S4": ["I1, P1, 0"],  # not word for word
        "S6": ["I2, P1, 0"], "S9": ["I3, P1, 0"],
    }  # fmt: skip


def test_a_segment_in_no_turn_is_left_out_and_counted():
    turns = pd.DataFrame({"source": "I1", "participant": "P1", "text": [f"This is turn {n}" for n in range(1, 9)]})
    coded = pd.concat([mark("A", 1, 2), mark("B", 1, 3), mark("B", 4).assign(text="Whatever", segment="S9")])
    row = measure_agreement(coded, unit="turn", turns=turns).iloc[0]
    assert row[["units", "agreed"]].tolist() == [8, 6] and row["note"] == "[segments left out because they are in no turn: 1]"
    nowhere = measure_agreement(coded.assign(text="Whatever"), unit="turn", turns=turns).iloc[0]
    assert nowhere["units"] == 0 and "[not defined: no unit was rated by two coders]" in nowhere["note"]


# --- quotations -------------------------------------------------------------------------------------------------------

TURNS = pd.DataFrame(
    [
        ("I1", "P1", "I would never recommend it – not to anyone. We had five people in the room."),
        ("I1", "Interviewer", "How so?"),
        ("I1", "P1", "It makes the conversation with families shorter. We don’t ask the same thing twice."),
        ("I2", "P2", "The form is another box to tick, as we say."),
    ],
    columns=["source", "participant", "text"],
)


def check(text: str, participant: str = "P1", source: str | None = "I1", transcripts: pd.DataFrame = TURNS) -> pd.Series:
    row = {"segment": ["S1"], "participant": [participant], "source": [source], "text": [text]}
    return quotations.check_quotations(pd.DataFrame(row), transcripts).iloc[0]


@pytest.mark.parametrize(
    "text",
    [
        "I would never recommend it",
        "“i would NEVER recommend it, not to anyone”",
        "we don't ask  the same\nthing twice",
    ],
)
def test_case_punctuation_quotes_and_spacing_do_not_matter(text):
    row = check(text)
    assert row["verdict"] == quotations.VERBATIM
    assert not row["negation_changed"] and not row["number_changed"] and pd.isna(row["discrepancy"])


def test_words_put_together_across_somebody_elses_turn_are_not_verbatim():
    row = check("want to go on. Yes I do love it", transcripts=CAKE)
    assert row["verdict"] == quotations.RUNS_OVER
    assert row["discrepancy"] == "runs over P2 between turns 1 and 3"
    assert not row["negation_changed"] and pd.isna(row["spoken_by"])
    assert check("want to go on", transcripts=CAKE)["verdict"] == quotations.VERBATIM
    assert check("Yes I do", transcripts=CAKE)["verdict"] == quotations.VERBATIM
    assert check("to go on … Yes I do love it", transcripts=CAKE)["verdict"] == quotations.IN_PIECES
    assert check("to go on [to eat] Yes I do love it", transcripts=CAKE)["verdict"] == quotations.IN_PIECES


def test_a_mark_elsewhere_does_not_excuse_running_over_somebody_and_an_omitted_not_is_still_flagged():
    row = check("I do … want to go on. Yes I do", transcripts=CAKE)
    assert (row["verdict"], row["negation_changed"]) == (quotations.RUNS_OVER, True)
    assert row["discrepancy"] == "runs over P2 between turns 1 and 3; left out “not”"


def test_a_quotation_with_a_changed_word_says_over_whom_it_runs_as_well():
    row = check("I do not wish to go on. Yes I do love it", transcripts=CAKE)
    assert (row["verdict"], row["in_transcript"]) == (quotations.DIFFERS, "I do not want to go on Yes I do love it")
    assert row["discrepancy"] == "“want” became “wish”; runs over P2 between turns 1 and 3"
    # A quotation that only begins where the other stops runs over nobody.
    assert check("Yes I do hate it", transcripts=CAKE)["discrepancy"] == "“love” became “hate”"


def test_words_that_were_also_said_without_an_interruption_are_verbatim():
    for again in (("I1", "P1", "We said to go on, yes I do."), ("I2", "P1", "We said to go on, yes I do.")):
        twice = pd.concat([CAKE, pd.DataFrame([("I1", "P2", "So?"), again], columns=CAKE.columns)])
        assert check("to go on. Yes I do", source=None, transcripts=twice)["verdict"] == quotations.VERBATIM
        assert check("… to go on. Yes I do", source=None, transcripts=twice)["verdict"] == quotations.IN_PIECES


def test_what_is_left_out_is_read_at_the_place_without_an_interruption():
    rows = [("I1", "P2", "So?"), ("I1", "P1", "I do so want to go on, yes I do.")]
    row = check("I do … want to go on. Yes I do", transcripts=pd.concat([CAKE, pd.DataFrame(rows, columns=CAKE.columns)]))
    assert (row["verdict"], row["discrepancy"], row["negation_changed"]) == (quotations.IN_PIECES, "left out “so”", False)


@pytest.mark.parametrize(
    "between, verdict",
    [
        (["Mm-hmm."], quotations.VERBATIM),
        (["Yeah, right."], quotations.VERBATIM),
        (["Okay."], quotations.VERBATIM),
        (["–"], quotations.VERBATIM),
        (["Yeah.", "Uh-huh."], quotations.VERBATIM),
        (["Yeah.", "Right, okay."], quotations.RUNS_OVER),
        (["No."], quotations.RUNS_OVER),
        (["Right, cake?"], quotations.RUNS_OVER),
        (["Yeah yeah yeah."], quotations.RUNS_OVER),
        (["Yeah.", "Why?"], quotations.RUNS_OVER),
    ],
)
def test_only_a_back_channel_of_two_words_at_most_may_stand_unmarked_between(between, verdict):
    others = pd.DataFrame([("I1", f"P{number}", text) for number, text in enumerate(between, 2)], columns=CAKE.columns)
    transcripts = pd.concat([CAKE[:1], others, CAKE[2:]])
    assert check("want to go on. Yes I do love it", transcripts=transcripts)["verdict"] == verdict


def test_turns_of_one_speaker_in_a_row_are_one_and_an_empty_turn_does_not_hide_an_interruption():
    assert check("go on. Yes I do", transcripts=CAKE.iloc[[0, 2]])["verdict"] == quotations.VERBATIM
    empty = CAKE.iloc[[0, 1, 1, 2]].assign(participant=["P1", "P2", "P1", "P1"], text=[*CAKE["text"][:2], "…", "Yes I do"])
    assert check("go on. Yes I do", transcripts=empty)["discrepancy"] == "runs over P2 between turns 1 and 4"


def test_a_dropped_never_does_not_pass_although_it_scores_above_90():
    row = check("I would recommend it, not to anyone")
    assert (row["verdict"], row["discrepancy"]) == (quotations.DIFFERS, "left out “never”")
    assert row["negation_changed"] and row["likeness"] > 90
    assert row["in_transcript"] == "I would never recommend it – not to anyone"


def test_a_word_that_opens_or_closes_a_speech_is_matched_alone():
    for text, said in (("wouldn", "would"), ("another book", "another box")):
        opening = pd.DataFrame([("I1", "P1", "Would it? It is another box")], columns=TURNS.columns)
        assert check(text, transcripts=opening)["in_transcript"].casefold() == said


def test_a_check_says_nothing_beyond_its_columns():
    columns = ["segment", "participant", "source", "text", "verdict", "discrepancy", "in_transcript", "likeness"]
    assert check("How so?").index.tolist() == [*columns, "negation_changed", "number_changed", "spoken_by"]


def test_a_changed_number_is_flagged_but_not_figures_for_words():
    row = check("We had six people in the room")
    assert (row["discrepancy"], row["number_changed"]) == ("“five” became “six”", True)
    row = check("We had 5 people in the room")
    assert (row["discrepancy"], row["number_changed"]) == ("“five” became “5”", False)


def test_a_negation_written_out_is_no_changed_negation():
    row = check("We do not ask the same thing twice")
    assert row["verdict"] == quotations.DIFFERS and not row["negation_changed"]


@pytest.mark.parametrize(
    "text, verdict, difference, negation",
    [
        ("I would … recommend it", quotations.IN_PIECES, "left out “never”", True),
        ("I would (...) recommend it", quotations.IN_PIECES, "left out “never”", True),
        ("It makes [meetings] with families shorter", quotations.IN_PIECES, "“the conversation” became “[meetings]”", False),
        ("We [do not] ask the same thing twice", quotations.IN_PIECES, "“don't” became “[do not]”", False),
        ("I would [not] ask the same thing twice", quotations.IN_PIECES, None, True),
        ("… five people in the room …", quotations.IN_PIECES, None, False),
        ("the same thing twice … five people", quotations.OUT_OF_ORDER, None, False),
        ("We had five persons … shorter", quotations.DIFFERS, "“people” became “persons”", False),
        ("[…]", quotations.NOT_FOUND, None, False),
    ],
)
def test_pieces_between_marks_must_follow_one_another(text, verdict, difference, negation):
    row = check(text)
    assert row["verdict"] == verdict
    assert (row["discrepancy"] if pd.notna(row["discrepancy"]) else None) == difference
    assert row["negation_changed"] == negation


def test_words_of_another_person_are_named_as_theirs():
    row = check("another box to tick")
    assert (row["verdict"], row["spoken_by"]) == (quotations.SAID_BY_ANOTHER, "P2")


def test_what_nobody_said_is_not_found_and_what_has_no_transcript_is_not_judged():
    assert check("Completely unrelated words stand here today")["verdict"] == quotations.NOT_FOUND
    assert check("another box", participant="P7", source="I7")["verdict"] == quotations.NO_TRANSCRIPT


def test_a_group_without_separate_speakers_is_checked_against_the_whole_source():
    assert check("I would never recommend it", participant="Group")["verdict"] == quotations.VERBATIM
    assert check("another box to tick", participant="P2", source=None)["verdict"] == quotations.VERBATIM


def test_a_person_named_in_the_wrong_source_is_not_given_the_words_of_others():
    row = check("I would never recommend it", participant="P2", source="I1")
    assert (row["verdict"], row["spoken_by"]) == (quotations.SAID_BY_ANOTHER, "P1")


WORDS = quotations.split_words(" ".join(TURNS.loc[TURNS["participant"] == "P1", "text"]))


FIRST_TURN = len(quotations.split_words(TURNS["text"][0]))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, len(WORDS) - 2), st.integers(1, len(WORDS)), st.data())
def test_any_stretch_of_a_turn_is_verbatim_none_across_a_question_and_none_once_a_word_is_changed(start, length, data):
    stretch = WORDS[start : start + length]
    across = start < FIRST_TURN < start + len(stretch)
    assert check(" ".join(stretch))["verdict"] == (quotations.RUNS_OVER if across else quotations.VERBATIM)
    place = data.draw(st.integers(0, len(stretch) - 1))
    changed = [*stretch[:place], "zebra", *stretch[place + 1 :]]
    assert check(" ".join(changed))["verdict"] in {quotations.DIFFERS, quotations.NOT_FOUND}


def frame_texts(*texts: tuple[str, str]) -> pd.DataFrame:
    rows = [(f"S{number}", participant, text) for number, (participant, text) in enumerate(texts, start=1)]
    return pd.DataFrame(rows, columns=["segment", "participant", "text"])


def test_recurring_texts_are_found_between_people_only():
    recurring = find_recurring_texts(
        frame_texts(
            ("P1", "It saves families from telling it five times."),
            ("P2", "it saves families from telling it five times"),
            ("P2", "It saves families from telling it nine times"),
            ("P3", "She said it saves families from telling it five times, and so say many of us"),
            ("P4", "Yes it is"),
            ("P3", "Yes it is"),
        )
    )
    found = recurring[["kind", "first_segment", "second_segment"]].to_numpy().tolist()
    assert found == [
        ["the same words", "S1", "S2"],
        ["nearly the same words", "S1", "S3"],
        ["one within the other", "S1", "S4"],
        ["one within the other", "S2", "S4"],
    ]
    assert recurring["likeness"].tolist()[0] == 100


def test_a_text_of_five_words_recurs_and_one_of_four_does_not():
    rows = [(person, text) for text in ("It is all too much", "It is too much") for person in ("P1", "P2")]
    found = find_recurring_texts(frame_texts(*rows))
    assert found[["kind", "first_segment", "second_segment"]].to_numpy().tolist() == [["the same words", "S1", "S2"]]


def test_the_pair_that_is_most_alike_comes_first():
    said = "It saves families from telling it five times"
    found = find_recurring_texts(frame_texts(("P1", said), ("P2", said.replace("five", "nine")), ("P3", said)))
    assert found[["first_segment", "second_segment"]].to_numpy().tolist() == [["S1", "S3"], ["S1", "S2"], ["S2", "S3"]]
    assert found.index.tolist() == [0, 1, 2]


def test_gists_are_not_compared_since_they_are_ours():
    made = reading.read_study("lvrn_2024")
    assert keep_words(coding.read_segments(made), made).empty
    words = reading.read_study("example_interviews")
    assert len(keep_words(coding.read_segments(words), words)) == len(coding.read_segments(words))


def test_a_lone_participant_and_details_that_add_up_are_pointed_out():
    segments = frame_texts(
        ("P3", "We have no time"),
        ("P3", "We have no room"),
        ("P1", "As the head nurse I see it every day"),
        ("P1", "I did this for eleven years, in Marsh Lane and before"),
        ("P2", "I did this for two years"),
        ("P2", "I have no time on a Monday"),
    )
    pointing = find_pointing_quotations(segments, PARTICIPANTS, ["sector"]).set_index("participant")
    assert pointing.index.tolist() == ["P3", "P1"]
    assert pointing.loc["P1", "details"] == "“As the head nurse” (S3); “eleven years” (S4); “Marsh Lane” (S4)"
    assert pointing.loc["P1", "reason"] == "details in 2 quotations that can be put together"
    assert pointing.loc["P3", "reason"] == "2 quotations with an attribution that fits only one participant"


def test_the_quotation_bank_attributes_by_field_and_never_by_label():
    bank = build_quotation_bank(SEGMENTS, PARTICIPANTS, ["sector"])
    assert "participant" not in bank and not bank["attribution"].str.contains("P1").any()
    assert bank["theme"].tolist() == ["Work"] * 3 + ["Sense"] * 2
    assert bank.loc[4, ["attribution", "held_by"]].tolist() == ["Education", 1]


def test_in_a_theme_each_person_is_heard_once_before_anybody_is_heard_again():
    rows = [("s1", "P1", "t"), ("s2", "P1", "t"), ("s3", "P2", "u"), ("s4", "P2", "t"), ("s5", "P1", "t"), ("s6", "P2", "t")]
    said = pd.DataFrame(rows, columns=["segment", "participant", "theme"]).assign(text="x")
    bank = build_quotation_bank(said, PARTICIPANTS, ["sector"])
    assert bank["segment"].tolist() == ["s1", "s4", "s2", "s6", "s5", "s3"]


# --- the worked example -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def example() -> definition.Study:
    return reading.read_study("example_interviews")


def test_every_check_has_something_to_find_in_the_worked_example(example):
    segments, participants = coding.read_segments(example), coding.read_participants(example)
    checked = quotations.check_quotations(segments, read_transcripts(example)).set_index("segment")
    odd = checked.loc[checked["verdict"] != quotations.VERBATIM, "verdict"].to_dict()
    assert odd == {
        "S03": quotations.DIFFERS,
        "S04": quotations.IN_PIECES,
        "S08": quotations.DIFFERS,
        "S11": quotations.IN_PIECES,
        "S14": quotations.SAID_BY_ANOTHER,
        "S18": quotations.NOT_FOUND,
    }
    coverage = measure_coverage(segments, participants, read_transcripts(example))
    assert (coverage["words_coded"] < coverage["words_spoken"]).all()
    # By hand: P4 said 31 words, 15 and 9 of them coded; the third segment is P5's words.
    assert coverage.loc[3, ["words_coded", "words_spoken"]].tolist() == [24, 31]
    assert checked.index[checked["negation_changed"]].tolist() == ["S03"]
    assert checked.index[checked["number_changed"]].tolist() == ["S08"]
    assert len(find_recurring_texts(segments)) == 1
    assert find_pointing_quotations(segments, participants, ["sector"])["participant"].tolist() == ["P3"]
    assert find_unused_codes(coding.read_codes(example), segments)["code"].tolist() == ["change"]
    assert participants["experience"].isna().sum() == 1
    assert measure_agreement(segments)["kappa"].between(0.5, 1).all()


def test_the_worked_example_reads_the_same_as_a_project_apart_from_what_was_spoilt(example):
    interviews = example.interviews.model_copy(update={"segments": "interviews/coding.qdpx"})
    project = dataclasses.replace(example, definition=example.definition.model_copy(update={"interviews": interviews}))
    tidy, cut = coding.read_segments(example), coding.read_segments(project)
    assert "a line end counting as one: 34 of 34 selections" in coding.describe_reading(project)
    assert (quotations.check_quotations(cut, read_transcripts(example))["verdict"] == quotations.VERBATIM).all()
    columns = ["participant", "source", "coder", "code", "theme", "construct"]
    sound = ~tidy["segment"].isin(["S14", "S18"])
    rest = cut[cut["text"] != "For me it is one more box to tick."]
    assert sorted(tidy.loc[sound, columns].to_numpy().tolist()) == sorted(rest[columns].to_numpy().tolist())


def test_no_speaker_of_the_worked_example_is_named_beyond_the_readers(example):
    names = ["Amber", "Birch", "Cedar", "Dune", "Elm"]
    for table in (coding.read_participants(example), coding.read_segments(example), read_transcripts(example)):
        assert not any(name in table.to_csv() for name in names)


def test_the_worked_example_takes_five_minutes_to_read(example):
    # 200 words a minute is a slow reader's pace.
    words = read_transcripts(example)["text"].str.split().str.len().sum()
    texts = (Path(example.folder) / "interviews" / "segments.csv").read_text().split()
    assert words + len(texts) < 5 * 200
