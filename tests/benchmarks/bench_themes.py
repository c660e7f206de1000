"""How long the counts and checks of interviews take: run with `python tests/benchmarks/bench_themes.py`.

Prints medians of five runs on made-up data, and ratios measured in the same run; it passes or fails nothing.
"""

import statistics
import time
from collections.abc import Callable

import matplotlib
import numpy as np
import pandas as pd

from helpers.interviews import agreement, texts
from helpers.interviews.quotations import check_quotations
from helpers.interviews.themes import count_segments, count_themes, cross_themes, measure_coverage, pair_codes, trace_saturation

matplotlib.use("Agg")
from matplotlib import pyplot as plt

RNG = np.random.default_rng(1)
SECTORS = [f"sector {number}" for number in range(8)]


def make_coding(segments: int, codes: int, people: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Coded segments, two codes each on average, and participants."""
    segment = np.repeat(np.arange(segments), RNG.integers(1, 4, size=segments))
    code = RNG.integers(0, codes, size=len(segment))
    table = pd.DataFrame({"segment": segment, "code": code}).drop_duplicates().astype("str")
    person = "P" + (table["segment"].astype(int) % people).astype("str")
    theme = "theme " + (table["code"].astype(int) % 12).astype("str")
    table = table.assign(participant=person, source=person, theme=theme, coder="A", text="words")
    attribute = pd.Categorical(RNG.choice(SECTORS, size=people), categories=SECTORS)
    return table, pd.DataFrame({"participant": [f"P{number}" for number in range(people)], "sector": attribute})


def make_quotations(quotations: int, people: int, words: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Transcripts of invented words, and quotations of 25 words: a tenth changed, a tenth with an ellipsis."""
    letters = np.array(list("abcdefghijklmnoprstuvw"))
    vocabulary = ["".join(RNG.choice(letters, size=RNG.integers(2, 9))) for _ in range(3000)]
    frequency = 1 / np.arange(1, 3001)
    said = [RNG.choice(vocabulary, size=words, p=frequency / frequency.sum()).tolist() for _ in range(people)]
    transcripts = pd.DataFrame(
        {
            "source": [f"I{number}" for number in range(people)],
            "participant": [f"P{number}" for number in range(people)],
            "text": [" ".join(text) for text in said],
        }
    )
    rows = []
    for number in range(quotations):
        person = int(RNG.integers(people))
        start = int(RNG.integers(words - 25))
        quoted = said[person][start : start + 25]
        if number % 10 == 0:
            quoted[12] = "never"
        if number % 10 == 1:
            quoted[8:14] = ["…"]
        rows.append((f"S{number}", f"P{person}", f"I{person}", " ".join(quoted)))
    return pd.DataFrame(rows, columns=["segment", "participant", "source", "text"]), transcripts


def time_call(call: Callable[[], object], runs: int = 5) -> float:
    """Median seconds."""
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def draw_matrix(matrix: pd.DataFrame) -> None:
    figure, axes = plt.subplots(figsize=(10, 8))
    axes.imshow(matrix.pivot(index="code", columns="participant", values="segments"), aspect="auto", cmap="Greys")
    figure.canvas.draw()
    plt.close(figure)


def main() -> None:
    segments, people = make_coding(20_000, 200, 60)
    codes = pd.DataFrame({"code": segments["code"].unique()}).assign(label="a code")
    steps: dict[str, Callable[[], object]] = {
        "count themes and codes": lambda: [count_themes(segments, people, by) for by in ("theme", "code")],
        "cross themes with an attribute": lambda: cross_themes(segments, people, "sector", {}),
        "co-occurrence by segment": lambda: pair_codes(segments, codes, "segment"),
        "co-occurrence by participant": lambda: pair_codes(segments, codes, "participant"),
        "code-by-participant matrix": lambda: count_segments(segments, people, codes),
        "matrix drawn": lambda: draw_matrix(count_segments(segments, people, codes)),
        "saturation, 1,000 orders": lambda: trace_saturation(segments, people, True, 1000, 1),
        "coverage": lambda: measure_coverage(segments, people, segments[:0]),
    }
    print(f"20,000 segments, 200 codes, 60 participants ({len(segments):,} rows)")
    total = 0.0
    for name, call in steps.items():
        total += (seconds := time_call(call))
        print(f"  {name:35} {seconds:6.2f} s")
    print(f"  {'together':35} {total:6.2f} s")

    second = segments.assign(coder=np.where(RNG.random(len(segments)) < 0.5, "A", "B"))
    print(f"  {'agreement of two coders, 200 codes':35} {time_call(lambda: agreement.measure_agreement(second), 1):6.2f} s")

    quotations, transcripts = make_quotations(1000, 50, 10_000)
    checked = time_call(lambda: check_quotations(quotations, transcripts))
    print("1,000 quotations of 25 words, 50 transcripts of 10,000 words")
    print(f"  {'checked, a fifth altered':35} {checked:6.2f} s")
    altered = quotations.assign(text=quotations["text"].str.replace(r"^(\S+ \S+ \S+) ", r"\1 zebra ", regex=True))
    worst = time_call(lambda: check_quotations(altered, transcripts), 1)
    print(f"  {'checked, every one altered':35} {worst:6.2f} s ({worst / checked:.1f} times as long)")
    for name, table in (("a fifth altered", quotations), ("every one altered", altered)):
        verdicts = check_quotations(table, transcripts)["verdict"].value_counts()
        print(f"  verdicts, {name}: " + "; ".join(f"{verdict} {count}" for verdict, count in verdicts.items()))
    print(f"  {'recurring texts':35} {time_call(lambda: texts.find_recurring_texts(quotations)):6.2f} s")


if __name__ == "__main__":
    main()
