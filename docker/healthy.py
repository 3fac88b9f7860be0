"""Health check of Airflow's programs: ``healthy.py URL PROGRAM ...`` is 0 where the api-server has heard of them all.

Cheaper by far than ``airflow jobs check``, which imports Airflow anew every time it is asked.
"""

import sys

from ingestion.local_airflow.instance import is_healthy

sys.exit(0 if is_healthy(sys.argv[1], tuple(sys.argv[2:])) else f"not healthy: {' '.join(sys.argv[2:]) or 'database'}")
