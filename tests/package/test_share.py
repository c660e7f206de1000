"""A funder's package: whole or not at all, searched before it is called done."""

import hashlib
import json
import os
import shutil
import zipfile

import pandas as pd
import pytest
from conftest import write_project
from toys import OWN, call, digests, execute_here, names_in, show_a_table, write_notebook

from helpers.disclosure import ledger, sharing
from helpers.package import package, scan
from helpers.running import kernels, pipeline, publish
from helpers.running.plan import Order, plan_run
from helpers.study.errors import WorkbookError
from helpers.study.reading import read_study


@pytest.fixture
def shows(project, monkeypatch):
    """A project whose one notebook, run without a kernel, lists a table and a figure; no browser prints its page."""
    keep_quick(monkeypatch)
    show_a_table(project)
    return project


def keep_quick(patch):
    patch.setattr(kernels, "execute_notebook", execute_here)
    patch.setattr("helpers.package.pdf.find_browser", lambda: None)


@pytest.fixture(scope="module")
def first_package(tmp_path_factory):
    """The same with a package, made once."""
    with pytest.MonkeyPatch.context() as patch:
        keep_quick(patch)
        project = write_project(tmp_path_factory.mktemp("shared"), patch)
        show_a_table(project)
        package.make_package(Order("tiny"))
    return project


@pytest.fixture
def shared(first_package, tmp_path, monkeypatch):
    """A copy of it for each test."""
    keep_quick(monkeypatch)
    shutil.copytree(first_package, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_package_is_a_folder_and_a_zip_file_of_the_same(shows, capsys, monkeypatch):
    status, said = call("share", "tiny", capsys=capsys, monkeypatch=monkeypatch)
    assert status == 0, said
    folder = shows / "outputs" / "tiny" / "default-share"
    assert {path.name for path in folder.iterdir()} == {"tiny_default", "tiny_default.zip"}
    with zipfile.ZipFile(folder / "tiny_default.zip") as archive:
        assert set(archive.namelist()) == {f"tiny_default/{name}" for name in names_in(folder / "tiny_default")}
    edition = names_in(shows / "outputs" / "tiny" / "default-funder")
    assert "Package: outputs/tiny/default-share/tiny_default.zip" in said
    assert "Note: " in said and "PDF" in said
    assert "Read it before you send it" in said
    assert {"appendix.html", "run.json", "tables/01_told.csv", "figures/01_told.png"} <= edition
    assert not [name for name in names_in(folder) if "untold" in name or name.endswith((".ipynb", ".parquet"))]


def test_the_same_inputs_give_the_same_package(shows):
    archive = package.make_package(Order("tiny")).archive
    first = hashlib.sha256(archive.read_bytes()).hexdigest()
    # As if the first had never been made, since a package says how many there were before.
    for path in (archive, shows / "data" / "tiny" / "releases" / "1.json"):
        path.unlink()
    package.make_package(Order("tiny", force=True))
    assert hashlib.sha256(archive.read_bytes()).hexdigest() == first


def test_the_label_and_the_parameters_reach_the_package(shows, capsys, monkeypatch):
    arguments = ["share", "tiny", "--run", "later", "-p", "threshold", "10", "-p", "value", "7"]
    status, said = call(*arguments, capsys=capsys, monkeypatch=monkeypatch)
    assert status == 0, said
    folder = shows / "outputs" / "tiny" / "later-share" / "tiny_later"
    assert pd.read_csv(folder / "tables" / "01_told.csv").to_dict("list") == {
        "For": ["funder"],
        "Threshold": [10],
        "Value": [7],
    }
    assert json.loads((folder / "run.json").read_text())["threshold"] == 10


def test_a_hit_stops_the_package_and_leaves_the_last_one(shared, capsys, monkeypatch):
    """What stands in the edition is found there; what the package adds is found before it is put in place."""
    folder, assemble = shared / "outputs" / "tiny", package.assemble
    before = digests(folder)

    def add_an_address(source, target, *more):
        notes = assemble(source, target, *more)
        (target / "notes.txt").write_text("write to someone@example.org")
        return notes

    monkeypatch.setattr(package, "assemble", add_an_address)
    status, said = call("share", "tiny", capsys=capsys, monkeypatch=monkeypatch)
    assert status == 2
    assert "notes.txt" in said and "e-mail address" in said and "someone@" not in said
    assert {path: digest for path, digest in digests(folder).items() if "share" in str(path)} == {
        path: digest for path, digest in before.items() if "share" in str(path)
    }
    assert {path.name for path in folder.iterdir()} == {"default-funder", "default-share"}


def test_a_hit_in_the_edition_makes_no_package(shows, monkeypatch):
    show_a_table(shows, " 192.0.2.7")
    with pytest.raises(WorkbookError, match="IP address"):
        package.make_package(Order("tiny"))
    assert list((shows / "outputs" / "tiny").iterdir()) == []


def test_a_name_of_the_raw_data_that_a_table_shows_is_found(shows):
    """The scan is given this study's own raw data."""
    survey = shows / "data" / "tiny" / "survey.csv"
    rows = survey.read_text().splitlines()
    last = ["RecipientLastName", *["Quillonperson"] * (len(rows) - 1)]
    survey.write_text("\n".join(f"{row},{name}" for row, name in zip(rows, last, strict=True)) + "\n")
    show_a_table(shows, " Quillonperson")
    with pytest.raises(WorkbookError, match="name"):
        package.make_package(Order("tiny"))


def test_a_failed_notebook_leaves_the_last_package(shared, capsys, monkeypatch):
    before = digests(shared / "outputs" / "tiny")
    monkeypatch.undo()
    monkeypatch.chdir(shared)
    write_notebook(shared, "01_show", OWN, ['raise ValueError("a mistake")'])
    status, said = call("share", "tiny", capsys=capsys, monkeypatch=monkeypatch)
    assert (status, "ValueError: a mistake" in said) == (1, True)
    assert digests(shared / "outputs" / "tiny") == before


def test_a_full_disk_leaves_the_last_package(shared, capsys, monkeypatch):
    before = digests(shared / "outputs" / "tiny" / "default-share")

    def fill_up(folder, target):
        raise OSError(28, "No space left on device", str(target))

    monkeypatch.setattr(package, "zip_folder", fill_up)
    status, said = call("share", "tiny", capsys=capsys, monkeypatch=monkeypatch)
    assert (status, said.count("no space left on the disk")) == (2, 1)
    assert digests(shared / "outputs" / "tiny" / "default-share") == before


def test_a_full_disk_under_the_ledger_is_named_and_leaves_nothing_there(shared, capsys, monkeypatch):
    folder, replace = shared / "data" / "tiny" / "releases", os.replace
    (folder / ".1.json.7.partial").write_bytes(b"what a process that was killed has left")

    def fill_up(source, target):
        if target.parent == folder:
            raise OSError(28, "No space left on device")
        replace(source, target)

    monkeypatch.setattr(os, "replace", fill_up)
    for command in (("share", "tiny", "--to", "Another"), ("releases", "tiny", "--strike", "1", "--reason", "Not sent.")):
        status, said = call(*command, capsys=capsys, monkeypatch=monkeypatch)
        assert (status, said.count("data/tiny/releases: found no space left on the disk")) == (2, 1), said
    assert names_in(folder) == {"1.json", ".lock"}


def test_a_package_waits_for_no_run_of_its_edition(shows):
    """One lock serves both, so that no package is made of a half-made edition."""
    plan = plan_run(Order("tiny", audience="funder"))
    with pipeline.holding(plan), pytest.raises(WorkbookError, match="another `workbook`"):
        package.make_package(Order("tiny"))


def test_the_edition_is_held_until_the_package_is_in_place(shows, monkeypatch):
    zip_folder, plan = package.zip_folder, plan_run(Order("tiny", audience="funder"))

    def zip_while_held(folder, target):
        with pytest.raises(WorkbookError, match="another `workbook`"), pipeline.holding(plan):
            pass
        zip_folder(folder, target)

    monkeypatch.setattr(package, "zip_folder", zip_while_held)
    assert package.make_package(Order("tiny")).archive.exists()


def test_sharing_writes_into_a_study_folder_the_ledger_alone(shows):
    folder = shows / "data" / "tiny"
    before = digests(folder)
    for path in folder.iterdir():
        os.chmod(path, path.stat().st_mode & ~0o222)
    package.make_package(Order("tiny"))
    after = digests(folder)
    assert {path: after[path] for path in before} == before
    assert {path.relative_to(folder).as_posix() for path in after if path not in before} == {
        "releases/1.json",
        "releases/.lock",
    }


def test_without_its_entry_in_the_ledger_no_package_is_made(shows, monkeypatch):
    def refuse(path, content):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("helpers.disclosure.ledger.save", refuse)
    with pytest.raises(WorkbookError, match="a ledger that cannot be written to"):
        package.make_package(Order("tiny"))
    assert not (shows / "outputs" / "tiny" / "default-share").exists()


def test_a_package_is_searched_after_everything_is_in_it(shows, monkeypatch):
    searched, scan_folder = {}, scan.scan_folder

    def note(folder, secrets):
        searched[folder.name] = names_in(folder)
        return scan_folder(folder, secrets)

    monkeypatch.setattr(scan, "scan_folder", note)
    package.make_package(Order("tiny"))
    assert searched["tiny_default"] == names_in(shows / "outputs" / "tiny" / "default-share" / "tiny_default")


def test_answers_that_are_replaced_while_a_package_is_made_are_no_part_of_it(shows, monkeypatch):
    """The ledger would note people whom the figures do not count."""
    survey, carry_out = shows / "data" / "tiny" / "survey.csv", pipeline.carry_out

    def replace_after(*given):
        outcome = carry_out(*given)
        survey.write_text(survey.read_text().replace("Disagree", "Agree"))
        return outcome

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(pipeline, "carry_out", replace_after)
        with pytest.raises(WorkbookError, match="changed while the package was made.*run it again"):
            package.make_package(Order("tiny"))
    assert ledger.read_standing(read_study("tiny")) == []
    assert not (shows / "outputs" / "tiny" / "default-share").exists()
    assert package.make_package(Order("tiny")).archive.exists()


def stop(*_):
    raise KeyboardInterrupt


@pytest.mark.parametrize("changed", [True, False])
def test_an_entry_whose_package_was_never_put_in_place_protects_nothing(shows, monkeypatch, changed):
    """The next package takes the entry over if it tells the same, or leaves it struck."""
    with monkeypatch.context() as stopped:
        stopped.setattr(publish, "put_in_place", lambda new, final: stop() if "share" in final.name else os.rename(new, final))
        with pytest.raises(KeyboardInterrupt):
            package.make_package(Order("tiny"))
    study = read_study("tiny")
    assert [release.struck for release in ledger.read_ledger(study)] == [ledger.UNFINISHED]
    release = package.make_package(Order("tiny", parameters={"threshold": 6} if changed else {})).release
    assert [found.number for found in ledger.read_standing(study)] == [release.number] == [2 if changed else 1]


def test_a_package_that_is_in_place_stands_though_share_was_stopped_before_it_said_so(shows, monkeypatch):
    with monkeypatch.context() as stopped:
        stopped.setattr(sharing, "confirm", stop)
        with pytest.raises(KeyboardInterrupt):
            package.make_package(Order("tiny"))
    assert ledger.read_standing(read_study("tiny")) == []
    package.make_package(Order("tiny", parameters={"threshold": 6}))
    assert [release.number for release in ledger.read_standing(read_study("tiny"))] == [1, 2]


def test_a_package_that_the_ledger_does_not_know_stops_the_next(shared):
    (shared / "data" / "tiny" / "releases" / "1.json").unlink()
    with pytest.raises(WorkbookError, match="no entry for the package tiny_default.zip"):
        package.make_package(Order("tiny"))


def test_two_packages_of_a_study_are_not_made_at_once(shows, monkeypatch):
    """Whatever their labels: each is protected together with those that stand."""
    zip_folder = package.zip_folder

    def zip_meanwhile(folder, target):
        with pytest.raises(WorkbookError, match="another `workbook`"):
            package.make_package(Order("tiny", run="other"))
        zip_folder(folder, target)

    monkeypatch.setattr(package, "zip_folder", zip_meanwhile)
    assert package.make_package(Order("tiny")).archive.exists()
