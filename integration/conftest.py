"""Lets the tests import the modules beside them, which are programs too."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
