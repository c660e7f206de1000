"""Parameters are checked before anything runs."""

import in_process
import pytest
from conftest import ROOT
from toys import OWN, write_notebook

from helpers.study import parameters
from helpers.study.errors import WorkbookError
from helpers.study.notebooks import describe_notebook

NOTEBOOKS = [describe_notebook(path) for path in sorted((ROOT / "notebooks").glob("*.ipynb"))]


def test_every_notebook_gets_its_defaults_and_the_values_given_for_it():
    chosen = parameters.choose_parameters(NOTEBOOKS, {"min_group_size": "5"})
    assert chosen["03_compare_groups"]["min_group_size"] == 5
    assert chosen["02_score_nomad"]["minimum_items"] == 0.75
    assert "min_group_size" not in chosen["02_score_nomad"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"min_group_sise": "5"}, "'min_group_sise'.*did you mean 'min_group_size'"),
        ({"min_group_size": "five"}, "'five'; expected a value of type int"),
        ({"min_group_size": True}, "True; expected a value of type int"),
        ({"minimum_items": "half"}, "expected a value of type float"),
        ({"study": "other"}, "give the study's name after"),
        ({"run": 1}, "use `--run LABEL`"),
        ({"audience": "funder"}, "use `--audience`"),
    ],
)
def test_an_unknown_or_ill_typed_parameter_is_told_before_anything_runs(given, message):
    with pytest.raises(WorkbookError, match=message):
        parameters.choose_parameters(NOTEBOOKS, given)


@pytest.mark.parametrize(
    ("number", "given", "message"),
    [
        ("03", {"min_group_size": -3}, "min_group_size': found -3; expected a value of type int, at least 1. .*such as 3"),
        ("03", {"matters": 0.0}, "matters': found 0.0; expected a value of type float, at least 0.01"),
        ("03", {"permutations": "50"}, "permutations': found '50'; expected a value of type int"),
        ("02", {"minimum_items": 75}, "minimum_items': found 75.0; expected a value of type float, at least 0, at most 1"),
        ("01", {"speed_share": 99.0}, "speed_share': found 99.0; .* at most 1"),
        ("04", {"together": "page"}, "together': found 'page'; expected one of segment, participant, source"),
        ("04", {"agreement_unit": "turns"}, "agreement_unit': .*did you mean 'turn'"),
    ],
)
def test_a_notebook_alone_refuses_what_the_command_would(monkeypatch, number, given, message):
    """As JupyterLab and papermill run it: nobody has looked at its parameters before its own cells do."""
    monkeypatch.chdir(ROOT)
    with pytest.raises(WorkbookError, match=rf"notebooks/{number}_\w+\.ipynb, parameter '{message}"):
        in_process.run_notebooks("example_interviews" if number == "04" else "lvrn_2024", number, **given)


def test_a_parameter_of_the_same_name_is_the_same_in_every_notebook():
    seen = {}
    for notebook in NOTEBOOKS:
        for name, parameter in parameters.read_parameters(notebook).items():
            assert seen.setdefault(name, parameter) == parameter, name


def test_a_value_is_read_as_each_notebook_declares_it(project):
    sizes = {"00_x": "size: int = 1", "01_x": 'size: str = "1"'}
    paths = [write_notebook(project, name, f"{OWN}\n{size}", []) for name, size in sizes.items()]
    chosen = parameters.choose_parameters([describe_notebook(path) for path in paths], {"size": "5"})
    assert [chosen[name]["size"] for name in ("00_x", "01_x")] == [5, "5"]


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("", "found lines that are not parameters; expected one cell tagged `parameters`"),
        ('study = "tiny"', "found lines that are not parameters"),
        ('study: str = "tiny"\nprint(study)', "found lines that are not parameters"),
        ("when: date = 1", "types: int, float, str, bool"),
        ("count: int = len([])", "found lines that are not parameters"),
        ("count: int", "found lines that are not parameters"),
        ("count int", "found lines that are not parameters"),
        ("count: int = " + "[" * 9_999, "found lines that are not parameters"),
        ("count: int = " + "-" * 9_999 + "1", "found lines that are not parameters"),
    ],
)
def test_what_stands_in_a_parameters_cell_must_set_a_parameter(project, cell, message):
    path = write_notebook(project, "01_first", cell, [])
    with pytest.raises(WorkbookError, match=r"notebooks/01_first\.ipynb, the parameters cell: .*" + message):
        parameters.read_parameters(describe_notebook(path))


# --- for a funder


@pytest.fixture
def notebook(project):
    return describe_notebook(write_notebook(project, "01_first", OWN, []))


def test_a_funders_edition_tells_every_notebook_for_whom_it_runs(notebook):
    assert parameters.choose_parameters([notebook], {}, "funder")["01_first"]["audience"] == "funder"
    assert parameters.choose_parameters([notebook], {})["01_first"]["audience"] == "team"


@pytest.mark.parametrize("threshold", ["2", "0", "-5"])
def test_a_threshold_that_would_withhold_nothing_is_refused_for_a_funder(notebook, threshold):
    with pytest.raises(WorkbookError, match="3 or more for a funder"):
        parameters.choose_parameters([notebook], {"threshold": threshold}, "funder")
    assert parameters.choose_parameters([notebook], {"threshold": "3"}, "funder")["01_first"]["threshold"] == 3
    assert parameters.choose_parameters([notebook], {"threshold": threshold}, "team")


@pytest.mark.parametrize("name", ["audience", "threshold"])
def test_a_notebook_that_cannot_be_told_of_the_funder_is_refused(project, name):
    cell = "".join(line for line in OWN.splitlines(keepends=True) if not line.startswith(name))
    path = write_notebook(project, "01_first", cell, [])
    with pytest.raises(WorkbookError, match=r"01_first\.ipynb.*no `audience` and `threshold`"):
        parameters.choose_parameters([describe_notebook(path)], {}, "funder")
