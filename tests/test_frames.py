"""What each notebook leaves a researcher to go on from: frames of the first study, under these names."""

import contextlib
import shutil

import in_process
import matplotlib.pyplot as plt
import pandas as pd
import pytest
from conftest import ROOT

from helpers.disclosure.told import Told

FRAMES = {
    "00": "findings favour joined received",
    "01": "respondents responses received groups completion flags silence measured options counted",
    "02": "respondents responses counts bands answers irrelevant items scores described variants reliability published "
    "item_rest factor_model related beside for_paper",
    "03": "respondents scores by_group comparisons contrasts described pairs expected statuses totals not_relevant widths "
    "needed power",
    "04": "participants segments codes by_theme sessions by_code crossings matrix coverage cooccurrence bank pointing",
    "05": "favour joined standouts construct_codes construct_texts traced evidence named",
    "06": "percentages panels claims relations verdicts questions feasible counts recomputed_items recomputed_counts",
}


@pytest.fixture(scope="module")
def left(tmp_path_factory):
    root = tmp_path_factory.mktemp("left")
    (root / "notebooks").mkdir()
    shutil.copytree(ROOT / "data" / "lvrn_2024", root / "data" / "lvrn_2024")
    spaces: dict[str, dict] = {}
    with contextlib.chdir(root):
        in_process.run_notebooks("lvrn_2024", left=spaces, permutations=200)
    return spaces


@pytest.mark.parametrize("number", FRAMES)
def test_a_notebook_leaves_its_results_as_frames_under_these_names(left, number):
    for name in FRAMES[number].split():
        value = left[number][name]
        frame = value.frame if isinstance(value, Told) else value
        assert isinstance(frame, pd.DataFrame) and len(frame), name


@pytest.mark.parametrize("number", FRAMES)
def test_every_cell_of_a_frame_holds_one_value(left, number):
    for name in FRAMES[number].split():
        value = left[number][name]
        frame = value.frame if isinstance(value, Told) else value
        held = frame.astype(object).map(lambda cell: isinstance(cell, list | tuple | dict | set))
        assert not held.any(axis=None), name


def test_a_figure_gives_back_axes_that_one_can_go_on_drawing_on(left):
    space = left["03"]
    axes = space["shown"].draw_groups(space["by_group"], space["page"].study)
    axes[0, 0].axvline(3)
    assert axes.shape == (2, 5)
    plt.close("all")


def test_every_notebook_runs_with_groupings_that_are_named_like_columns_of_ours(project):
    names = [
        "status",
        "value",
        "response",
        "n",
        "group",
        "grouping",
        "numerator",
        "score",
        "share",
        "label",
        "band",
        "test",
        "p",
    ]
    path = project / "data" / "tiny" / "study.yml"
    groupings = "".join(f"    {name}: {{label: By {name}, column: team, levels: [North, South]}}\n" for name in names)
    path.write_text(path.read_text().replace("    team: {label: Team, column: team, levels: [North, South]}\n", groupings))
    spaces: dict[str, dict] = {}
    in_process.run_notebooks("tiny", "01 02 03 05", left=spaces, permutations=20)
    found = spaces["03"]["statuses"].groupby("grouping")["numerator"].sum()
    assert found.to_dict() == {f"By {name}": 9 for name in names}
