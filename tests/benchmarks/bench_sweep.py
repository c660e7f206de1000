"""What a cell of a sweep costs beside a clean run: python tests/benchmarks/bench_sweep.py [CELLS]

Makes five clean runs of the first study, then a sweep of the first CELLS of a grid of 200 variants (all of them; 24 for a first
look), two at a time. CPU seconds are those of this process and all that it has started.
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from section import open_section, print_table, read_argument

from helpers.running import grid, pipeline, plan, sweep

ROOT = Path(__file__).parents[2]
GRID = """parameters:
  minimum_items: [0, 0.25, 0.5, 0.75, 1]
  negative_items: [true, false]
  min_group_size: [1, 2, 3, 4, 5]
  matters: [0.25, 0.5, 0.75, 1.0]
"""


def measure(work) -> tuple[float, float]:
    """CPU seconds and wall-clock seconds."""

    def used() -> float:
        each = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return sum(usage.ru_utime + usage.ru_stime for usage in each)

    cpu, begun = used(), time.perf_counter()
    work()
    return used() - cpu, time.perf_counter() - begun


def make_run() -> None:
    assert not pipeline.make_run(plan.Order("lvrn_2024", force=True)).failures


def make_sweep(cells: int) -> None:
    lay_out = grid.lay_out_cells
    grid.lay_out_cells = lambda *given: lay_out(*given)[:cells]
    assert sweep.make_sweep("lvrn_2024", Path("grid.yml"))[1]["state"].eq(sweep.DONE).all()
    # The system tells what a process used only after it has ended.
    from joblib.externals.loky import get_reusable_executor

    get_reusable_executor().shutdown(wait=True)


if __name__ == "__main__":
    many = int(read_argument(200))
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "notebooks", Path(folder) / "notebooks")
        shutil.copytree(ROOT / "data" / "lvrn_2024", Path(folder) / "data" / "lvrn_2024")
        os.chdir(folder)
        Path("grid.yml").write_text(GRID)
        run = [statistics.median(each) for each in zip(*(measure(make_run) for _ in range(5)), strict=True)]
        cell = [seconds / many for seconds in measure(lambda: make_sweep(many))]
        os.chdir(ROOT)
    open_section(
        "What a cell of a sweep costs",
        f"A clean run of the first study (the median of five), and then a sweep of {many} cells of a grid of 200 variants, "
        "two at a time, each made once. A cell draws nothing and starts no kernel, and neighbours in the grid share what "
        "runs first.",
    )
    print_table(
        ("", "CPU", "by the clock"),
        [
            ("a clean run", *(f"{seconds:.1f} s" for seconds in run)),
            ("a cell", *(f"{seconds:.2f} s" for seconds in cell)),
            (
                "a cell beside a clean run (asked for: at most 0.10)",
                *(f"{one / whole:.3f}" for one, whole in zip(cell, run, strict=True)),
            ),
        ],
    )
