"""What may be told, as a type; and that nothing outside the wing of disclosure can make it."""

import ast
import json
from functools import cache

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

from helpers.disclosure.told import Told, tell, tell_of_nobody
from helpers.study import reading

FEW = pd.DataFrame({"group": ["North", "South"], "n": [12.0, np.nan]})
MORE = pd.DataFrame({"group": ["North", "South"], "mean": [3.5, 2.0]})


def join(frame, more, study=None):
    return frame.merge(more)


# --- the type


def test_a_missing_cell_is_withheld_where_anything_is():
    told = tell(FEW, 5, "Small groups are withheld.")
    assert told.withheld.to_dict("list") == {"group": [False, False], "n": [False, True]}
    assert (told.note, told.threshold) == ("Small groups are withheld.", 5)


@pytest.mark.parametrize("frame", [pd.DataFrame(), FEW[[]]])
def test_a_frame_without_columns_may_be_told(frame):
    assert tell(FEW, 5).then(lambda _told: frame).frame is frame


@pytest.mark.parametrize("threshold", [0, 1])
def test_for_the_team_a_missing_cell_is_not_defined_and_there_is_no_note(threshold):
    told = tell(FEW, threshold, "Small groups are withheld.")
    assert not told.withheld.any(axis=None) and told.note == ""


def test_what_was_missing_before_anything_was_withheld_is_not_defined():
    before = pd.DataFrame({"n": [12.0, 3.0], "mean": [2.0, np.nan]})
    told = tell(before.assign(n=[12.0, np.nan]), 5, before=before)
    assert told.withheld.to_dict("list") == {"n": [False, True], "mean": [False, False]}


def test_what_rests_on_nobody_may_be_told_under_any_threshold():
    told = tell_of_nobody(FEW)
    assert told.threshold == np.inf and not told.withheld.any(axis=None)


def test_a_withheld_cell_cannot_hold_a_value():
    with pytest.raises(ValueError, match="a cell that is withheld holds a value"):
        Told(MORE, MORE.notna(), "", 5)


def test_some_rows_are_kept_with_what_is_withheld_of_them():
    kept = tell(FEW, 5, "A note.").keep(lambda told: told["group"] == "South")
    assert kept.frame["group"].tolist() == ["South"] and kept.withheld["n"].tolist() == [True]
    assert (kept.note, kept.threshold) == ("A note.", 5)


# --- what follows from it


def test_what_follows_from_told_frames_and_the_study_is_told_under_the_lowest_threshold_with_every_note(project):
    told = tell(FEW, 5, "First.").then(join, tell(MORE, 10, "Second."), reading.read_study("tiny"))
    assert told.frame["mean"].tolist() == [3.5, 2.0]
    assert told.withheld["n"].tolist() == [False, True]
    assert (told.note, told.threshold) == ("First. Second.", 5)


def test_what_follows_where_nothing_is_withheld_withholds_nothing():
    told = tell(MORE, 5).then(lambda frame, lead: frame.assign(before=frame["mean"].shift(lead)), lead=1)
    assert told.frame["before"].isna().tolist() == [True, False]
    assert not told.withheld.any(axis=None)


@pytest.mark.parametrize("untold", [FEW, FEW["n"], FEW["n"].to_numpy(), [FEW], {"n": FEW}])
def test_a_plain_frame_cannot_join_what_is_told(untold):
    for call in (lambda: tell(MORE, 5).then(join, untold), lambda: tell(MORE, 5).then(join, more=untold)):
        with pytest.raises(TypeError, match="is not allowed here: frames must be Told"):
            call()


def test_a_told_frame_is_no_setting():
    # It would lend its frame without its threshold.
    with pytest.raises(TypeError, match="a Told is not allowed here: frames must be Told, and options are settings"):
        tell(MORE, 5).then(join, more=tell(FEW, 3))


# --- the wall, read from the source


@cache
def read_sources():
    """Every file of the project's code and every notebook, parsed, by its path."""
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "src").rglob("*.py")}
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
        trees[path] = ast.parse("\n".join(code))
    return {path.relative_to(ROOT).as_posix(): tree for path, tree in trees.items()}


def list_calls(tree):
    """Each call with the last part of the name that it calls: `tell` for `told.tell(frame)`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield getattr(node.func, "attr", getattr(node.func, "id", "")), node


def makes_told(tree):
    """Whether code makes what may be told, or gives its maker another name."""
    imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for name in node.names if name.asname}
    return bool(({name for name, _ in list_calls(tree)} | imported) & {"Told", "tell"})


def test_only_the_wing_of_disclosure_makes_what_may_be_told():
    makers = [path for path, tree in read_sources().items() if makes_told(tree)]
    assert "src/helpers/disclosure/told.py" in makers
    assert [path for path in makers if not path.startswith("src/helpers/disclosure/")] == []


@pytest.mark.parametrize(
    "code",
    ["Told(frame, mask)", "told.tell(frame, 0)", "tell(frame, 5)", "from helpers.disclosure.told import tell as pass_on"],
)
def test_the_reading_finds_what_makes_it(code):
    assert makes_told(ast.parse(code))


def test_nothing_is_declared_as_shared_by_the_one_who_shows_it():
    calls = [
        (path, word.arg) for path, tree in read_sources().items() for _, call in list_calls(tree) for word in call.keywords
    ]
    assert calls
    assert [path for path, word in calls if word == "shared"] == []


def test_notebooks_word_and_draw_by_functions_of_rooms():
    # A lambda could take figures along that nobody has said may be told. A plain text is the team's.
    shows = [
        (path, call.args[0]) for path, tree in read_sources().items() if path.endswith(".ipynb")
        for name, call in list_calls(tree) if name in ("say", "figure", "figures", "then")
    ]  # fmt: skip
    assert shows
    assert [path for path, shown in shows if not isinstance(shown, ast.Attribute | ast.Constant)] == []
