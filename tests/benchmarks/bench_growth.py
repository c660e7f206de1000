"""How a run grows with the survey and with the interviews: python tests/benchmarks/bench_growth.py [TIMES]

Makes the whole appendix (`workbook run --force`) of the first study with made-up answers of 48 to 100,000 respondents, and with
20 to 20,000 made-up coded segments. Prints medians by the clock, the memory of the largest process and the size of the page,
and draws growth.svg. The runs take turns, so that a machine that becomes slower or faster changes all of them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from section import open_section, print_table, read_argument, say

from helpers.page import style
from helpers.study import reading

ROOT, STUDY = Path(__file__).parents[2], "lvrn_2024"
RESPONDENTS = (48, 1_000, 100_000)
# Segments, with the participants and codes of a study of that size.
SEGMENTS = {20: (10, 14), 1_000: (30, 60), 20_000: (60, 200)}
SEED = 1
ASKED = {"time": 3, "memory": 2, "page": 5}
# A process of its own, so that the memory of this one, which its children begin with, does not count.
TIMED = """
import resource, subprocess, sys, time
begun = time.perf_counter()
subprocess.run(sys.argv[1:], check=True, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
print(time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20)
"""


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


def measure_run(root: Path) -> dict[str, float]:
    """Seconds by the clock, the memory of the largest process in GB, and the size of the page in MB, of one clean run."""
    command = [sys.executable, "-m", "helpers.cli", "run", STUDY, "--force"]
    known = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    said = subprocess.check_output([sys.executable, "-c", TIMED, *command], cwd=root, env=known, text=True)
    seconds, memory = map(float, said.split())
    page = (root / "outputs" / STUDY / "default" / "appendix.html").stat().st_size / 1e6
    return {"seconds": seconds, "memory": memory, "page": page}


def measure(times: int) -> pd.DataFrame:
    """Medians, and `time` as a ratio to the smallest study: each row is one study, `of` respondents or segments."""
    sizes = [("respondents", size) for size in RESPONDENTS] + [("segments", size) for size in SEGMENTS]
    runs = []
    with tempfile.TemporaryDirectory() as folder:
        for of, size in sizes:
            make_study(Path(folder) / f"{of}{size}", *((size, None) if of == "respondents" else (None, size)))
        for _ in range(times):
            runs += [{"of": of, "size": size} | measure_run(Path(folder) / f"{of}{size}") for of, size in sizes]
    found = pd.DataFrame(runs).groupby(["of", "size"]).median().reset_index()
    return found.assign(time=found["seconds"] / found.groupby("of")["seconds"].transform("first"))


def draw(found: pd.DataFrame) -> None:
    """One panel for respondents and one for segments: time as a ratio to the smallest, and memory in GB, with their limits."""
    style.use_style()
    lines = found.melt(["of", "size"], ["time", "memory"], "what").replace(
        {"time": "time, as a multiple of the smallest", "memory": "memory of the largest process, GB"}
    )
    colours = [style.HIGH_COLOURS[1], style.LOW_COLOURS[1]]
    drawn, panels = plt.subplots(1, 2, figsize=(style.WIDTH, 3), sharey=True)
    for axes, (of, rows) in zip(panels, lines.groupby("of"), strict=True):
        sns.lineplot(rows, x="size", y="value", hue="what", marker="o", palette=colours, legend=of == "segments", ax=axes)
        for limit, colour in zip((ASKED["time"], ASKED["memory"]), colours, strict=True):
            axes.axhline(limit, color=colour, linestyle=":", linewidth=1)
        axes.set(xscale="log", ylim=(0, 3.4), title=of.capitalize(), xlabel="", ylabel="")
        axes.set_xticks(rows["size"].unique(), [f"{size:,}" for size in rows["size"].unique()])
    panels[1].legend(title="", frameon=False)
    (Path(__file__).parent / "growth.svg").write_bytes(style.picture(drawn, "svg"))


if __name__ == "__main__":
    found = measure(int(read_argument(5)))
    draw(found)
    open_section(
        "How a run grows",
        "Clean runs of made-up studies with the first study's questionnaire, `workbook run --force` with the whole page: more "
        "respondents, then more coded segments. Dotted lines are what was asked for.",
    )
    rows = [
        (f"{row.size:,} {row.of}", f"{row.seconds:.1f} s", f"{row.time:.2f}", f"{row.memory:.2f} GB", f"{row.page:.1f} MB")
        for row in found.itertuples()
    ]
    asked = ("asked for", "", f"under {ASKED['time']}", f"under {ASKED['memory']} GB", f"under {ASKED['page']} MB")
    print_table(["", "by the clock", "beside the smallest", "largest process", "page"], [*rows, asked])
    say("![Time and memory of a clean run, by respondents and segments](growth.svg)")
