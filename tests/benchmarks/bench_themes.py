"""How long the counts and checks of interviews take: python tests/benchmarks/bench_themes.py [TIMES]"""

from collections.abc import Callable

import matplotlib
import numpy as np
import pandas as pd
from section import open_section, print_table, read_argument, say, time_calls

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


def draw_matrix(matrix: pd.DataFrame) -> None:
    figure, axes = plt.subplots(figsize=(10, 8))
    axes.imshow(matrix.pivot(index="code", columns="participant", values="segments"), aspect="auto", cmap="Greys")
    figure.canvas.draw()
    plt.close(figure)


def main(times: int) -> None:
    segments, people = make_coding(20_000, 200, 60)
    codes = pd.DataFrame({"code": segments["code"].unique()}).assign(label="a code")
    second = segments.assign(coder=np.where(RNG.random(len(segments)) < 0.5, "A", "B"))
    steps: dict[str, Callable[[], object]] = {
        "themes and codes counted": lambda: [count_themes(segments, people, by) for by in ("theme", "code")],
        "themes crossed with an attribute, totals included": lambda: cross_themes(segments, people, "sector", {}),
        "co-occurrence by segment": lambda: pair_codes(segments, codes, "segment"),
        "co-occurrence by participant": lambda: pair_codes(segments, codes, "participant"),
        "matrix of codes and participants counted": lambda: count_segments(segments, people, codes),
        "the same, and drawn": lambda: draw_matrix(count_segments(segments, people, codes)),
        "saturation over 1,000 orders": lambda: trace_saturation(segments, people, True, 1000, 1),
        "coverage": lambda: measure_coverage(segments, people, segments[:0]),
    }
    taken = time_calls(steps, times)
    together = "all of these (required: under 5 s)"
    taken |= {together: sum(taken.values())}
    resampled = {"agreement of two coders on 200 codes, 1,000 resamples each": lambda: agreement.measure_agreement(second)}
    taken |= time_calls(resampled, times)
    open_section(
        "How long the counts and checks of interviews take",
        "Made-up interviews. The words are drawn with the frequencies of a natural language, but real transcripts share longer "
        "stretches than these, so that a comparison of real ones has more to choose from.",
    )
    print_table(
        (f"20,000 segments, 200 codes, 60 participants ({len(segments):,} rows)", "time", "of the counts together"),
        ((name, f"{seconds:.2f} s", f"{seconds / taken[together]:.2f}") for name, seconds in taken.items()),
    )

    quotations, transcripts = make_quotations(1000, 50, 10_000)
    altered = quotations.assign(text=quotations["text"].str.replace(r"^(\S+ \S+ \S+) ", r"\1 zebra ", regex=True))
    checked = "checked, a fifth of them altered (required: under 3 s)"
    checks = {
        checked: lambda: check_quotations(quotations, transcripts),
        "checked, every one altered": lambda: check_quotations(altered, transcripts),
        "recurring texts among the 1,000": lambda: texts.find_recurring_texts(quotations),
    }
    taken = time_calls(checks, times)
    print_table(
        ("1,000 quotations of 25 words, 50 transcripts of 10,000 words", "time", "beside the first"),
        ((name, f"{seconds:.2f} s", f"{seconds / taken[checked]:.2f}") for name, seconds in taken.items()),
    )
    for name, table in (("800 are left as said, 100 have a word replaced and 100 an ellipsis", quotations),
                        ("a word is added to each besides", altered)):  # fmt: skip
        verdicts = check_quotations(table, transcripts)["verdict"].value_counts()
        say(f"If {name}, the verdicts are: " + "; ".join(f"{verdict} {count:,}" for verdict, count in verdicts.items()) + ".")


if __name__ == "__main__":
    main(int(read_argument(5)))
