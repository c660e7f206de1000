"""Parameters are checked before anything runs."""

import pytest
from toys import OWN, write_notebook

from helpers.running import parameters
from helpers.study import runs
from helpers.study.errors import WorkbookError


def test_every_notebook_gets_its_defaults_and_the_values_given_for_it():
    chosen = parameters.choose_parameters(runs.NOTEBOOKS, {"min_group_size": "5"})
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
        parameters.choose_parameters(runs.NOTEBOOKS, given)


def test_a_parameter_of_the_same_name_is_the_same_in_every_notebook():
    seen = {}
    for notebook in runs.NOTEBOOKS:
        for name, parameter in parameters.read_parameters(notebook).items():
            assert parameter.about, f"{name} of {notebook} says nothing of itself"
            assert seen.setdefault(name, parameter) == parameter, name


# --- for a funder


@pytest.fixture
def notebook(project):
    write_notebook(project, "01_first", OWN, [])
    return "01_first"


def test_a_funders_edition_tells_every_notebook_for_whom_it_runs(notebook):
    assert parameters.choose_parameters([notebook], {}, "funder")[notebook]["audience"] == "funder"
    assert parameters.choose_parameters([notebook], {})[notebook]["audience"] == "team"


@pytest.mark.parametrize("threshold", ["2", "0", "-5"])
def test_a_threshold_that_would_withhold_nothing_is_refused_for_a_funder(notebook, threshold):
    with pytest.raises(WorkbookError, match="3 or more for a funder"):
        parameters.choose_parameters([notebook], {"threshold": threshold}, "funder")
    assert parameters.choose_parameters([notebook], {"threshold": "3"}, "funder")[notebook]["threshold"] == 3
    assert parameters.choose_parameters([notebook], {"threshold": threshold}, "team")


@pytest.mark.parametrize("name", ["audience", "threshold"])
def test_a_notebook_that_cannot_be_told_of_the_funder_is_refused(project, name):
    cell = "".join(line for line in OWN.splitlines(keepends=True) if not line.startswith(name))
    write_notebook(project, "01_first", cell, [])
    with pytest.raises(WorkbookError, match=r"01_first\.ipynb.*no `audience` and `threshold`"):
        parameters.choose_parameters(["01_first"], {}, "funder")
