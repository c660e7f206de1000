"""Makes a run again whenever something that it rests on is saved, and shows its page, which the browser then reloads."""

import http.server
import secrets
import subprocess
import sys
import threading
import time
from pathlib import Path

from helpers.running import fresh

# Seconds between two checks of the files.
PAUSE = 0.4
# The page in a frame: a reader stays where they were when it is reloaded.
FRAME = """<!doctype html><title>Appendix</title><style>body { margin: 0 }</style>
<iframe style="border: 0; width: 100vw; height: 100vh; display: block" src="appendix.html"></iframe><script>
const frame = document.querySelector("iframe"); let version = "", place = 0;
frame.onload = () => frame.contentWindow.scrollTo(0, place);
setInterval(async () => {
  const found = await fetch("version").then((answer) => answer.text()).catch(() => version);
  if (version && found !== version) { place = frame.contentWindow.scrollY; frame.contentWindow.location.reload(); }
  version = found;
}, 500);
</script>"""


def keep_running(study: str, arguments: list[str], more: list[Path], folder: Path) -> None:
    """Make the run of these arguments again whenever one of its files, or of `more`, is saved, until the user ends it."""
    watched, address = [*fresh.inputs_of(study), *more], ""
    while True:
        seen = fresh.digest_files(watched)
        # In a process of its own, since what was saved may be a helper.
        process = subprocess.Popen([sys.executable, "-P", "-m", "helpers.cli", "run", *arguments])
        try:
            status = process.wait()
        except KeyboardInterrupt:
            # The terminal has told it too, and it cleans up.
            process.wait()
            raise
        if not address and status == 2:
            sys.exit(status)
        if not address:
            address = serve(folder / "appendix.html")
            print(f"Open {address} in a browser. The run is made again when a file is saved; Ctrl-C ends it.", flush=True)
        while fresh.digest_files(watched) == seen:
            time.sleep(PAUSE)


def serve(page: Path) -> str:
    """Show a page on this machine alone, at an address that nobody can guess; the address."""
    secret = secrets.token_urlsafe(12)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answers = {
                f"/{secret}/": lambda: ("text/html", FRAME.encode()),
                f"/{secret}/version": lambda: ("text/plain", str(page.stat().st_mtime_ns).encode()),
                f"/{secret}/appendix.html": lambda: ("text/html", page.read_bytes()),
            }
            try:
                # A page from elsewhere can send a browser here under another name.
                kind, content = answers[self.path if self.headers["Host"] == place else ""]()
            except (KeyError, OSError):
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_arguments: object) -> None:
            """Do not log requests."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    place = f"127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://{place}/{secret}/"
