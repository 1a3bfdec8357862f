"""A process that ends while one of its threads searches ends in peace."""

import subprocess
import sys

import pytest

from app.matching.jit import is_installed

SEARCHES_ON = """
import threading, time
from app.matching.ranking.pool import Pool
from app.matching.ranking.twin import ranking_code
from benchmarks.ranking_data import make_candidates, make_vacancies

view = Pool.of(make_candidates(40_000, n_words=(0, 60))).view()
asked = make_vacancies(20, seed=3).whole
ranking_code.compile_now()
begun = threading.Event()

def search():
    while True:
        for query in asked:
            begun.set()
            view.search(query, 1000)

threading.Thread(target=search, daemon=True).start()
begun.wait()
time.sleep(0.3)
"""


@pytest.mark.skipif(not is_installed(), reason="Numba is not installed: nothing is compiled")
def test_a_search_outlives_what_its_thread_kept() -> None:
    ended = subprocess.run([sys.executable, "-c", SEARCHES_ON], capture_output=True, text=True, timeout=300)
    assert (ended.returncode, ended.stderr) == (0, "")
