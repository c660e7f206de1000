"""What several tests share: made-up studies in a folder of their own, one finished run of the first study, a browser."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import sys
from pathlib import Path

import pytest

from helpers.package import pdf, share
from helpers.running import pipeline, plan

ROOT = Path(__file__).parents[1]


def load(path: str):
    """A script of the checkout that is no room of `helpers`, as a module."""
    found = importlib.util.spec_from_file_location(Path(path).stem, ROOT / path)
    module = sys.modules[found.name] = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


SCALES = """
scales:
  agree:
    responses:
      - {label: Disagree, value: 1, band: Disagree}
      - {label: Neutral, value: 2, band: Neutral}
      - {label: Agree, value: 3, band: Agree}
    not_relevant:
      - {label: Not relevant to my role, kind: role}
constructs:
  sense: {label: Sense}
  work: {label: Work}
"""
STUDY = (
    """
title: A made-up study
practice: a made-up practice
about: Made up for a test.
"""
    + SCALES
    + """
survey:
  files: {"2030": survey.csv}
  groupings:
    team: {label: Team, column: team, levels: [North, South]}
"""
)
CODEBOOK = """item,column,section,construct,scale,reversed,label
A1,A1,A,sense,agree,no,Sees the point
A2,A2,A,sense,agree,no,Knows the plan
B1,B1,B,work,agree,yes,Gets in the way
"""
HEAD = "ResponseId,Status,team,A1,A2,B1\n"
SURVEY = (
    HEAD
    + """R_1,IP Address,North,Agree,Neutral,Disagree
R_2,IP Address,South,Agree,Agree,Not relevant to my role
R_3,IP Address,North,Disagree,,Agree
"""
)


@pytest.fixture
def project(tmp_path, monkeypatch) -> Path:
    """An empty copy of the workbook's folders, with one small study `tiny`; the test stands in it."""
    (tmp_path / "notebooks").mkdir()
    folder = tmp_path / "data" / "tiny"
    folder.mkdir(parents=True)
    for name, text in (("study.yml", STUDY), ("codebook.csv", CODEBOOK), ("survey.csv", SURVEY)):
        (folder / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def finished(tmp_path_factory) -> Path:
    """A project that holds the first study and one finished run of it: `outputs/lvrn_2024/default`."""
    root = tmp_path_factory.mktemp("finished")
    shutil.copytree(ROOT / "notebooks", root / "notebooks", ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    shutil.copytree(ROOT / "data" / "lvrn_2024", root / "data" / "lvrn_2024")
    before = Path.cwd()
    os.chdir(root)
    try:
        outcome = pipeline.make_run(plan.Order("lvrn_2024"))
    finally:
        os.chdir(before)
    assert outcome.failures == []
    return root


@pytest.fixture(scope="session")
def package(finished) -> Path:
    """The first study's package for a funder, as a folder; the same as a zip file stands beside it."""
    with contextlib.chdir(finished):
        made = share.make_package(plan.Order("lvrn_2024"))
    assert made.outcome.failures == []
    return made.archive.with_suffix("")


@pytest.fixture(scope="session")
def browser():
    """A headless browser of the Chromium family; without one the test is skipped, or fails where it must not be."""
    path = pdf.find_browser()
    if path is None:
        reason = "no browser of the Chromium family is installed"
        if os.environ.get("BROWSER_TESTS") == "required":
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=arguments)
        yield opened
        opened.close()
