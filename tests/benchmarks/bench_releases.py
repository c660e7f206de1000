"""How much several packages of a study give away together.

Run with `python tests/benchmarks/bench_releases.py [PART] [without]`, eight minutes for the whole. `without` runs without the
ledger, so that one can see what it prevents.
"""

import contextlib
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from section import open_section, print_table, read_argument, say

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests")]

import attacker  # noqa: E402
import planted  # noqa: E402
import released  # noqa: E402

from helpers.disclosure import ledger  # noqa: E402
from helpers.study.reading import read_study  # noqa: E402

LEVELS = {"Team": ["North", "South", "East", "West", "Night shift"], "Years": ["Under 1", "1 to 5", "Over 5"]}
MERGED = {"Team": {"South and night": ["South", "Night shift"], "East and west": ["East", "West"]}}
GROUPS = ", groups: {South and night: [South, Night shift]}", ", groups: {East and west: [East, West]}"


def change(folder: Path, kind: str, random: np.random.Generator) -> int:
    """Change the planted study in one way; returns the threshold of the next package."""
    path, study = folder / "survey.csv", folder / "study.yml"
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    people = rows.index[2:]
    if kind.startswith("one less"):
        rows = rows.drop(index=random.choice(people))
    if kind.endswith("more"):
        number = 1 if kind == "one more" else int(random.integers(20, 60))
        more = planted.make_export(random, number).iloc[2:]
        names = [f"{random.integers(10**9)}" for _ in range(number)]
        rows = pd.concat([rows, more.assign(ResponseId=[f"R_x{name}" for name in names], key=names)])
    elif kind == "a region":
        rows = rows[~rows["team"].isin(random.choice(LEVELS["Team"], int(random.integers(1, 4)), replace=False))]
    elif kind == "a grouping":
        study.write_text(study.read_text().replace(*GROUPS))
    rows.to_csv(path, index=False)
    return int(random.choice([3, 4, 6, 8, 10])) if kind == "a threshold" else 5


KINDS = ["one less", "one more", "many more", "a region", "a grouping", "a threshold", "one less, many more"]


def attack_planted(pairs: int) -> None:
    rows = []
    for kind in KINDS:
        told = counts = 0
        for seed in range(pairs):
            with tempfile.TemporaryDirectory() as root, contextlib.chdir(root):
                Path("notebooks").mkdir()
                folder, random = Path("data/planted"), np.random.default_rng(seed)
                planted.plant(folder, seed)
                text = (folder / "study.yml").read_text()
                (folder / "study.yml").write_text(text.replace("Night shift]}", "Night shift]" + GROUPS[0] + "}"))
                packages = [released.share("planted", means=False)]
                for step in (kind, str(random.choice(KINDS))):
                    packages.append(released.share("planted", change(folder, step, random), means=False))
                least = min(package.threshold for package in packages)
                found = [attacker.attack_releases(packages, read_study("planted"), 2, means=False)]
                found = pd.concat([*found, attacker.attack_groups(packages, LEVELS, MERGED)])
                given = attacker.find_given_away(found, least)
                told, counts = told + bool(len(given)), counts + len(given)
        rows.append((kind, f"{told} of {pairs}", counts))
    say(
        "**A made-up survey.** A package, a second one after a change, and a third one after a change drawn at random; "
        f"{pairs} such series of each kind."
    )
    print_table(("the change", "series that give somebody away", "counts given away"), rows)


def attack_first_study(part: float) -> None:
    answers = counts = people = 0
    with tempfile.TemporaryDirectory() as root, contextlib.chdir(root):
        Path("notebooks").mkdir()
        shutil.copytree(ROOT / "data" / "lvrn_2024", "data/lvrn_2024")
        study = read_study("lvrn_2024")
        path = study.file(list(study.survey.files.values())[-1])
        whole = pd.read_csv(path, dtype=str, keep_default_na=False)
        first = released.share("lvrn_2024", means=False)
        everybody = whole.index[whole["ResponseId"].str.startswith("R_")]
        for person in everybody[: max(2, round(part * len(everybody)))]:
            whole.drop(index=person).to_csv(path, index=False)
            second = released.share("lvrn_2024", means=False, note=False)
            found = attacker.attack_releases([first, second], study, 2, means=False)
            alone = found[found["people"].eq(1)]
            people, answers = people + 1, answers + int((alone["low"].eq(1)).sum())
            counts += len(attacker.find_given_away(found, 5))
    say(
        f"**The first study.** A package of everybody, and one of all but one respondent, for {people} respondents in turn and "
        f"{len(study.codebook)} items: {answers} answers and {counts} counts are given away."
    )


if __name__ == "__main__":
    part, without = read_argument(1), "without" in sys.argv
    if without:
        ledger.read_ledger = lambda study: []
    open_section(
        "What several packages of a study give away together",
        "An attacker holds all packages that were shared, knows the study's definition and solves for every count and answer "
        "that they do not show. A count is given away if it must lie under the threshold, an answer if it can only be one "
        "person's. "
        + (
            "This is without the ledger."
            if without
            else "The ledger of what was told before is in use, as in `workbook share`."
        ),
    )
    attack_planted(max(1, round(17 * part)))
    attack_first_study(part)
