"""What several tests share: made-up studies in a separate folder, one finished run of the first study, a browser."""

from __future__ import annotations

import contextlib
import importlib.metadata
import importlib.util
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import settings

from helpers.package import package as packages
from helpers.package import pdf
from helpers.running import pipeline, plan, warm

ROOT = Path(__file__).parents[1]
# On a busy machine an example can take longer than usual, which says nothing about what it tests.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
# A suite started in the background ignores Ctrl-C, and so would every program that a test starts and means to stop.
signal.signal(signal.SIGINT, signal.default_int_handler)


# The modules that take longest, which begin first, so that no process waits at the end for another; the first two build or
# need no finished run.
LONGEST = [
    "running/test_appendix.py", "disclosure/test_releases.py", "running/test_pipeline.py", "running/test_sweep.py",
    "page/test_sentences.py", "disclosure/test_funder.py", "running/test_faults.py", "package/test_share.py",
    "package/test_scan.py", "setup/test_broken.py", "running/test_warm.py", "test_notebooks.py", "setup/test_new.py",
    "running/test_own.py", "page/test_scores.py", "running/test_watch.py", "setup/test_path.py", "running/test_fresh.py",
]  # fmt: skip


def pytest_configure(config: pytest.Config) -> None:
    config.option.loadscopereorder = False  # pytest-xdist would begin with the modules of most tests, which may be short


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    place = {ROOT / "tests" / name: k for k, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path, len(place)))


def load(path: str):
    """A script of the checkout outside `helpers`, as a module."""
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


@pytest.fixture(scope="session", autouse=True)
def forked_kernels() -> Iterator[None]:
    """Kernels forked from one process for all tests, which takes a tenth of the time; tests of kernels start their own."""
    with warm.warm_kernels(True):
        yield


find_plugins = cache(importlib.metadata.entry_points)


@pytest.fixture(scope="session", autouse=True)
def plugins_looked_up_once() -> Iterator[None]:
    """doit reads the metadata of every installed package several times in a run, and no test installs one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("doit.plugin.entry_points_impl", lambda: find_plugins)
        yield


@pytest.fixture
def project(tmp_path, monkeypatch) -> Path:
    """An empty copy of the workbook's folders, with one small study `tiny`; it is the test's working folder."""
    return write_project(tmp_path, monkeypatch)


def write_project(root: Path, patch: pytest.MonkeyPatch) -> Path:
    """For a fixture of wider scope."""
    (root / "notebooks").mkdir()
    folder = root / "data" / "tiny"
    folder.mkdir(parents=True)
    for name, text in (("study.yml", STUDY), ("codebook.csv", CODEBOOK), ("survey.csv", SURVEY)):
        (folder / name).write_text(text, encoding="utf-8")
    patch.chdir(root)
    return root


def build_once(tmp_path_factory, name: str, build) -> Path:
    """A folder that all test processes share: the first to ask for it builds it, and the others wait."""
    root = tmp_path_factory.getbasetemp()
    root = root.parent if os.environ.get("PYTEST_XDIST_WORKER") else root
    folder = root / name
    with FileLock(root / f"{name}.building"):
        if not (folder / "built").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            build(folder)
            (folder / "built").touch()
    return folder


@pytest.fixture(scope="session")
def shared_run(tmp_path_factory) -> Path:
    """A project with the first study, one finished run of it and its package for a funder; for tests that only read."""

    def build(root: Path) -> None:
        shutil.copytree(ROOT / "notebooks", root / "notebooks", ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
        shutil.copytree(ROOT / "data" / "lvrn_2024", root / "data" / "lvrn_2024")
        with contextlib.chdir(root):
            assert pipeline.make_run(plan.Order("lvrn_2024")).failures == []
            assert packages.make_package(plan.Order("lvrn_2024")).outcome.failures == []

    return build_once(tmp_path_factory, "finished", build)


@pytest.fixture
def finished(shared_run) -> Iterator[Path]:
    """The same, for one test at a time, which may run something in it."""
    with FileLock(shared_run.with_suffix(".used")):
        yield shared_run


@pytest.fixture
def package(finished) -> Path:
    """The first study's package for a funder, as a folder; the zip file is beside it."""
    return finished / "outputs" / "lvrn_2024" / "default-share" / "lvrn_2024_default"


@pytest.fixture(scope="session")
def browser():
    """A headless browser of the Chromium family; without one the test is skipped, or fails where skipping is not allowed."""
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
