"""Look at every state that the tests of the console brought its pages to, by the rules of axe.

    python3 run.py test tests/web --keep-states=FOLDER
    python -m tests.e2e.every_state FOLDER

Each branch of each template has to be in one of the pages looked at, from left to right and from
right to left: a branch that no test reaches fails too. As many browsers look as there are processors.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from itertools import chain
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from app.web.options import PREFIX
from tests.e2e.serving import CHROMIUM_ARGUMENTS, find_chromium
from tests.web.states import Branch, all_branches

# The first branch of the base: a part of a page for htmx. As part of that page it is looked at anyway.
FRAGMENT = ("base.html", 1)
_ADDRESS = f"{PREFIX}/state"
_NOBODY_ELSE = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
# What is folded in is not looked at, so nothing stays folded in. Gives the number of main headings.
_UNFOLD = """() => {
  document.querySelectorAll("details").forEach(each => { each.open = true; });
  return document.querySelectorAll("h1").length;
}"""
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


class State(NamedTuple):
    """A page and what its templates did; ``pages`` by direction."""

    template: str
    branches: frozenset[Branch]
    pages: dict[str, str]


def states_in(folder: Path) -> list[State]:
    """What was kept, sorted."""
    states = []
    for path in sorted(folder.glob("*.json")):
        kept = json.loads(path.read_text())
        branches = frozenset(Branch(*each) for each in kept["branches"])
        states.append(State(kept["template"], branches, kept["pages"]))
    return states


def worth_opening(states: Sequence[State]) -> list[State]:
    """Few states that show, page by page, what all of them show: always next what shows most that is new."""
    shows = [{(state.template, each) for each in (None, *state.branches)} for state in states]
    unseen = set().union(*shows)
    chosen = []
    while unseen:
        most = max(range(len(states)), key=lambda i: len(shows[i] & unseen))
        unseen -= shows[most]
        chosen.append(states[most])
    return chosen


class _Handler(BaseHTTPRequestHandler):
    """Gives the page of the moment and the console's own files, and nothing else."""

    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        static = f"{PREFIX}/static/"
        if path == _ADDRESS:
            self._give(self.server.page_text.encode(), "text/html; charset=utf-8", "no-store")
        elif path.startswith(static):
            file = files("app.web") / "static" / path.removeprefix(static)
            self._give(file.read_bytes(), _TYPES[Path(path).suffix], "max-age=86400, immutable")
        else:
            self.do_POST()

    def do_POST(self) -> None:
        # As where nobody is there.
        self.close_connection = True

    def _give(self, body: bytes, media_type: str, caching: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", caching)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    """The console as far as one page that was kept needs it; a browser keeps the files that pages share."""

    page_text = ""


@contextmanager
def _serving() -> Iterator[_Server]:
    with _Server(("127.0.0.1", 0), _Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


# Only what is broken comes back: what else axe found takes as long to send as a small page to look at.
_LOOK = "async () => (await axe.run({resultTypes: ['violations']})).violations"


def broken_rules(page: Any) -> Iterator[str]:
    """Give the rules of axe that the page breaks which is open."""
    from axe_playwright_python.sync_playwright import Axe

    page.evaluate(Axe().axe_script)
    for violation in page.evaluate(_LOOK):
        nodes = violation["nodes"]
        yield f"{violation['id']}: {nodes[0]['html'][:160]} ({len(nodes)})"


def faults_of(page: Any, server: _Server, text: str) -> Iterator[str]:
    """Open a page that was kept, and give what is wrong with it."""
    server.page_text = text
    page.goto(f"http://127.0.0.1:{server.server_port}{_ADDRESS}")
    n_headings = page.evaluate(_UNFOLD)
    yield from broken_rules(page)
    if n_headings != 1:
        yield f"{n_headings} main headings"


def faults_in(states: Sequence[State]) -> list[list[str]]:
    """Open states in a browser of their own, in both directions, and give the faults of each."""
    from playwright.sync_api import sync_playwright

    found = []
    with sync_playwright() as playwright, _serving() as server:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=[*CHROMIUM_ARGUMENTS, *_NOBODY_ELSE]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        for state in states:
            faults = []
            for direction, text in sorted(state.pages.items()):
                faults += [f"{state.template} {direction}: {each}" for each in faults_of(page, server, text)]
            found.append(faults)
        browser.close()
    return found


def faults_side_by_side(states: Sequence[State], n_browsers: int) -> list[str]:
    """Divide states among browsers, and give all faults, sorted: the same for any number of browsers.

    Raises
    ------
    BrokenProcessPool
        If the process of a browser dies.
    RuntimeError
        If not every state was looked at.
    """
    with ProcessPoolExecutor(n_browsers) as pool:
        shares = pool.map(faults_in, [states[i::n_browsers] for i in range(n_browsers)])
        found = list(chain.from_iterable(shares))
    if len(found) != len(states):
        raise RuntimeError(f"{len(found)} of {len(states)} states were looked at")
    return sorted(chain.from_iterable(found))


def main(folder: Path) -> int:
    states = states_in(folder)
    chosen = worth_opening(states)
    faults = faults_side_by_side(chosen, os.cpu_count() or 1)
    branches = {each for each in all_branches() if (each.template, each.nth) != FRAGMENT}
    unseen = branches.difference(*(each.branches for each in chosen))
    for each in sorted(unseen):
        faults.append(f"{each.template}:{each.line}: no test reaches this {each.kind} (branch {each.nth})")
    print("\n".join(faults))
    print(
        f"{len({each.template for each in states})} pages in {len(states)} states; {len(chosen)} opened "
        f"in each direction; {len(branches) - len(unseen)} of {len(branches)} branches shown; "
        f"{len(faults)} faults"
    )
    return 1 if faults or not states else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
