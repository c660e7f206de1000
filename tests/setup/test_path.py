"""A stranger's path: an export, `new`, `check`, what is left to decide, the notebooks, and what stands in the appendix."""

import io
import shutil

import in_process
import pandas as pd
import pytest
from conftest import ROOT
from questionnaires import make_questionnaire
from toys import call


def test_an_export_becomes_an_appendix_once_what_is_left_to_decide_is_decided(tmp_path, capsys, monkeypatch):
    (tmp_path / "data").mkdir()
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    made = make_questionnaire(0, tmp_path / "downloads")

    def command(*arguments):
        return call(*arguments, capsys=capsys, monkeypatch=monkeypatch)

    status, said = command("new", "mine", "--survey", str(made.export))
    assert status == 0 and "2 still to decide:" in said
    # It is not taken for decided: each is told with its place, and what is wrong besides is told with it.
    study = tmp_path / "data" / "mine" / "study.yml"
    text = study.read_text(encoding="utf-8")
    study.write_text(text.replace("groupings:", "groupngs:"), encoding="utf-8")
    status, said = command("check", "mine")
    assert status == 2 and said.count("still to decide: Which item is") == 2
    assert "codebook.csv, item D4, column review" in said and "did you mean 'groupings'?" in said
    study.write_text(text, encoding="utf-8")

    codebook = pd.read_csv(study.with_name("codebook.csv"), dtype=str, keep_default_na=False)
    right = {wording: item for wording, item in made.items.items() if item}
    assert (codebook["label"].map(right) == codebook["item"]).all()
    codebook.assign(review="").to_csv(study.with_name("codebook.csv"), index=False)
    status, said = command("check", "mine")
    assert status == 0 and said.endswith("No mistakes found in data/mine.\n")
    # What nobody but its authors can say is asked for until they have said it.
    assert said.startswith("Note: study.yml, about: still 'Say here") and said.count("Note") == 1
    study.write_text(text.replace("Say here in two sentences", "A team day is held; we ask"), encoding="utf-8")
    assert command("check", "mine") == (0, "No mistakes found in data/mine.\n")

    left: dict[str, dict] = {}
    folder = in_process.run_notebooks("mine", left=left, permutations=50)
    assert [*left] == ["01", "02", "03", "00"]
    assert len(left["01"]["respondents"]) == 32 and left["02"]["scores"]["score"].notna().any()
    # In words as typed, question by question, and what each answer was read as; nothing that identifies anybody.
    written = pd.read_csv(folder / "tables" / "01_written.csv")
    assert sorted(written["text"])[0] == "I have 0 things to say about it, all of them kind" and len(written) == 8
    options = pd.read_csv(folder / "tables" / "01_options.csv").set_index("response")["value"]
    assert options["Strongly agree"] == 5 and options["Strongly disagree"] == 1
    assert not [path for path in folder.rglob("*.csv") if "@example.org" in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize("named", [True, False])
def test_a_notebook_without_a_name_works_on_the_study_that_the_lab_was_opened_for(project, monkeypatch, named):
    monkeypatch.setenv("WORKBOOK_STUDY", "" if named else "tiny")
    left: dict[str, dict] = {}
    in_process.run_notebooks("tiny", "01", left=left, **({} if named else {"study": ""}))
    assert left["01"]["page"].run.folder == project / "outputs" / "tiny" / "default"


def test_numbers_typed_the_wrong_way_round_are_told_in_the_first_question_and_what_is_right_is_not(tmp_path, monkeypatch):
    for name in ("data", "notebooks"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "data" / "lvrn_2024", tmp_path / "data" / "turned")
    study = tmp_path / "data" / "turned" / "study.yml"
    right: list[str] = []
    in_process.run_notebooks("turned", "01", shown=right)
    labels = pd.read_csv(study.with_name("codebook.csv"))
    labels["reversed"] = labels["reversed"].map({"yes": "no", "no": "no"})
    labels.to_csv(study.with_name("codebook.csv"), index=False)
    turned: list[str] = []
    in_process.run_notebooks("turned", "01", shown=turned)
    assert "runs against the other items" not in "".join(right)
    assert "D2 runs against the other items of" in "".join(turned)
