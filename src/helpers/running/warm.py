"""Warm kernels: forked from one process that has imported what notebooks import, so that they start at once.

Jupyter asks a provisioner for each kernel's process; `WarmProvisioner` gives it a fork. The process that is forked (`serve`)
runs as long as the run that began it, has one thread, and holds no data. Forking is safe on Linux alone; elsewhere, or with
`--kernels plain`, kernels start as Jupyter starts them.
"""

import contextlib
import gc
import importlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner

WARM, PLAIN = "nomad-warm", "local-provisioner"
# What helpers import within functions, and what a kernel itself needs.
LIBRARIES = (
    "IPython.core.completer", "ipykernel.ipkernel", "ipykernel.kernelapp", "matplotlib.backends.backend_svg",
    "matplotlib.pyplot", "pingouin", "pyarrow.parquet", "scipy.optimize", "scipy.stats",
    "seaborn", "statsmodels.multivariate.factor", "statsmodels.stats.proportion",
)  # fmt: skip


class Forker:
    """The process that kernels are forked from; requests are lines of JSON."""

    def __init__(self) -> None:
        # One thread (that of pyarrow's memory is the third): a fork takes along no others, nor the locks that they hold.
        alone = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "JE_ARROW_MALLOC_CONF": "background_thread:false"}
        alone["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "helpers.running.warm"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=os.environ | alone, start_new_session=True,
        )  # fmt: skip
        self.lock, self.asked = threading.Lock(), False

    def ask(self, **asked: object) -> object:
        """Its answer; None if it has ended."""
        self.asked = True
        with self.lock:
            try:
                self.process.stdin.write(json.dumps(asked) + "\n")
                self.process.stdin.flush()
                return json.loads(self.process.stdout.readline())
            except (OSError, ValueError):
                return None

    def end(self) -> None:
        """End it and its kernels; without kernels it may still be importing."""
        if not self.asked:
            self.process.kill()
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


class Forked:
    """A kernel's process, in the form that `LocalProvisioner` needs."""

    stdin = stdout = stderr = None

    def __init__(self, forker: Forker, pid: int) -> None:
        self.forker, self.pid = forker, pid

    def poll(self) -> int | None:
        """How it ended; None while it runs."""
        state = self.forker.ask(poll=self.pid)
        return -signal.SIGKILL if state is None else state["ended"]

    # Asked once `poll` has said that it ended.
    wait = poll

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)


class WarmProvisioner(LocalProvisioner):
    """Gives Jupyter a forked kernel if possible, otherwise an ordinary one."""

    forker: Forker | None = None

    async def launch_kernel(self, cmd: list[str], **kwargs: object) -> dict:
        launcher = [sys.executable, "-m", "ipykernel_launcher"]
        asked = {"fork": cmd[len(launcher) :], "env": kwargs.get("env"), "cwd": str(kwargs.get("cwd") or os.getcwd())}
        answer = self.forker and cmd[: len(launcher)] == launcher and self.forker.ask(**asked)
        if not answer or not answer["pid"]:
            return await super().launch_kernel(cmd, **kwargs)
        self.process = Forked(self.forker, answer["pid"])
        self.pid = self.pgid = answer["pid"]
        return self.connection_info


@contextmanager
def warm_kernels(wanted: bool) -> Iterator[None]:
    """Fork the block's kernels from one process, if that is wanted and possible."""
    factory = KernelProvisionerFactory.instance()
    before, forker = factory.default_provisioner_name, WarmProvisioner.forker
    warm = wanted and sys.platform == "linux" and WARM in factory.provisioners
    factory.default_provisioner_name = WARM if warm else PLAIN if before == WARM else before
    WarmProvisioner.forker = (forker or Forker()) if warm else None
    try:
        yield
    finally:
        if WarmProvisioner.forker is not forker and warm:
            WarmProvisioner.forker.end()
        factory.default_provisioner_name, WarmProvisioner.forker = before, forker


# --- the process that is forked -----------------------------------------------------------------------------------------
def serve() -> None:
    """Import everything, then fork a kernel for each line that asks for one, until the input ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Read when ipykernel is imported: a kernel ends when this process is gone.
    os.environ["JPY_PARENT_PID"] = str(os.getpid())
    try:
        import_ahead()
    except Exception:
        # An ordinary kernel will meet the same error and report it.
        return
    # What exists already need not be checked for garbage, nor copied because of such a check.
    gc.freeze()
    ended: dict[int, int | None] = {}
    for line in sys.stdin:
        asked = json.loads(line)
        if "poll" in asked:
            answer = {"ended": poll_kernel(ended, asked["poll"])}
        else:
            alone = len(os.listdir("/proc/self/task")) == 1
            pid = os.fork() if alone else 0
            if alone and not pid:
                answers.close()
                become_kernel(asked)
            ended |= {pid: None}
            answer = {"pid": pid}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
    for pid, state in ended.items():
        if pid and state is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)


def poll_kernel(ended: dict[int, int | None], pid: int) -> int | None:
    """How a forked process ended; None while it runs."""
    if ended[pid] is None:
        found, status = os.waitpid(pid, os.WNOHANG)
        ended[pid] = os.waitstatus_to_exitcode(status) if found else None
    return ended[pid]


def import_ahead() -> None:
    """Import what the workbook's notebooks and the helpers that they use import."""
    from helpers.running import stale
    from helpers.study.folders import project_root

    # Nobody debugs a kernel of a run, and loading a debugger takes half of a kernel's start. A notebook can still import it.
    sys.modules["debugpy"] = None
    importlib.import_module("ipykernel.debugger")
    sys.modules.pop("debugpy")
    code = [stale.read_code(path) for path in project_root().glob("notebooks/[0-9][0-9]_*.ipynb")]
    for name in (*LIBRARIES, *sorted(set().union(*map(stale.imported_rooms, code)))):
        with contextlib.suppress(ImportError):
            importlib.import_module(name)


def become_kernel(asked: dict) -> None:
    """Become the kernel that Jupyter asked for; never returns."""
    status = 1
    try:
        os.setsid()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.environ.clear()
        os.environ.update(asked["env"] | {"JPY_PARENT_PID": str(os.getppid())})
        os.chdir(asked["cwd"])
        sys.path[:] = [folder for folder in sys.path if Path(folder or ".").resolve() != Path.cwd()]
        sys.argv = ["ipykernel_launcher.py", *asked["fork"]]
        import numpy
        from ipykernel import kernelapp

        # Otherwise all kernels would draw the same random numbers.
        numpy.random.seed()
        kernelapp.launch_new_instance()
        status = 0
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    serve()
