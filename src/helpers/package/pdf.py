"""An appendix printed to a PDF by a browser of the Chromium family, if one is installed."""

import html
import io
import os
import re
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from helpers.study.folders import save

BROWSERS = [
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge", "msedge",
    "brave-browser",
]  # fmt: skip
# Where they are installed if they are not on the path: macOS, then Windows.
APPLICATIONS = ["Google Chrome", "Chromium", "Microsoft Edge", "Brave Browser"]
PROGRAMS = [
    "Google/Chrome/Application/chrome.exe", "Chromium/Application/chrome.exe", "Microsoft/Edge/Application/msedge.exe",
    "BraveSoftware/Brave-Browser/Application/brave.exe",
]  # fmt: skip
PRINT_SECONDS = 120


def find_browser() -> str | None:
    """A browser of the Chromium family on this machine, if there is one."""
    places = [*BROWSERS, *(f"/Applications/{name}.app/Contents/MacOS/{name}" for name in APPLICATIONS)]
    folders = filter(None, map(os.environ.get, ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")))
    places += [f"{folder}/{program}" for folder in folders for program in PROGRAMS]
    return next(filter(None, map(shutil.which, places)), None)


def print_page(page: Path, target: Path) -> str:
    """Print a page to a tagged PDF with bookmarks; returns why there is none, or nothing when it was made."""
    browser = find_browser()
    if browser is None:
        return "no browser of the Chromium family (Chromium, Chrome, Edge, Brave) was found to print it"
    # Beside the page, so that what a killed process leaves is cleared with the package that it was making.
    with tempfile.TemporaryDirectory(prefix=".print-", dir=target.parent, ignore_cleanup_errors=True) as folder:
        printed = Path(folder) / "printed.pdf"
        command = [
            browser, "--headless", f"--user-data-dir={folder}/profile", "--no-first-run", "--disable-gpu",
            "--disable-extensions", "--disable-background-networking", "--disable-component-update", "--disable-sync",
            # Nothing is looked up on the network: the page is whole in itself.
            "--host-resolver-rules=MAP * ~NOTFOUND",
            # Newer browsers tag a PDF by default.
            "--export-tagged-pdf", "--generate-pdf-document-outline", "--no-pdf-header-footer", f"--print-to-pdf={printed}",
            page.resolve().as_uri(),
        ]  # fmt: skip
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.insert(1, "--no-sandbox")  # Chromium's sandbox does not work for root, as in a container
        problem = run_for(command, PRINT_SECONDS)
        if problem or not printed.is_file():
            return f"the browser found could not print it ({problem or 'it made no file'})"
        content = steady(printed.read_bytes())
    problem = check_print(content, page)
    if not problem:
        save(target, content)
    return problem


def check_print(content: bytes, page: Path) -> str:
    """What is wrong with a printed page, or nothing: a browser that cannot open a page prints its error message instead."""
    import pypdf

    title = html.unescape(re.search(r"<title>(.*?)</title>", page.read_text(encoding="utf-8"), re.DOTALL)[1])
    try:
        printed = pypdf.PdfReader(io.BytesIO(content))
        if (printed.metadata.title or "").split() != title.split():
            return "the browser found printed something else"
        if "/StructTreeRoot" not in printed.root_object or not printed.outline:
            return "the browser found is too old to make a PDF with tags and bookmarks"
    except (pypdf.errors.PyPdfError, AttributeError):
        return "the browser found made no PDF that can be read"
    return ""


def run_for(command: list[str], seconds: float) -> str:
    """Run a command and all that it starts for at most this long; returns what went wrong, or nothing."""
    quiet = subprocess.DEVNULL
    try:
        process = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)
    except OSError as error:
        return error.strerror or "it could not be started"
    try:
        status = process.wait(seconds)
    except subprocess.TimeoutExpired:
        return f"it had not finished after {seconds:g} seconds"
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL) if hasattr(os, "killpg") else process.kill()
            process.wait()
    return f"it ended with status {status}" if status else ""


def steady(pdf: bytes) -> bytes:
    """A PDF printed by Chromium without what differs between printings: dates, and where it begins to count tags.

    Replacements are as long as what they replace, so that the file's table of offsets stays true.
    """
    pdf = re.sub(rb"\(D:\d{14}", b"(D:19800101000000", pdf)
    numbers = [int(number) for number in re.findall(rb"\(node(\d{8})\)", pdf)]
    first = min(numbers, default=0)
    return re.sub(rb"\(node(\d{8})\)", lambda found: b"(node%08d)" % (int(found[1]) - first), pdf)
