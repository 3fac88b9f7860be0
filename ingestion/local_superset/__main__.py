"""``python -m ingestion.local_superset``: what `make bi` runs."""

import sys

from ingestion.errors import Problem
from ingestion.local_superset import serve

try:
    serve()
except Problem as problem:
    sys.exit(f"hiw: {problem}")
