"""What several packages tell together, read by an attacker; and the ledger that protects each with those before it."""

import attacker
import numpy as np
import pandas as pd
import planted
import pytest
import released
from toys import call

from helpers.disclosure import interviews, ledger, releases, rounding, sharing
from helpers.disclosure.respondents import SURVEY, read_survey
from helpers.disclosure.told import Told
from helpers.interviews import coding, themes
from helpers.study.errors import WorkbookError
from helpers.study.reading import read_study

LEVELS = {"Team": ["North", "South", "East", "West", "Night shift"], "Years": ["Under 1", "1 to 5", "Over 5"]}
MERGED = {"Team": {"South and night": ["South", "Night shift"], "East and west": ["East", "West"]}}


@pytest.fixture
def folder(project):
    """A planted study in which one person is of the night shift, who are counted with the South."""
    found = project / "data" / "planted"
    planted.plant(found, seed=6)
    change_study(found, "East, West, Night shift]", "East, West, Night shift], groups: {South and night: [South, Night shift]}")
    return found


def read_rows(folder):
    return pd.read_csv(folder / "survey.csv", dtype=str, keep_default_na=False)


def keep_rows(folder, rows):
    rows.to_csv(folder / "survey.csv", index=False)


def add_people(folder, number, seed=12):
    """So many respondents more."""
    more = planted.make_export(np.random.default_rng(seed), number).iloc[2:]
    more = more.assign(ResponseId=[f"R_x{seed}{k}" for k in range(number)], key=[f"x{seed}{k}" for k in range(number)])
    keep_rows(folder, pd.concat([read_rows(folder), more]))


def change_study(folder, old, new):
    path = folder / "study.yml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def forget(monkeypatch):
    """Take the ledger away."""
    monkeypatch.setattr(ledger, "read_standing", lambda study: [])


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


CHANGES = [one_less, one_more, a_lower_threshold, another_grouping, a_region, many_more]


@pytest.mark.parametrize("change", CHANGES)
def test_two_packages_and_three_give_nobody_away(folder, change):
    packages = [released.share("planted", means=False)]
    packages.append(released.share("planted", means=False, **(change(folder) or {})))
    add_people(folder, 1, seed=11)
    packages.append(released.share("planted", 10, means=False))
    assert attack(packages).empty


@pytest.mark.parametrize("change", CHANGES)
def test_without_the_ledger_two_packages_give_somebody_away(folder, change, monkeypatch):
    monkeypatch.setattr(ledger, "read_standing", lambda study: [])
    first = released.share("planted", means=False)
    assert len(attack([first, released.share("planted", means=False, **(change(folder) or {}))]))


def test_means_of_two_packages_give_nobody_away(folder):
    first = released.share("planted")
    many_more(folder)
    second = released.share("planted")
    assert second.tables["02_scores_data"]["mean"].ne("[c]").any()
    assert attack([first, second], means=True).empty


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
    study, counts = rules.study, pd.DataFrame({"section": ["A"], "started": [79], "numerator": [79], "denominator": [79]})
    told = releases.settle(Told(counts, counts.isna(), "", rules), rules, "completion", SURVEY)
    assert told.frame["denominator"].max() == 60 and "repeated from an earlier package" in told.note
    assert "new people 19, gone 0" in sharing.describe_releases(study)[1]


def test_of_many_more_all_are_counted_as_far_as_the_new_ones_may_be(folder):
    """Of 25 new people as many as in a table of their own: no step of 1 to 4, and never all of them."""
    first = released.share("planted", means=False).tables["02_bands"]
    add_people(folder, 25)
    second = released.share("planted", means=False).tables["02_bands"]
    assert pd.to_numeric(second["denominator"]).min() > 75
    both = pd.DataFrame({"then": first["numerator"], "now": second["numerator"]})
    both = both[both["now"] != "[c]"].astype(float)
    assert len(both) and not (both["now"] - both["then"]).between(1, 4).any() and both["then"].notna().all()


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
    (folder / "releases" / "1.parquet").unlink()
    with pytest.raises(WorkbookError, match="cannot be read"):
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


def test_an_item_added_to_the_codebook_changes_nobody_and_is_not_told_of_them(folder):
    released.share("planted", means=False)
    path = folder / "codebook.csv"
    path.write_text(path.read_text() + "B4,comment2,B,work,agree,no,Added later\n")
    keep_rows(folder, read_rows(folder).assign(comment2=read_rows(folder)["A2"]))
    assert "nothing has changed" in sharing.describe_releases(read_study("planted"))[1]
    assert "B4" not in set(released.share("planted", means=False).tables["02_bands"]["item"])


# --- waves
def add_a_wave(folder, changed):
    """A later wave of the same people with the same answers, of whom some first ones changed theirs to A2."""
    rows = read_rows(folder)
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
    found = attacker.attack_releases([package], read_study("planted"), 5)
    assert len(found) == 24 and found["values"].ge(5).all()
    bands = package.tables["02_bands"].query("numerator not in ['[c]', '0']").astype({"numerator": float, "denominator": float})
    assert np.allclose(bands["share"].astype(float), 100 * bands["numerator"] / bands["denominator"])


def test_a_rounded_package_after_an_exact_one_and_the_other_way_round(folder):
    exact = released.share("planted", means=False).tables["02_bands"]
    change_study(folder, "sharing: {", "sharing: {rounding: 5, ")
    rounded = released.share("planted", means=False).tables["02_bands"]
    assert (exact["numerator"].eq("[c]") <= rounded["numerator"].eq("[c]")).all()
    assert pd.to_numeric(rounded["numerator"], errors="coerce").dropna().mod(5).eq(0).all()
    ledger.strike(read_study("planted"), 1, "never sent")
    change_study(folder, "rounding: 5, ", "")
    assert released.share("planted", means=False).tables["02_bands"].equals(rounded)


# --- interviews
def tell_interviews(threshold=5, note=True):
    """Counts by theme, of whom, and everybody's themes."""
    study = read_study("planted")
    rules = releases.Rules(threshold, study)
    participants, segments = coding.read_participants(study), coding.read_segments(study)
    told = interviews.tell_sets(themes.count_themes(segments, participants), "theme", segments, rules)
    interviews.tell_participants(participants, study, rules)
    if note:
        kept = rules.kept()
        sharing.record(study, "somebody", {"threshold": threshold, "parameters": {}}, kept, b"".join(map(bytes, kept["frame"])))
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
    assert first.loc["theme0", "numerator"] >= 5 and pd.isna(second.loc["theme0", "numerator"])
    assert second["denominator"].eq(32).all()


def test_a_participant_coded_otherwise_is_gone_and_new(folder):
    first, _ = tell_interviews()
    path = folder / "segments.csv"
    path.write_text(path.read_text().replace("V1,P1,common,common", "V1,P1,rare,rare"))
    assert "interviews, since release 1: new people 1, gone 1" in " ".join(sharing.describe_releases(read_study("planted")))
    assert tell_interviews()[0].equals(first)
