"""What several packages tell together, read by an attacker; and the ledger that protects each with those before it."""

import shutil

import attacker
import numpy as np
import pandas as pd
import planted
import pytest
import released
from toys import call

from helpers.disclosure import interviews, ledger, releases, rounding, sharing
from helpers.disclosure.rules import describe_rounding, describe_rules
from helpers.disclosure.survey import SURVEY, read_survey
from helpers.disclosure.told import Told
from helpers.interviews import coding, themes
from helpers.study.errors import WorkbookError
from helpers.study.reading import read_study
from helpers.survey import cleaning

LEVELS = {"Team": ["North", "South", "East", "West", "Night shift"], "Years": ["Under 1", "1 to 5", "Over 5"]}
MERGED = {"Team": {"South and night": ["South", "Night shift"], "East and west": ["East", "West"]}}


@pytest.fixture
def folder(project, monkeypatch):
    """A planted study in which one person is of the night shift, who are counted with the South."""
    monkeypatch.setattr(cleaning, "clean_survey", released.clean_once)
    found = project / "data" / "planted"
    planted.plant(found, seed=6)
    change_study(found, "East, West, Night shift]", "East, West, Night shift], groups: {South and night: [South, Night shift]}")
    return found


def read_rows(folder):
    return pd.read_csv(folder / "survey.csv", dtype=str, keep_default_na=False)


def keep_rows(folder, rows):
    rows.to_csv(folder / "survey.csv", index=False)


def add_people(folder, number, seed=12):
    """Let `number` further respondents take part."""
    more = planted.make_export(np.random.default_rng(seed), number).iloc[2:]
    more = more.assign(ResponseId=[f"R_x{seed}{k}" for k in range(number)], key=[f"x{seed}{k}" for k in range(number)])
    keep_rows(folder, pd.concat([read_rows(folder), more]))


def change_study(folder, old, new):
    path = folder / "study.yml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def forget(monkeypatch):
    """Take the ledger away."""
    monkeypatch.setattr(ledger, "read_ledger", read_nothing)


def read_nothing(study):
    return []


def attack(packages, means=False):
    """Counts that packages give away which none of them may tell."""
    found = [attacker.attack_releases(packages, read_study("planted"), 2, means)]
    found.append(attacker.attack_groups(packages, LEVELS, MERGED))
    return attacker.find_given_away(pd.concat(found), min(package.threshold for package in packages))


# --- two packages and three, with the ledger and without it
def one_less(folder):
    keep_rows(folder, read_rows(folder).drop(index=7))


def one_more(folder):
    add_people(folder, 1)


def a_lower_threshold(folder):
    return {"threshold": 4}


def another_grouping(folder):
    change_study(folder, "{South and night: [South, Night shift]}", "{East and west: [East, West]}")


def a_region(folder):
    rows = read_rows(folder)
    keep_rows(folder, rows[~rows["team"].isin(["Night shift", "East"])])


def many_more(folder):
    add_people(folder, 25)


def one_less_and_three_more(folder):
    one_less(folder)
    add_people(folder, 3)


CHANGES = [one_less, one_more, a_lower_threshold, another_grouping, a_region, many_more, one_less_and_three_more]


@pytest.mark.parametrize("change", CHANGES)
def test_two_packages_and_three_give_nobody_away(folder, change):
    packages = [released.share("planted", means=False)]
    packages.append(released.share("planted", means=False, **(change(folder) or {})))
    add_people(folder, 1, seed=11)
    packages.append(released.share("planted", 10, means=False))
    assert attack(packages).empty


@pytest.mark.parametrize("change", CHANGES)
def test_without_the_ledger_two_packages_give_somebody_away(folder, change, monkeypatch):
    forget(monkeypatch)
    first = released.share("planted", means=False)
    assert len(attack([first, released.share("planted", means=False, **(change(folder) or {}))]))


@pytest.mark.parametrize("change", [many_more, a_region, a_lower_threshold])
def test_means_of_two_packages_give_nobody_away(folder, change):
    first = released.share("planted")
    second = released.share("planted", **(change(folder) or {}))
    assert second.tables["02_scores_data"]["mean"].ne("[c]").any()
    assert attack([first, second], means=True).empty


@pytest.mark.parametrize(("then", "now"), [(0, 5), (5, 0)])
@pytest.mark.parametrize("change", [lambda folder: None, many_more, lambda folder: {"threshold": 10}])
def test_favourable_from_another_point_shows_nothing_that_an_earlier_package_withheld(folder, then, now, change):
    """Of some items fewer than five people chose "Agree": both packages together would tell them by a subtraction."""
    released.share("planted", means=False, agree_from=then)
    told = change(folder) or {}
    with pytest.raises(WorkbookError, match="answers counted in other bands than in an earlier package"):
        released.share("planted", means=False, agree_from=now, **told)
    # The point of the package before tells no more than it did.
    assert "02_bands" in released.share("planted", means=False, agree_from=then, **told).tables


def test_without_the_ledger_a_package_with_another_point_gives_somebody_away(folder, monkeypatch):
    """Three people chose "Agree" for A2: the favourable of one package less those of the other."""
    rows = read_rows(folder)
    agreed = rows.index[rows["A2"] == "Agree"]
    rows.loc[agreed[3:], "A2"] = "Strongly agree"
    keep_rows(folder, rows)
    forget(monkeypatch)
    first, second = (released.share("planted", means=False, agree_from=point).tables["02_bands"] for point in (0, 5))
    shares = [
        table[table["band"].eq(band)].set_index("item")["numerator"]
        for table, band in ((first, "Agree"), (second, "Strongly agree"))
    ]
    wide, top = (pd.to_numeric(share, errors="coerce") for share in shares)
    assert wide["A2"] - top["A2"] == 3


# --- the cases
def test_the_same_again_is_told_again_and_noted_once(folder):
    first, second = released.share("planted", means=False), released.share("planted", means=False)
    assert all(first.tables[name].equals(second.tables[name]) for name in first.tables)
    assert [release.number for release in ledger.read_ledger(read_study("planted"))] == [1]


def test_of_a_few_more_the_earlier_figures_are_told_again(folder):
    first = released.share("planted", means=False)
    add_people(folder, 19)  # of at least 20
    second = released.share("planted", means=False)
    assert all(first.tables[name].equals(second.tables[name]) for name in first.tables)
    rules = releases.Rules(5, read_study("planted"))
    study, counts = rules.study, pd.DataFrame({"section": ["A", "B"], "started": 79, "numerator": 79, "denominator": 79})
    told = releases.settle(Told(counts, counts.isna(), "", rules), rules, "completion", SURVEY, by="section")
    assert told.frame["denominator"].max() == 60 and told.note.startswith(releases.REPEATED + ": all these figures.")
    assert "new people 19, gone 0" in " ".join(sharing.describe_releases(study))


def count_people(package):
    """How many answered each item, as the package tells it."""
    return pd.to_numeric(package.tables["02_bands"].groupby("item")["denominator"].max(), errors="coerce")


def test_of_many_more_a_question_counts_all_if_the_new_ones_could_stand_alone_else_it_is_repeated(folder):
    """No step of 1 to 4 people, and never all of the new ones. The note names what is repeated."""
    first = released.share("planted", means=False)
    add_people(folder, 30)
    second = released.share("planted", means=False)
    then, now = first.tables["02_bands"], second.tables["02_bands"]
    new = count_people(second) > 80
    assert new.any() and not new.all()
    repeated = now["item"].isin(new.index[~new]).to_numpy()
    assert second.repeated["02_bands"] == list(repeated)
    assert now[repeated].equals(then[repeated])
    steps = now["numerator"].str.replace("[c]", "").pipe(pd.to_numeric) - pd.to_numeric(then["numerator"], errors="coerce")
    assert not steps.between(1, 4).any() and steps.max() < 30
    shown = now["numerator"].ne("[c]").to_numpy() & ~repeated
    assert shown.any() and steps[shown].notna().all()
    told = ledger.read_ledger(read_study("planted"))[1].told["survey 2030", "bands"][0]
    assert f"{releases.REPEATED}: {', '.join(new.index[~new])}. They count" in told.note


def test_a_question_that_was_repeated_is_told_again_once_enough_have_joined(folder):
    """The earlier package that could not tell it afresh stands in the way of none that follows."""
    first = released.share("planted", means=False)
    add_people(folder, 25)
    second = count_people(released.share("planted", means=False))
    add_people(folder, 200, seed=13)
    packages = [first, released.share("planted", means=False)]
    third = count_people(packages[1])
    late = second.index[second.le(60)]
    assert len(late) and third[late].gt(200).any()
    assert attack(packages).empty


def test_somebody_who_withdraws_stops_new_figures_until_enough_have_joined(folder):
    packages = [released.share("planted", means=False)]
    one_less(folder)
    packages.append(released.share("planted", means=False))
    assert count_people(packages[1]).equals(count_people(packages[0]))
    add_people(folder, 60)
    packages.append(released.share("planted", means=False))
    assert count_people(packages[2]).gt(110).any()
    assert attack(packages).empty


def test_people_who_join_one_by_one_are_counted_from_the_figures_that_are_repeated(folder):
    """Four packages with six people more each: the last has 24 more than its figures, though 6 more than the package before."""
    released.share("planted", means=False)
    for seed in range(4):
        add_people(folder, 6, seed=20 + seed)
        last = released.share("planted", means=False)
    assert last.tables["01_received"]["responded"].tolist() == ["84", "84"]


@pytest.mark.parametrize("between", [False, True])
def test_a_repeated_figure_is_left_out_where_the_rules_are_stricter_by_now(folder, between):
    """Also if a package in between repeated it: figures of today's people at the new threshold would tell of one."""
    released.share("planted", means=False)
    add_people(folder, 1)
    if between:
        released.share("planted", means=False)
    assert released.share("planted", 10, means=False).tables["02_bands"].empty


def test_a_struck_release_still_binds_what_a_later_one_repeats_of_it(folder):
    first = released.share("planted", means=False)
    add_people(folder, 1)
    released.share("planted", means=False)
    ledger.strike(read_study("planted"), 1, "Never sent.")
    third = released.share("planted", means=False)
    assert third.tables["02_bands"].equals(first.tables["02_bands"]) and all(third.repeated["02_bands"])


def test_figures_by_definitions_that_have_changed_since_are_repeated_with_a_word(folder):
    """An item's direction is corrected: the same answers have another mean."""
    first = released.share("planted")
    path = folder / "codebook.csv"
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    turned = rows["reversed"].map({"yes": "no", "no": "yes"})
    rows.assign(reversed=rows["reversed"].mask(rows["item"] == "B3", turned)).to_csv(path, index=False)
    study = read_study("planted")
    told = sharing.explain_redefined(study)
    assert "--strike 1 " in told and told in sharing.describe_releases(study)
    second = released.share("planted")
    # The second package was made by the new definitions and repeats figures of the first, so both are to be struck.
    for number, standing in ((1, "1, 2"), (2, "2")):
        assert f"Figures of release {standing} follow" in sharing.explain_redefined(study)
        ledger.strike(study, number, "Recalled.")
    assert sharing.explain_redefined(study) == ""
    assert second.tables["02_scores_data"].equals(first.tables["02_scores_data"])
    assert second.repeated["02_scores_data"] == [False, True] and not any(second.repeated["02_bands"])


def test_two_regions_as_waves_of_their_own_do_not_give_the_few_others_away(folder):
    """28 and 30 people of 60, each told by itself, then all: the two who are left are in no difference."""
    rows, packages = read_rows(folder), []
    for old, name, people in (("2030", "north", rows.index[2:30]), ("north", "south", rows.index[30:60])):
        keep_rows(folder, rows.loc[[0, 1, *people]])
        change_study(folder, f'"{old}"', f'"{name}"')
        packages.append(released.share("planted", means=False))
    keep_rows(folder, rows)
    packages.append(released.share("planted", means=False))
    assert all(packages[2].repeated["02_bands"])
    assert not any(packages[1].repeated["02_bands"])


def test_two_tables_of_one_kind_are_refused_since_the_ledger_would_take_one_for_the_other(folder):
    rules = releases.Rules(5, read_study("planted"))
    counts = pd.DataFrame({"section": ["A"], "started": [60], "numerator": [60], "denominator": [60]})
    for frame in (counts, counts):
        releases.settle(Told(frame, frame.isna(), "", rules), rules, "completion", SURVEY, by="section")
    half = Told(counts.assign(started=30), counts.isna(), "", rules)
    with pytest.raises(WorkbookError, match="two different tables"):
        releases.settle(half, rules, "completion", SURVEY)
    # Each notebook has rules of its own: what two of them tell meets in the ledger.
    other = releases.Rules(5, read_study("planted"))
    releases.settle(half, other, "completion", SURVEY)
    told = pd.concat([rules.kept(), other.kept()])
    with pytest.raises(WorkbookError, match="completion of survey 2030: found two different tables"):
        sharing.record(read_study("planted"), "somebody", {"threshold": 5, "parameters": {}}, told, b"")
    assert ledger.read_ledger(read_study("planted")) == []


def test_one_table_that_two_notebooks_tell_in_two_orders_is_one(folder):
    counts, told = pd.DataFrame({"section": ["A", "B"], "started": 60, "numerator": 60, "denominator": 60}), []
    for frame in (counts, counts.iloc[::-1].reset_index(drop=True)):
        rules = releases.Rules(5, read_study("planted"))
        releases.settle(Told(frame, frame.isna(), "", rules), rules, "completion", SURVEY, by="section")
        told.append(rules.kept())
    settings = {"threshold": 5, "parameters": {}}
    assert len(sharing.record(read_study("planted"), "somebody", settings, pd.concat(told), b"").frames) == 1


@pytest.mark.parametrize("renamed", [True, False])
def test_a_wave_by_another_name_is_the_same_people(folder, renamed):
    """Renamed, or the export so far called another wave beside the first."""
    first = released.share("planted", means=False)
    read_rows(folder).drop(index=7).to_csv(folder / ("survey.csv" if renamed else "late.csv"), index=False)
    files = '{"2030 (final)": survey.csv}' if renamed else '{"2030": survey.csv, "2031": late.csv}'
    change_study(folder, '{"2030": survey.csv}', files)
    second = released.share("planted", means=False)
    assert second.tables["02_bands"].equals(first.tables["02_bands"]) and all(second.repeated["02_bands"])


def test_who_changed_an_answer_is_gone_and_new(folder):
    released.share("planted", means=False)
    rows = read_rows(folder)
    rows.loc[9, "A1"] = "Disagree"
    keep_rows(folder, rows)
    assert "new people 1, gone 1" in sharing.describe_releases(read_study("planted"))[1]


def test_a_higher_threshold_tells_less_of_what_was_told_and_nothing_else(folder):
    first, second = (released.share("planted", threshold, means=False).tables["02_bands"] for threshold in (5, 10))
    assert not second["numerator"].isin(map(str, range(1, 10))).any()
    told = second["numerator"] != "[c]"
    assert told.any() and (second["numerator"] == first["numerator"])[told].all()
    assert (first["numerator"].ne("[c]") & ~told).any()


def test_a_struck_release_protects_nobody_and_stays_in_the_list_with_its_reason(folder, capsys, monkeypatch):
    released.share("planted", means=False)
    status, said = call("releases", "planted", "--strike", "1", capsys=capsys, monkeypatch=monkeypatch)
    assert status == 2 and "reason" in said
    arguments = ["releases", "planted", "--strike", "1", "--reason", "Never sent."]
    status, said = call(*arguments, capsys=capsys, monkeypatch=monkeypatch)
    assert status == 0 and "60 people of survey 2030; threshold 5. Struck: Never sent." in said
    add_people(folder, 1)
    assert released.share("planted", means=False).tables["01_received"]["responded"].tolist() == ["61", "61"]
    assert [release.number for release in ledger.read_standing(read_study("planted"))] == [2]
    assert call("releases", "planted", "--strike", "1", "--reason", "x", capsys=capsys, monkeypatch=monkeypatch)[0] == 2


def test_an_entry_that_cannot_be_read_stops_everything(folder):
    released.share("planted", means=False)
    released.share("planted", 4, means=False)
    path = folder / "releases" / "1.json"
    for found, change in (
        ("cannot be read", lambda: path.write_text(path.read_text().replace('"struck": ""', '"struck": " "'))),
        ("cannot be read", lambda: path.write_text("[" * 100_000)),
        ("not there", path.unlink),
        ("no folder", lambda: [shutil.rmtree(path.parent), path.parent.write_text("")]),
    ):
        change()
        with pytest.raises(WorkbookError, match=found):
            released.share("planted", means=False)


def test_the_ledger_keeps_no_answer_of_anybody(folder):
    released.share("planted", means=False)
    text = (folder / "releases" / "1.json").read_text()
    release = ledger.read_ledger(read_study("planted"))[0]
    assert not [word for word in [*planted.POINTS, *LEVELS["Team"], "badge", "R_0"] if f'"{word}' in text]
    assert len(release.people["survey 2030"]) == 60
    # With another salt everybody's digest is another.
    answers = read_survey(read_study("planted"))["survey 2030"]
    assert sorted(ledger.digest(answers, release.salt, release.columns)) == release.people["survey 2030"]
    assert not set(ledger.digest(answers, "other", release.columns)) & set(release.people["survey 2030"])


def settle_completion(rules, by="section", **rows):
    counts = pd.DataFrame(rows)
    return releases.settle(Told(counts, counts.isna(), "", rules), rules, "completion", SURVEY, by=by)


def test_figures_held_back_are_counted_row_by_row_not_against_those_that_are_repeated(folder):
    """First only A is shown, of 60 people; a person more has joined, and the rules would now show B's two figures alone."""
    study = read_study("planted")
    rules = releases.Rules(5, study)
    settle_completion(rules, section=["A", "B"], started=60, numerator=[60.0, None])
    released.keep(study, 5, rules)
    add_people(folder, 1)
    rules = releases.Rules(5, study)
    told = settle_completion(rules, section=["A", "B"], started=[None, 61.0], numerator=[None, 61.0])
    assert told.frame["numerator"].tolist()[:1] == [60] and told.frame["started"].tolist() == [60, 60]
    # B's numerator: not shown, though as many figures of other rows are.
    assert rules.kept()["held_back"].tolist() == [1] and releases.NOTE_ON_NARROWING in told.note


def test_a_verdict_that_turns_by_other_definitions_is_repeated_as_it_was(folder):
    """The same people, and no figure has changed: only whether groups differ."""
    study = read_study("planted")
    for differs, repeated in ((True, False), (True, False), (False, True)):
        rules = releases.Rules(5, study)
        told = settle_completion(rules, by="", grouping=["Team"], differs=[differs], n=[60])
        assert told.frame["differs"].tolist() == [True]
        assert told.note.startswith(releases.REPEATED) == repeated == bool(rules.kept()["repeated"].sum())
        released.keep(study, 5, rules)


@pytest.mark.parametrize(("old", "new", "same"), [
    ("Item A1", "Point A1", True), ("label: Sense", "label: Making sense", True),
    (",no,", ",yes,", False), ("label: Team", "label: Place", False), ("value: 5", "value: 6", False),
    ("work: {label: Work}", "work: {label: Work, scored: false}", False),
])  # fmt: skip
def test_a_label_that_names_no_row_is_no_new_definition_and_what_changes_a_figure_is(folder, old, new, same):
    before, path = ledger.digest_definition(read_study("planted")), folder / ("study.yml" if ":" in old else "codebook.csv")
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))
    assert (ledger.digest_definition(read_study("planted")) == before) == same


def test_an_item_added_to_the_codebook_changes_nobody_and_is_not_told_of_them(folder):
    released.share("planted", means=False)
    path = folder / "codebook.csv"
    path.write_text(path.read_text() + "B4,comment2,B,work,agree,no,Added later\n")
    keep_rows(folder, read_rows(folder).assign(comment2=read_rows(folder)["A2"]))
    assert "the same people and answers as in release 1" in sharing.describe_releases(read_study("planted"))[1]
    assert "B4" not in set(released.share("planted", means=False).tables["02_bands"]["item"])


# --- waves
def add_a_wave(folder, changed):
    """A later wave of the same people: all answer B2 differently, and the first `changed` of them A2 too."""
    rows = read_rows(folder)
    rows.loc[2:, "B2"] = rows.loc[2:, "B2"].replace(dict(zip(planted.POINTS, planted.POINTS[::-1], strict=True)))
    rows.loc[2 : 1 + changed, "A2"] = np.where(rows.loc[2 : 1 + changed, "A2"] == "Agree", "Disagree", "Agree")
    rows.to_csv(folder / "later.csv", index=False)
    change_study(folder, 'files: {"2030": survey.csv}', 'files: {"2030": survey.csv, "2031": later.csv}')


@pytest.mark.parametrize(("changed", "told"), [(3, False), (30, True)])
def test_a_wave_that_would_count_the_few_who_changed_since_a_wave_told_before_is_withheld(folder, changed, told):
    released.share("planted", means=False)
    add_a_wave(folder, changed)
    bands = released.share("planted", means=False).tables["02_bands"].set_index("item")
    assert bands.loc["A2", ["numerator", "least"]].ne("[c]").any(axis=None) == told


def test_another_wave_shown_later_tells_nothing_that_its_release_did_not(folder):
    add_a_wave(folder, 30)
    first = released.share("planted", wave="2031", means=False)
    second = released.share("planted", wave="2030", means=False)
    assert len(second.tables["02_bands"]) and first.people.isdisjoint(second.people)
    again = released.share("planted", 3, wave="2030", means=False)
    assert again.tables["02_bands"].equals(second.tables["02_bands"])


# --- rounding
@pytest.mark.parametrize(
    ("counts", "rounded"), [([12, 12, 12, 12], [15, 15, 10, 10]), ([8, 8, 8, 8], [10, 10, 5, 5]), ([1, 1, 1, 1], [5, 0, 0, 0])]
)
def test_parts_are_rounded_so_that_they_add_up_to_their_rounded_sum(counts, rounded):
    """By hand: 48 people are 50, 32 are 30, 4 are 5; the first of parts with equal rests go up."""
    assert rounding.round_parts(pd.Series(counts), 5).tolist() == rounded


def test_with_rounding_no_count_is_known_within_less_than_the_base(folder):
    change_study(folder, "sharing: {", "sharing: {rounding: 5, ")
    package = released.share("planted")
    for name, columns in (("02_bands", ["numerator", "denominator", "least", "most"]), ("01_groups_data", ["numerator"])):
        counts = package.tables[name][columns].stack()
        assert counts[~counts.isin(["[c]", ""])].astype(float).mod(5).eq(0).all()
    assert not package.tables["02_bands"]["numerator"].eq("0").any()
    found = attacker.attack_releases([package], read_study("planted"), 5)
    assert len(found) == 24 and found["values"].ge(5).all()
    bands = package.tables["02_bands"].query("numerator not in ['[c]', '0']").astype({"numerator": float, "denominator": float})
    assert np.allclose(bands["share"].astype(float), 100 * bands["numerator"] / bands["denominator"])


@pytest.mark.parametrize("seed", range(3))
def test_rounded_packages_of_a_study_that_has_grown_tell_no_count_within_less_than_the_base(folder, seed):
    change_study(folder, "sharing: {", "sharing: {rounding: 5, ")
    add_people(folder, 100, seed=30 + seed)
    packages = [released.share("planted", means=False)]
    add_people(folder, 60, seed=40 + seed)
    packages.append(released.share("planted", means=False))
    assert count_people(packages[1]).gt(200).any()
    assert attacker.attack_releases(packages, read_study("planted"), 5, means=False)["values"].ge(5).all()


def test_a_rounded_package_after_an_exact_one_and_the_other_way_round(folder):
    exact = released.share("planted", means=False).tables["02_bands"]
    change_study(folder, "sharing: {", "sharing: {rounding: 5, ")
    rounded = released.share("planted", means=False).tables["02_bands"]
    assert (exact["numerator"].eq("[c]") <= rounded["numerator"].eq("[c]")).all()
    assert pd.to_numeric(rounded["numerator"], errors="coerce").dropna().mod(5).eq(0).all()
    ledger.strike(read_study("planted"), 1, "never sent")
    change_study(folder, "rounding: 5, ", "")
    assert released.share("planted", means=False).tables["02_bands"].equals(rounded)
    assert describe_rounding(read_study("planted")) == "5 where an earlier package was rounded to that"


def test_a_package_says_which_larger_multiples_it_repeats_also_of_a_struck_one(folder):
    assert describe_rounding(read_study("planted")) == ""
    change_study(folder, "sharing: {", "sharing: {rounding: 7, ")
    released.share("planted", means=False)
    change_study(folder, "rounding: 7, ", "rounding: 5, ")
    said = "5, or of 7 where an earlier package was rounded to that"
    assert describe_rounding(read_study("planted")) == said
    assert f"multiples of {said}, not always the nearest" in describe_rules(5, said)[0]
    counts = released.share("planted", means=False).tables["02_bands"]["numerator"].pipe(pd.to_numeric, errors="coerce")
    assert counts.dropna().mod(7).eq(0).all() and counts.gt(7).any()
    ledger.strike(read_study("planted"), 1, "Never sent.")
    assert describe_rounding(read_study("planted")) == said
    ledger.strike(read_study("planted"), 2, "Never sent.")
    assert describe_rounding(read_study("planted")) == "5"


def cross(numerators, sizes):
    """One theme by groups, whose last row is everybody."""
    groups = [f"g{k}" for k in range(len(sizes))]
    rows = zip(groups, numerators, sizes, strict=True)
    frame = pd.DataFrame(rows, columns=["group", "numerator", "denominator"])
    everybody = {"group": themes.ALL_PARTICIPANTS, "numerator": sum(numerators), "denominator": sum(sizes)}
    return pd.concat([frame, pd.DataFrame([everybody])], ignore_index=True).assign(theme="t", grouping="Field")


def test_themes_by_group_are_rounded_so_that_no_count_is_known_within_less_than_the_base():
    """In random tables parts add up, none is more than its group or a base off, and the attack finds five values."""
    random, told = np.random.default_rng(4), 0
    for _ in range(25):
        sizes = random.integers(12, 40, 3)
        table = cross([random.integers(0, size + 1) for size in sizes], sizes).assign(theme="t")
        shown = interviews.protect_crossing(table, 5)
        hidden = Told(shown, shown.isna())
        rounded = rounding.round_crossings(hidden, 5, table)
        if rounded.frame["numerator"].isna().any() or rounded.frame.empty:
            continue
        told, counts = told + 1, rounded.frame["numerator"]
        assert counts.mod(5).eq(0).all() and counts[:-1].sum() == counts.iloc[-1] and counts.gt(0).all()
        assert (counts - table["numerator"]).abs().lt(5).all() and counts.le(rounded.frame["denominator"]).all()
        puzzle = attacker.Puzzle([(name,) for name in table["group"][:-1]])
        puzzle.add(dict.fromkeys(puzzle.names, 1), counts.iloc[-1] - 4, counts.iloc[-1] + 4)
        for name, count, of in zip(puzzle.names, counts, rounded.frame["denominator"], strict=False):
            puzzle.add({name: 1}, max(5, count - 4), min(count, of) + 4)
        assert min(puzzle.attack([name], 5)[2] for name in puzzle.names) == 5
    assert told > 5


# --- interviews
def tell_interviews(threshold=5, note=True):
    """Counts by theme, of whom, and everybody's themes."""
    study = read_study("planted")
    rules = releases.Rules(threshold, study)
    participants, segments = coding.read_participants(study), coding.read_segments(study)
    told = interviews.tell_sets(themes.count_themes(segments, participants), "theme", segments, rules)
    interviews.tell_participants(participants, study, rules)
    if note:
        released.keep(study, threshold, rules)
    return told.frame.set_index("theme"), segments.groupby("theme")["participant"].agg(set)


def add_participants(folder, themes_of):
    """Further participants, each coded with some themes."""
    people, segments = folder / "participants.csv", folder / "segments.csv"
    names = [f"P{k}" for k in range(13, 13 + len(themes_of))]
    people.write_text(people.read_text() + "".join(f"{name},Voice {name},Care\n" for name in names))
    rows = [f"{name}{theme},{name},{theme},{theme},\n" for name, some in zip(names, themes_of, strict=True) for theme in some]
    segments.write_text(segments.read_text() + "".join(rows))


def test_of_a_participant_more_the_earlier_counts_are_told_again(folder):
    first, _ = tell_interviews()
    add_participants(folder, [["common", "theme0"]])
    second, _ = tell_interviews()
    assert first.equals(second) and first["denominator"].eq(12).all()


def test_of_many_participants_more_no_theme_counts_the_few_of_them_who_have_it(folder):
    """Of 20 new people 3 have theme0, and 18 the common theme."""
    first, _ = tell_interviews()
    add_participants(folder, [["common"] * (k < 18) + ["theme0"] * (k < 3) for k in range(20)])
    second, holders = tell_interviews()
    assert first.loc["common", "numerator"] == 11 and second.loc["common", "numerator"] == 29 == len(holders["common"])
    assert second.loc["theme0"].equals(first.loc["theme0"]) and first.loc["theme0", "numerator"] >= 5
    assert second.loc["common", "denominator"] == 32


def test_a_participant_coded_otherwise_is_gone_and_new(folder):
    first, _ = tell_interviews()
    path = folder / "segments.csv"
    path.write_text(path.read_text().replace("V1,P1,common,common", "V1,P1,rare,rare"))
    assert "interviews: since release 1 new people 1, gone 1" in " ".join(sharing.describe_releases(read_study("planted")))
    assert tell_interviews()[0].equals(first)
