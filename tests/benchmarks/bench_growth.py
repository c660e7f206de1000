"""How a run grows with the survey and with the interviews: python tests/benchmarks/bench_growth.py [TIMES]

Makes the whole appendix (`workbook run --force`) of the first study with made-up answers of 48 to 100,000 respondents, and with
20 to 20,000 made-up coded segments. Prints medians by the clock, the memory of the largest process and the size of the page,
and draws growth.svg. The runs take turns, so that a machine that becomes slower or faster changes all of them.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import psutil

from helpers.study import reading

ROOT, STUDY = Path(__file__).parents[2], "lvrn_2024"
RESPONDENTS = (48, 1_000, 100_000)
# Segments, with the participants and codes of a study of that size.
SEGMENTS = {20: (10, 14), 1_000: (30, 60), 20_000: (60, 200)}
SEED = 1


def make_study(root: Path, respondents: int | None, segments: int | None) -> None:
    """A copy of the workbook whose first study has this many made-up respondents or segments, unrelated to each other."""
    for name in ("notebooks", "data"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("releases", ".ipynb_checkpoints"))
    os.chdir(root)
    study, random = reading.read_study(STUDY), np.random.default_rng(SEED)
    if respondents:
        answer_survey(study, respondents, random)
    if segments:
        code_interviews(study, segments, random)
    os.chdir(ROOT)


def answer_survey(study: reading.Study, respondents: int, random: np.random.Generator) -> None:
    definition = study.folder / "study.yml"
    definition.write_text(definition.read_text().replace("number: 3000", f"number: {3 * respondents}"))
    columns = {"ResponseId": [f"R_{k}" for k in range(respondents)], "Status": "IP Address"}
    for grouping in study.survey.groupings.values():
        columns[grouping.column] = random.choice(grouping.levels, respondents)
    for row in study.codebook.itertuples():
        scale = study.scales[row.scale]
        columns[row.column] = random.choice([*scale.labels, *(each.label for each in scale.not_relevant), ""], respondents)
    (file,) = study.survey.files.values()
    pd.DataFrame(columns).to_csv(study.folder / file, index=False)


def code_interviews(study: reading.Study, segments: int, random: np.random.Generator) -> None:
    """Segments of 25 made-up words, with one to three codes each; every participant has some, every code is in one theme."""
    people, codes = SEGMENTS[segments]
    participants, themes = [f"P{k:02}" for k in range(people)], [f"Theme {k}" for k in range(3 + codes // 20)]
    columns = {"participant": participants}
    for name, attribute in study.interviews.attributes.items():
        columns[name] = random.choice(attribute.levels, people)
    pd.DataFrame(columns).to_csv(study.folder / study.interviews.participants, index=False)
    constructs = [*study.codebook["construct"].unique()]
    pd.DataFrame({"code": [f"code_{k}" for k in range(codes)], "label": [f"Code number {k}" for k in range(codes)]}).assign(
        construct=np.resize(constructs[1:], codes)
    ).to_csv(study.folder / study.interviews.codes, index=False)
    letters = np.array(list("abcdefghijklmnoprstuvw"))
    words = np.array(["".join(random.choice(letters, random.integers(2, 9))) for _ in range(3000)])
    frequency = 1 / np.arange(1, len(words) + 1)
    said = random.choice(words, (segments, 25), p=frequency / frequency.sum())
    table = pd.DataFrame({"segment": [f"Q{k:02}" for k in range(1, segments + 1)], "text": [" ".join(text) for text in said]})
    table = table.assign(participant=np.resize(participants, segments), coder="workbook")
    table = table.loc[np.repeat(table.index, random.integers(1, 4, segments))]
    code = random.integers(0, codes, len(table))
    table = table.assign(code=[f"code_{k}" for k in code], theme=[themes[k % len(themes)] for k in code]).drop_duplicates()
    table.to_csv(study.folder / study.interviews.segments, index=False)
