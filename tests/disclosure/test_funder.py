"""What a funder's edition tells, read by an attacker: the first study, and a planted one full of what must not leave.

Each guard is also taken out in turn, and the attack must then succeed: a guard whose loss nobody notices guards nothing.
"""

import contextlib
import shutil
from dataclasses import replace
from io import StringIO

import attacker
import in_process
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import planted
import pytest
from conftest import ROOT
from filelock import FileLock

from helpers.disclosure import interviews as disclosure_interviews
from helpers.disclosure import people as disclosure_people
from helpers.disclosure import scores as disclosure_scores
from helpers.disclosure import suppression
from helpers.disclosure import survey as disclosure_survey
from helpers.disclosure.interviews import protect_linked
from helpers.disclosure.releases import Rules
from helpers.disclosure.survey import protect_bands
from helpers.disclosure.told import Told, tell_of_nobody
from helpers.interviews import coding
from helpers.package import confidential, scan
from helpers.page import scores as page_scores
from helpers.page import style, summary
from helpers.page.page import Page
from helpers.study import reading, runs
from helpers.study.errors import WorkbookError
from helpers.survey import cleaning, scoring

THRESHOLD = 5
STUDIES = ("lvrn_2024", "planted")


def copy_study(name, root):
    (root / "notebooks").mkdir(exist_ok=True)
    folder = root / "data" / name
    if name == "planted":
        planted.plant(folder)
    else:
        shutil.copytree(ROOT / "data" / name, folder)


@pytest.fixture(scope="module", autouse=True)
def solved_once():
    """What the solver finds, kept: notebooks 2, 3 and 5 put the same questions to it, and so does every run of a study."""
    known, solve = {}, suppression.keep_values

    def keep_values(links, low, high, cells, threshold, room=0):
        question = (links.tobytes(), low.tobytes(), high.tobytes(), tuple(cells), threshold, np.asarray(room).tobytes())
        if question not in known:
            known[question] = solve(links, low, high, cells, threshold, room)
        return known[question]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(suppression, "keep_values", keep_values)
        yield


@pytest.fixture(scope="module")
def told(tmp_path_factory, solved_once, shared_run):
    """The folder of both studies' editions for a funder, pictures and all: the first study's as it was made for its package."""
    root = tmp_path_factory.mktemp("told")
    for name in STUDIES:
        copy_study(name, root)
    with FileLock(shared_run.with_suffix(".used")):
        edition = shared_run / "outputs" / ".work" / "lvrn_2024" / "default-funder"
        shutil.copytree(edition, root / "outputs" / "lvrn_2024" / "default")
    with contextlib.chdir(root):
        in_process.run_notebooks("planted", pictures=True, audience="funder", threshold=THRESHOLD, permutations=100)
    return root


@pytest.fixture
def there(told, monkeypatch):
    monkeypatch.chdir(told)


@pytest.fixture
def planted_study(project):
    """A planted study of its own for each test."""
    copy_study("planted", project)
    return "planted"


def tables_of(name):
    return attacker.read_tables(runs.open_run(name).folder / "tables")


def tell(only):
    """The tables of some notebooks of the planted study, told to a funder."""
    folder = in_process.run_notebooks("planted", only, audience="funder", threshold=THRESHOLD, permutations=100)
    return attacker.read_tables(folder / "tables")


# Columns that count people; of a range, its ends do.
PEOPLE = [
    *("n", "numerator", "denominator", "denominator_relevant", "least", "most", "started", "responded"),
    *("n_relevant", "n_complete", "not_relevant", "missing"),
]


def find_small(tables):
    """Every printed number of people from 1 to 4, with its table and column."""
    found = []
    for name, table in tables.items():
        for column in table.columns.intersection(PEOPLE):
            counts = pd.to_numeric(table[column], errors="coerce")
            found += [(name, column, f"{count:g}") for count in counts[counts.between(1, THRESHOLD - 1)]]
        for column in table.columns.intersection(["Respondents", "Participants", "Responded", "Started"]):
            found += [(name, column, cell) for cell in table[column] if cell in {"1", "2", "3", "4"}]
        for column in table.columns:
            counts = table[column].str.extract(r"^(\d+) \(\d+%; \d+ to \d+\)$")[0].dropna().astype(int)
            found += [(name, column, str(count)) for count in counts[counts.between(1, THRESHOLD - 1)]]
    return found


def attack_survey(name, tables):
    run = runs.open_run(name)
    return attacker.attack_items(tables, run.study, THRESHOLD, run.read("responses"), run.read("scores"))


def attack_interviews(name, tables):
    run = runs.open_run(name)
    segments = run.read("segments")
    kinds = segments.assign(construct=segments.get("construct"))[["theme", "construct"]].drop_duplicates()
    told = protect_linked(segments, len(run.read("participants")), THRESHOLD)
    counts = segments.groupby("theme")["participant"].nunique()
    further = [
        row.name for row in told.itertuples(index=False) if pd.isna(row.numerator) and counts.get(row.name, 0) >= THRESHOLD
    ]
    return attacker.attack_sets(tables, kinds, THRESHOLD, further)


@pytest.mark.parametrize("name", STUDIES)
def test_nothing_that_is_told_is_small_or_gives_a_withheld_count_away(there, name):
    tables = tables_of(name)
    assert find_small(tables) == []
    survey = attack_survey(name, tables)
    assert len(survey) > 10  # there is something to attack
    assert survey["values"].ge(THRESHOLD).all(), survey[survey["values"] < THRESHOLD]
    interviews = attack_interviews(name, tables)
    assert len(interviews)
    assert interviews["values"].ge(THRESHOLD - 1).all(), interviews


@pytest.mark.parametrize("name", STUDIES)
def test_no_table_of_the_team_and_no_single_person_is_told(there, name):
    tables = tables_of(name)
    of_the_team = {
        "01_files", "01_flags", "01_silent", "01_weighted",
        "02_more_answers_agree", "02_variants", "02_reliability", "02_item_rest", "02_relations", "02_earlier_studies",
        "02_table_for_paper",
        "03_contrasts_data", "03_differing", "03_groups_data", "03_pairs_team", "03_pairs_years", "03_expected_team",
        "03_expected_years", "03_statuses", "03_not_relevant", "03_transitions", "03_item_changes", "03_power_data",
        "04_matrix_data", "04_coverage", "04_pointing",
        "06_questions", "06_notes", "06_feasible_data", "06_recomputed_items",
    }  # fmt: skip
    assert not of_the_team & set(tables)
    for table in tables.values():
        assert not {"respondent", "score", "response", "median", "q1", "q3", "p", "effect"} & set(table.columns)
        assert not {"Respondent", "Participant", "Segment"} & set(table.columns)


def scan_shown(name):
    """What the scan finds in a run's tables and figures."""
    run = runs.open_run(name)
    found = confidential.gather_secrets(run.study)
    return {hit.what for part in ("tables", "figures") for hit in scan.scan_folder(run.folder / part, found)}


@pytest.mark.parametrize("name", STUDIES)
def test_the_scan_finds_nothing(there, name):
    assert scan_shown(name) == set()


def test_the_scan_finds_what_the_teams_edition_holds(planted_study):
    in_process.run_notebooks(planted_study, "04")
    assert "words of an interview" in scan_shown(planted_study)


def test_a_funder_reads_the_verdicts_that_the_team_reads_and_no_effect_p_value_or_size(planted_study):
    spaces: dict[str, dict] = {}
    funder = {"audience": "funder", "threshold": THRESHOLD, "permutations": 100}
    folder = in_process.run_notebooks(planted_study, "01 02 03", left=spaces, **funder)
    # Nothing differs here: a sentence says so, in place of a table of "no".
    assert "03_comparisons" not in attacker.read_tables(folder / "tables")
    folder = in_process.run_notebooks(planted_study, "01 02 03", permutations=100)
    team, verdicts = attacker.read_tables(folder / "tables")["03_comparisons"], spaces["03"]["verdicts"].frame
    assert list(verdicts.columns) == ["grouping", "construct", "test", "under_05"]
    assert len(verdicts) == len(team)  # every mean of this study may be told
    p = pd.to_numeric(team["p_holm"])
    assert p.notna().all() and verdicts["under_05"].tolist() == p.lt(0.05).tolist()


def test_a_drawing_of_means_is_no_more_exact_than_its_table(planted_study, monkeypatch):
    drawn = []
    monkeypatch.setattr(page_scores, "draw_scores", lambda frame, study: drawn.append(frame) or plt.figure().gca())
    tell("01 02")
    assert drawn[0]["mean"].notna().any()
    assert drawn[0]["mean"].dropna().map(lambda value: value == round(value, 2)).all()


def read_back(frame):
    """A frame as a reader of its file has it, with the columns' own types."""
    text = pd.read_csv(StringIO(frame.to_csv(index=False, float_format="%.10g")), dtype=str, keep_default_na=False)
    for name in frame.columns[[kind.kind != "b" for kind in frame.dtypes]]:
        cells = text[name].set_axis(frame.index).mask(frame[name].isna())
        frame = frame.assign(**{name: cells.astype(frame[name].dtype)})
    return frame


def test_a_drawing_shows_no_more_than_the_figures_of_its_tables(planted_study, monkeypatch):
    """Coordinates, axes, order and labels are the same when it is drawn again from the tables' texts."""
    draw, alike = Page.draw, {}

    def draw_twice(page, function, data, *more):
        again = [replace(part, frame=read_back(part.frame)) if isinstance(part, Told) else part for part in data]
        pictures = [style.picture(draw(page, function, given, *more), "svg") for given in (data, again)]
        alike[function.__name__] = pictures[0] == pictures[1]
        return draw(page, function, data, *more)

    monkeypatch.setattr(Page, "draw", draw_twice)
    tell("")
    assert set(alike) == {"draw_groups", "draw_answers", "draw_scores", "draw_themes", "draw_constructs"}
    assert all(alike.values()), alike


def add_waves(root, swapped=0, **changes):
    """Earlier waves of the planted study, the same people with the same answers but for some first ones of them.

    The last `swapped` people gave the answers to A2 and A3 the other way round, which leaves their scores as they are.
    """
    folder = root / "data" / "planted"
    for name, change in changes.items():
        early = pd.read_csv(folder / "survey.csv", dtype=str, keep_default_na=False)
        early.loc[2 : 1 + change, ["A2", "A3"]] = "Strongly disagree"
        last = early.index[len(early) - swapped :]
        early.loc[last, ["A2", "A3"]] = early.loc[last, ["A3", "A2"]].to_numpy()
        early.to_csv(folder / f"{name}.csv", index=False)
    path = folder / "study.yml"
    files = "".join(f'"{name}": {name}.csv, ' for name in changes)
    path.write_text(path.read_text().replace('{"2030"', "{" + files + '"2030"'))


@pytest.mark.parametrize(
    ("changes", "withheld"),
    [
        ({"early": 3}, {"early"}),
        ({"early": 20}, set()),
        # Many change an answer, and few of them their score.
        ({"early": 3, "swapped": 30}, {"early"}),
        # Many change from each wave to the next, and few from the first to the last.
        ({"early": 3, "later": 20}, {"early"}),
    ],
)
def test_a_wave_s_mean_is_withheld_where_it_would_count_the_few_who_changed(project, planted_study, changes, withheld):
    add_waves(project, **changes)
    study = reading.read_study(planted_study)
    cleaned = cleaning.clean_survey(study)
    scores = scoring.score_constructs(cleaned.responses, study.scored_items, study.scales)
    rules = Rules(THRESHOLD, study)
    told = disclosure_scores.tell_waves(scores, cleaned.responses, cleaned.respondents, study, rules).frame
    sense = told[told["construct"] == "sense"]
    assert set(sense.loc[sense["mean"].isna(), "wave"]) == withheld


def test_of_waves_a_funder_sees_their_means_and_not_who_moved(project, planted_study):
    add_waves(project, early=3)
    tables = tell("01 02 03")
    sense = tables["03_by_wave_data"].query("construct == 'sense'")
    assert dict(zip(sense["wave"], sense["mean"] == "[c]", strict=True)) == {"early": True, "2030": False}
    assert not {"03_transitions", "03_item_changes"} & set(tables)


def test_few_respondents_or_participants_are_told_of_without_a_number_and_without_a_crash(project, planted_study):
    folder = project / "data" / "planted"
    survey_rows = pd.read_csv(folder / "survey.csv", dtype=str, keep_default_na=False)
    survey_rows.iloc[:6].to_csv(folder / "survey.csv", index=False)
    people = pd.read_csv(folder / "participants.csv", dtype=str)
    people.iloc[:4].to_csv(folder / "participants.csv", index=False)
    segments = pd.read_csv(folder / "segments.csv", dtype=str, keep_default_na=False)
    segments[segments["participant"].isin(["P1", "P2", "P3", "P4"])].to_csv(folder / "segments.csv", index=False)
    (folder / "approved.csv").write_text("segment\nT0\n")
    tables = tell("")
    assert find_small(tables) == []
    bands = tables["02_answers_agree_data"]
    assert set(bands["denominator"]) == set(bands["numerator"]) == set(bands["least"]) == {"[c]"}
    assert "04_themes_data" not in tables


def test_a_section_that_few_started_is_not_counted(project, planted_study):
    path = project / "data" / "planted" / "survey.csv"
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    rows.loc[5:, ["B1", "B2", "B3"]] = ""
    rows.to_csv(path, index=False)
    assert tell("01")["01_completion"].loc[1, ["started"]].item() == "[c]"


def test_everything_that_the_rules_let_through_is_noted_for_the_ledger(planted_study):
    spaces: dict[str, dict] = {}
    folder = in_process.run_notebooks(planted_study, "01 02", left=spaces, audience="funder", threshold=THRESHOLD)
    for number, space in spaces.items():
        kept = space["page"].threshold.kept()
        assert len(kept) > 1
        pd.testing.assert_frame_equal(pd.read_parquet(folder / "data" / f"told_{number}.parquet"), kept, check_dtype=False)


def test_a_list_for_the_ledger_that_could_not_be_saved_is_saved_the_next_time(planted_study, monkeypatch):
    page = Page(runs.open_run(planted_study), 1, "funder", THRESHOLD)
    counts = tell_of_nobody(pd.DataFrame({"n": [5]}))

    def stop(run, name, table):
        raise KeyboardInterrupt

    with monkeypatch.context() as stopped, pytest.raises(KeyboardInterrupt):
        stopped.setattr(runs.Run, "save", stop)
        page.tells([counts])
    assert page.tells([counts]) and page.run.path("told_01").is_file()


def test_sentences_kept_for_the_team_are_not_told_to_a_funder(planted_study):
    in_process.run_notebooks(planted_study, "01")
    with pytest.raises(WorkbookError, match="those for the team, threshold 0; expected those for the funder, threshold 5"):
        summary.gather_findings(Page(runs.open_run(planted_study), 0, "funder", THRESHOLD))


# --- each guard taken out


def test_without_the_threshold_small_counts_are_told(planted_study, monkeypatch):
    guard = protect_bands
    monkeypatch.setattr(disclosure_survey, "protect_bands", lambda bands, threshold: guard(bands, 0))
    assert find_small(tell("01 02"))


def test_without_the_further_cells_the_attack_succeeds(planted_study, monkeypatch):
    def withhold_small_alone(counts, total, threshold, **options):
        return counts.between(1, threshold - 1)

    monkeypatch.setattr(suppression, "withhold", withhold_small_alone)
    assert attack_survey(planted_study, tell("01 02"))["values"].lt(THRESHOLD).any()


def test_without_merging_small_groups_are_told(planted_study, monkeypatch):
    monkeypatch.setattr(disclosure_people, "pool_people", lambda people, columns, threshold: people)
    # A second guard leaves out a grouping that counts few.
    monkeypatch.setattr("helpers.disclosure.response.drop_telling", lambda rows, column, threshold: rows)
    assert [entry for entry in find_small(tell("01")) if entry[0] == "01_groups_data"]


def test_without_the_protection_of_themes_small_themes_are_told(planted_study, monkeypatch):
    monkeypatch.setattr(
        disclosure_interviews, "protect_linked", lambda segments, of, threshold: protect_linked(segments, of, 0)
    )
    assert [entry for entry in find_small(tell("04")) if entry[0] == "04_themes_data"]


def test_without_approval_words_of_interviews_are_told(planted_study, monkeypatch):
    with monkeypatch.context() as without:
        without.setattr(coding, "read_approved", lambda found: coding.read_segments(found)["segment"].to_list())
        tell("04")
    assert "words of an interview" in scan_shown(planted_study)


def test_without_the_default_of_silence_the_teams_tables_are_told(planted_study, monkeypatch):
    monkeypatch.setattr(Page, "tells", lambda page, *data: True)
    assert "04_coverage" in tell("04")


@pytest.mark.parametrize("name", STUDIES)
def test_at_most_one_text_stands_under_a_theme_whose_count_is_withheld_and_names_no_field(there, name):
    """The number of texts would be the most people that the theme can have."""
    tables = tables_of(name)
    withheld = tables["04_themes_data"].query("numerator == '[c]'")["theme"]
    bank = tables["04_bank"]
    here = bank[bank["theme"].isin(withheld)]
    assert len(withheld) and here["theme"].is_unique and set(here["attribution"]) <= {"a participant"}
