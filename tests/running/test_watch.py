"""A run made again when something is saved, and the page that shows it."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request

import psutil
import pytest
from toys import hand_on_a_number


def fetch(address):
    with urllib.request.urlopen(address) as answer:
        return answer.read().decode()


def test_a_saved_notebook_is_run_and_its_page_told_to_be_new(project):
    hand_on_a_number(project)
    known = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(
        [sys.executable, "-m", "helpers.cli", "run", "tiny", "--watch", "--kernels", "plain"], cwd=project, env=known,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        address = next(found[0] for line in process.stdout if (found := re.search(r"http://127\.0\.0\.1:\d+/\S+/", line)))
        first = fetch(address + "version")
        assert "appendix.html" in fetch(address) and "Another word" not in fetch(address + "appendix.html")
        with pytest.raises(urllib.error.HTTPError):
            fetch(re.sub(r"/[^/]+/$", "/", address) + "appendix.html")
        path = project / "notebooks" / "01_first.ipynb"
        content = json.loads(path.read_text())
        content["cells"][0]["source"] = "# Another word"
        path.write_text(json.dumps(content))
        assert process.stdout.readline() == "Ran 2 steps.\n"
        assert fetch(address + "version") != first and "Another word" in fetch(address + "appendix.html")
        family = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 130
        assert not psutil.wait_procs(family, timeout=10)[1]
    finally:
        process.kill()
