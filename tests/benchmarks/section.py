"""What the benchmarks share: their argument, the Markdown that they print, and medians of times."""

import statistics
import sys
import textwrap
import time
from collections.abc import Callable, Iterable
from pathlib import Path


def read_argument(default: float) -> float:
    """How many times a timing is repeated; which part of its surveys a simulation draws (0.01 for a first look)."""
    return float(sys.argv[1]) if len(sys.argv) > 1 else default


def say(text: str) -> None:
    """Print paragraphs, each broken into lines unless it is a heading or a table."""
    parts = text.split("\n\n")
    filled = [part if part.startswith(("#", "|")) else textwrap.fill(part, 120, break_on_hyphens=False) for part in parts]
    print("\n\n".join(filled) + "\n", flush=True)


def open_section(title: str, text: str) -> None:
    say(f"## {title} (`{Path(sys.argv[0]).name}`)\n\n{text}")


def print_table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    head = [*head]
    say("\n".join(f"| {' | '.join(map(str, row))} |" for row in (head, ["---"] * len(head), *rows)))


def span(values: Iterable[float], digits: int = 1) -> str:
    """The range of some percentages."""
    values = sorted(values)
    low, high = (f"{end:.{digits}f}" for end in (values[0], values[-1]))
    return f"{low}%" if low == high else f"{low} to {high}%"


def time_calls(
    calls: dict[str, Callable[[], object]], times: int, clock: Callable[[], float] = time.perf_counter
) -> dict[str, float]:
    """Median seconds of each call; the calls take turns, so that a machine that slows down changes all of them."""
    taken = {name: [] for name in calls}
    for _ in range(times):
        for name, call in calls.items():
            begun = clock()
            call()
            taken[name].append(clock() - begun)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}
