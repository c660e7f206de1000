"""Earlier studies beside this one: facts checked where they are read, and shown only where they compare."""

import pandas as pd
import pytest
from conftest import ROOT, STUDY

from helpers.study import errors, reading
from helpers.survey import earlier

HEAD = ",".join([*earlier.TEXTS, *earlier.FIGURES])
ROW = {
    "study": "Doe 2030", "source": "doi", "construct": "sense", "direction": "agree high", "n": "50", "items": "2",
    "scale_lowest": "1", "scale_highest": "3", "mean": "2.5", "sd": "0.5", "alpha_lowest": ".70",
}  # fmt: skip
RELIABILITY = pd.DataFrame({
    "construct": ["sense", "work", "all items"], "items": [2, 1, 3], "n_complete": [9, 8, 7], "alpha": [0.6, None, 0.5],
})  # fmt: skip


@pytest.fixture
def study(project):
    """A function that gives the small study rows of its own."""

    def study(*rows):
        folder = project / "data" / "tiny"
        lines = [",".join(str(row.get(name, "")) for name in HEAD.split(",")) for row in rows]
        (folder / "earlier.csv").write_text("\n".join([HEAD, *lines]) + "\n")
        (folder / "study.yml").write_text(STUDY.replace("survey:\n", "survey:\n  earlier: earlier.csv\n"))
        return reading.read_study("tiny")

    return study


def test_shipped_facts_are_those_of_the_papers(study):
    found = earlier.read_earlier(study()).set_index(["study", "construct"])
    # Finch et al. 2018, abstract; Engeltjes et al. 2022, abstract; Elf et al. 2018, abstract.
    finch = found.loc["Finch et al. 2018"]
    assert finch["alpha_lowest"].to_dict() == {
        "coherence": 0.71, "cognitive_participation": 0.81, "collective_action": 0.78, "reflexive_monitoring": 0.65,
        "all items": 0.89,
    }  # fmt: skip
    assert finch.loc["all items", ["n", "cfi", "tli", "rmsea", "srmr"]].tolist() == [413, 0.95, 0.93, 0.08, 0.03]
    assert found.loc[("Engeltjes et al. 2022", "coherence"), ["mean", "sd", "n"]].tolist() == [4.01, 0.47, 173]
    elf = found.loc[("Elf et al. 2018", "any construct")]
    assert elf[["alpha_lowest", "alpha_highest"]].tolist() == [0.78, 0.83] and "after dropping 3 items" in elf["note"]


def test_ranges_over_constructs_are_never_one_constructs_figure(study):
    found = earlier.read_earlier(study())
    ranges = found[found["alpha_lowest"] < found["alpha_highest"]]
    assert set(ranges["construct"]) == {"any construct"}
    assert set(ranges["study"]) == {"Vis et al. 2019", "G-NoMAD 2023", "Elf et al. 2018"}


def test_a_study_adds_rows_of_its_own_and_its_file_is_an_input_of_the_run(study):
    made = study(ROW)
    assert earlier.read_earlier(made)["study"].iloc[-1] == "Doe 2030"
    assert made.folder / "earlier.csv" in reading.named_files(made, "survey")


@pytest.mark.parametrize(
    ("changed", "place", "expected"),
    [
        ({"study": ""}, "study", "authors and year"),
        ({"source": ""}, "source", "such as a DOI"),
        ({"construct": "sence"}, "construct", "one of coherence,"),
        ({"direction": "up"}, "direction", "agree high, agree low"),
        ({"n": "about 50"}, "n", "a number, or nothing"),
        ({"n": "50.5"}, "n", "a whole number above 0"),
        ({"items": "0"}, "items", "a whole number above 0"),
        ({"scale_highest": "1"}, "scale_highest", "with its lowest before it"),
        ({"mean": "3.5"}, "mean", "between the ends of the scale"),
        ({"scale_lowest": "", "scale_highest": ""}, "mean", "which the row must give"),
        ({"sd": "-1"}, "sd", "that the scale allows"),
        ({"alpha_lowest": "7"}, "alpha_lowest", "at most 1"),
        ({"alpha_highest": ".6"}, "alpha_highest", "except in a range over constructs"),
        ({"alpha_highest": ".9"}, "alpha_highest", "except in a range over constructs"),
        ({"alpha_lowest": "", "alpha_highest": ".6"}, "alpha_highest", "except in a range over constructs"),
        ({"cfi": "95"}, "cfi", "from 0 to 1"),
    ],
)
def test_a_figure_that_cannot_be_is_refused_with_its_place(study, changed, place, expected):
    with pytest.raises(errors.WorkbookError, match=rf"earlier.csv, row 2, column {place}: .*expected .*{expected}"):
        earlier.read_earlier(study(ROW | changed))


def test_the_same_study_and_construct_twice_is_refused(study):
    with pytest.raises(errors.WorkbookError, match="row 3: found a second row for this study and construct"):
        earlier.read_earlier(study(ROW, ROW))


def choose(made):
    chosen = earlier.choose_earlier(earlier.read_earlier(made), RELIABILITY, made)
    return chosen[chosen["source"] == "doi"].iloc[0]


def test_a_mean_stands_only_on_the_same_scale_and_in_the_same_direction(study):
    assert choose(study(ROW))["mean"] == 2.5
    for changed in ({"direction": "agree low"}, {"direction": ""}, {"scale_highest": "5"}, {"scale_lowest": "0"}):
        found = choose(study(ROW | changed))
        assert pd.isna(found["mean"]) and pd.isna(found["sd"]) and found["alpha_lowest"] == 0.7
        assert found["note"] == "mean left out: its scale or direction is not known to be this study's"


def test_an_alpha_stands_only_beside_as_many_items(study):
    assert choose(study(ROW))[["alpha_lowest", "alpha_highest"]].tolist() == [0.7, 0.7]
    found = choose(study(ROW | {"items": "3", "note": "short form"}))
    assert pd.isna(found["alpha_lowest"]) and found["note"] == "short form; alpha left out: another number of items"


def test_ranges_stand_where_a_construct_has_nomads_number_of_items(study):
    made = study()
    rows = earlier.read_earlier(made)
    for items, told in ((4, True), (3, False)):
        own = pd.DataFrame({"construct": ["coherence", "all items"], "items": [items, 24]})
        chosen = earlier.choose_earlier(rows, own, made)
        assert chosen["alpha_lowest"].notna().any() == told
        assert set(chosen["construct"]) == {"coherence", "all items", "any construct"}
        # 24 items are not the 20 of which the papers' alphas are.
        assert chosen.loc[chosen["construct"] == "all items", "alpha_lowest"].isna().all()


def test_this_study_stands_over_the_others_in_the_same_columns(study):
    made = study(ROW)
    chosen = earlier.choose_earlier(earlier.read_earlier(made), RELIABILITY, made)
    scores = pd.DataFrame({"construct": ["sense"] * 3 + ["work"], "score": [1.0, 2.0, 3.0, None]})
    fit = pd.DataFrame({"cfi": [0.9], "tli": [0.8], "rmsea": [0.1], "srmr": [0.05]})
    beside = earlier.set_beside(chosen, scores, RELIABILITY, fit, made)
    own = beside[beside["study"] == "This study"].set_index("construct")
    assert own["n"].tolist() == [3, 0, 7] and own["practice"].eq("a made-up practice").all()
    assert own.loc["sense", ["mean", "sd", "alpha_lowest", "alpha_highest"]].tolist() == [2, 1, 0.6, 0.6]
    assert own["cfi"].isna().tolist() == [True, True, False] and own.loc["all items", "cfi"] == 0.9
    assert beside["study"].iloc[-1] == "Doe 2030" and not beside[["country", "note", "source"]].isna().any(axis=None)


def test_the_shipped_file_is_part_of_what_is_installed():
    assert '"helpers.survey" = ["earlier_studies.csv"]' in (ROOT / "pyproject.toml").read_text()
