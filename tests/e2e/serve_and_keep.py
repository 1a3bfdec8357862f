"""The service, keeping every state of its pages.

``python -m tests.e2e.serve_and_keep FOLDER serve --demo``
"""

from __future__ import annotations

import sys
from pathlib import Path

from app.cli.main import main
from tests.web.states import keep_states

if __name__ == "__main__":
    keep_states(Path(sys.argv.pop(1)))
    main()
