"""Remove what Airflow remembers of runs that ended more than HIW_HISTORY_DAYS ago: rows and logs."""

from __future__ import annotations

import os

from ingestion.local_airflow.history import forget_history

if __name__ == "__main__":
    print(forget_history(os.environ))
