"""What a cell of a sweep costs beside a clean run: python tests/benchmarks/bench_sweep.py [CELLS]

Makes a clean run of the first study, then a sweep of the first CELLS (40) of a grid of 200 variants, two at a time, and prints
CPU seconds (of this process and all that it has started) and wall-clock time. On two cores that both use fully, the ratio of
CPU seconds equals that of wall-clock time.
"""

from __future__ import annotations

import os
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

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
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "notebooks", Path(folder) / "notebooks")
        shutil.copytree(ROOT / "data" / "lvrn_2024", Path(folder) / "data" / "lvrn_2024")
        os.chdir(folder)
        Path("grid.yml").write_text(GRID)
        run_cpu, run_clock = measure(make_run)
        cpu, clock = measure(lambda: make_sweep(many))
        os.chdir(ROOT)
    print(f"clean run: {run_cpu:.1f} s of CPU, {run_clock:.1f} s by the clock")
    print(f"sweep of {many} cells: {cpu / many:.2f} s of CPU a cell, {clock / many:.2f} s by the clock")
    print(f"a cell beside a clean run: {cpu / many / run_cpu:.3f} in CPU time, {clock / many / run_clock:.3f} by the clock")
