"""A run made again whenever something that it rests on is saved, and its page in the browser, which then loads anew."""

import http.server
import secrets
import subprocess
import sys
import threading
import time
import webbrowser
from pathlib import Path

from helpers.running import fresh

# Seconds between two looks at the files.
PAUSE = 0.4
# The page in a frame: it stays where the reader was when it loads anew.
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


def keep_running(study: str, arguments: list[str], folder: Path) -> None:
    """Make the run of these arguments again and again, until the user stops it; its page is shown on this machine alone."""
    address = serve(folder / "appendix.html")
    shown = False
    while True:
        seen = fresh.digest_looks(fresh.inputs_of(study))
        # In a process of its own, since what is saved may be a helper.
        subprocess.run([sys.executable, "-m", "helpers.cli", "run", *arguments])
        if not shown and (folder / "appendix.html").is_file():
            print(f"Shown at {address} and made again when a file is saved; Ctrl-C ends it.", flush=True)
            shown = webbrowser.open(address) or True
        while fresh.digest_looks(fresh.inputs_of(study)) == seen:
            time.sleep(PAUSE)


def serve(page: Path) -> str:
    """Show a page to whoever knows its address on this machine, which no one can guess; the address."""
    secret = secrets.token_urlsafe(12)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answers = {
                f"/{secret}/": lambda: ("text/html", FRAME.encode()),
                f"/{secret}/version": lambda: ("text/plain", str(page.stat().st_mtime_ns).encode()),
                f"/{secret}/appendix.html": lambda: ("text/html", page.read_bytes()),
            }
            try:
                kind, content = answers[self.path]()
            except (KeyError, OSError):
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_arguments: object) -> None:
            """Requests are not told."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/{secret}/"
