"""What moved between two runs, as readers see it."""

import pandas as pd
import pytest
from toys import call

PAGE = "<section><h2>3. Do groups differ?</h2><p class='answer'>{}</p><p class='finding'>It stays.</p></section>"


def write_run(project, label, rows, sentence, file="tables/03_comparisons.csv"):
    folder = project / "outputs" / "tiny" / label
    (folder / "tables").mkdir(parents=True)
    rows.to_csv(folder / file, index=False, encoding="utf-8-sig")
    listed = {"kind": "Table", "label": "Table 3.1", "title": "The test of each construct", "file": file}
    pd.DataFrame([listed]).to_csv(folder / "contents.csv", index=False, encoding="utf-8-sig")
    (folder / "appendix.html").write_text(PAGE.format(sentence))


def make_rows(**columns):
    frame = {"grouping": "Team", "construct": ["sense", "work"], "n": [20, 19], "effect": [0.101, 0.2], "p_holm": [0.5, 0.04]}
    return pd.DataFrame(frame | columns)


@pytest.fixture
def compare(project, capsys, monkeypatch):
    write_run(project, "one", make_rows(), "Groups differ.")
    return lambda *labels: call("compare", *labels, "tiny", capsys=capsys, monkeypatch=monkeypatch)


def test_a_figure_moved_when_readers_see_another_one_and_each_sentence_stands_beside_what_it_was(project, compare):
    write_run(project, "two", make_rows(n=[20, 17], effect=[0.104, 0.2], p_holm=[0.5, 0.0004]), "Groups do not differ.")
    status, said = compare("one", "two")
    # 0.101 and 0.104 are both printed as 0.10.
    assert status == 0 and said.splitlines() == [
        "Table 3.1 The test of each construct: 2 moved",
        "  Team, work: People 19 → 17",
        "  Team, work: p, corrected .040 → < .001",
        "3. Do groups differ?: 1 moved",
        "  “Groups differ.” → “Groups do not differ.”",
    ]


def test_rows_and_tables_of_one_run_alone_are_named_and_a_run_beside_itself_has_moved_nothing(project, compare):
    write_run(project, "two", make_rows(grouping=["Team", "Wave"]), "Groups differ.")
    status, said = compare("one", "two")
    assert status == 0 and "  Team, work: only in one of the two" in said and "  Wave, work: only in one of the two" in said
    write_run(project, "three", make_rows(), "Groups differ.", "tables/03_other.csv")
    assert compare("one", "three")[1].splitlines() == [
        "Table 3.1 The test of each construct: only in one",
        "Table 3.1 The test of each construct: only in three",
    ]
    assert compare("one", "one") == (0, "No figure and no sentence changed.\n")


def test_a_run_that_there_is_none_of_is_told_with_those_that_there_are(compare):
    status, said = compare("one", "onne")
    assert status == 2 and "run 'onne': found no such run; expected one of: one. To fix it: did you mean 'one'?" in said
