"""Lets the tests import the modules beside them, which are programs too."""

import sys
from pathlib import Path

# Programs of the model servers' environments: what they import is not here.
collect_ignore_glob = ["servers/*_*.py", "servers/bundled.py"]

sys.path.insert(0, str(Path(__file__).resolve().parent))
