"""How long notebooks 01 to 03 take on many respondents: python tests/benchmarks/bench_notebooks.py [RESPONDENTS]

Makes a study of made-up answers with the first study's codebook, scales and groupings, runs the notebooks as `workbook run`
does, and prints wall time, the kernels' largest memory, and the ratio to the same run on 48 respondents.
"""

from __future__ import annotations

import os
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.running import pipeline, plan
from helpers.study import reading

ROOT = Path(__file__).parents[2]


def make_study(root: Path, respondents: int) -> None:
    """A project whose study `many` has this many respondents, drawn without any relation between answers."""
    shutil.copytree(ROOT / "notebooks", root / "notebooks")
    shutil.copytree(ROOT / "data" / "lvrn_2024", root / "data" / "many")
    definition = root / "data" / "many" / "study.yml"
    definition.write_text(definition.read_text().replace("number: 3000", f"number: {3 * respondents}"))
    os.chdir(root)
    found, random = reading.read_study("many"), np.random.default_rng(1)
    columns = {"ResponseId": [f"R_{k}" for k in range(respondents)], "Status": "IP Address"}
    for grouping in found.survey.groupings.values():
        columns[grouping.column] = random.choice(grouping.levels, respondents)
    for row in found.codebook.itertuples():
        options = [*found.scales[row.scale].labels, *(o.label for o in found.scales[row.scale].not_relevant), ""]
        columns[row.column] = random.choice(options, respondents)
    pd.DataFrame(columns).to_csv(root / "data" / "many" / "survey" / "reconstructed_export.csv", index=False)


def time_run(respondents: int) -> tuple[float, float]:
    """Seconds for notebooks 01 to 03, and the largest memory of a kernel in GB."""
    with tempfile.TemporaryDirectory() as folder:
        make_study(Path(folder), respondents)
        begun = time.perf_counter()
        outcome = pipeline.make_run(plan.Order("many", parameters={}, only="03", jobs=1))
        seconds = time.perf_counter() - begun
        os.chdir(ROOT)
    assert not outcome.failures, outcome.failures
    return seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20


if __name__ == "__main__":
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    few_seconds, few_memory = time_run(48)
    seconds, memory = time_run(many)
    print(f"48 respondents: {few_seconds:.1f} s, {few_memory:.2f} GB")
    print(f"{many:,} respondents: {seconds:.1f} s, {memory:.2f} GB, {seconds / few_seconds:.1f} times as long")
