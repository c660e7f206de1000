"""Kernels forked from a warm process: what they give, and what they leave."""

import json
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest
from toys import OPEN, OWN, call, write_notebook

from helpers.running import warm

DRAWN = "import seaborn as sns\nsns.histplot(x=[1, 2, 2, 3]);"
# Without what a debugger sets, which no warm kernel has.
PLACE = "import os, sys\nprint(os.getcwd() in sys.path, sys.argv[0][-21:], len(os.environ.keys() - {'PYDEVD_USE_FRAME_EVAL'}))"


@pytest.fixture
def sleeper(project):
    """A project whose one notebook tells that it has begun, and then takes its time."""
    write_notebook(project, "01_slow", OWN, [OPEN, "open('begun', 'w').write(str(os.getpid())); time.sleep(60)"])
    content = project / "notebooks" / "01_slow.ipynb"
    content.write_text(content.read_text().replace("open('begun'", "import os, time; open('begun'"))
    return project


def start(project, *arguments):
    """The command in a process of its own, once its kernel is at work, with that kernel's number."""
    known = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(
        [sys.executable, "-m", "helpers.cli", "run", "tiny", *arguments], cwd=project, env=known,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    until = time.monotonic() + 60
    begun = project / "begun"
    while not (begun.is_file() and begun.read_text()):
        assert time.monotonic() < until and process.poll() is None, process.communicate()[0]
        time.sleep(0.05)
    return process, int(begun.read_text()), psutil.Process(process.pid).children(recursive=True)


def are_gone(processes):
    _, alive = psutil.wait_procs(processes, timeout=15)
    return not alive


def test_warm_and_plain_kernels_give_the_same(project, capsys, monkeypatch):
    write_notebook(project, "01_first", OWN, [OPEN, DRAWN, PLACE, "__name__"])
    outputs = {}
    for kernels in ("plain", "warm"):
        status, said = call("run", "tiny", "--force", "--kernels", kernels, capsys=capsys, monkeypatch=monkeypatch)
        assert status == 0, said
        executed = json.loads((project / "outputs/tiny/default/notebooks/01_first.ipynb").read_text())
        outputs[kernels] = [cell.get("outputs") for cell in executed["cells"]]
    assert outputs["warm"] == outputs["plain"]
    assert "image/png" in json.dumps(outputs["warm"])


@pytest.mark.parametrize("stop", [signal.SIGKILL, signal.SIGINT])
def test_no_process_outlives_a_run_that_is_stopped(sleeper, stop):
    process, _, family = start(sleeper)
    process.send_signal(stop)
    said, _ = process.communicate(timeout=30)
    assert are_gone(family)
    if stop is signal.SIGINT:
        assert process.returncode == 130 and "Stopped. The last good results are untouched." in said


@pytest.mark.parametrize("victim", ["kernel", "what it was forked from"])
def test_a_kernel_that_the_system_ends_is_one_message(sleeper, victim):
    process, kernel, family = start(sleeper)
    forker = psutil.Process(kernel).parent()
    assert "helpers.running.warm" in forker.cmdline() and forker.parent().pid == process.pid
    os.kill(kernel if victim == "kernel" else forker.pid, signal.SIGKILL)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "01_slow.ipynb, cell 4: Python ended: by itself, as it does when memory runs out" in said and "Traceback" not in said
    assert are_gone(family)


def test_elsewhere_than_on_linux_kernels_are_ordinary_ones(monkeypatch):
    monkeypatch.setattr("sys.platform", "darwin")
    with warm.warm_kernels(True):
        assert warm.WarmProvisioner.forker is None
