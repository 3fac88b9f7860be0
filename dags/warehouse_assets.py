"""What the DAGs of a year share: the two things they hand to each other, and how a task is tried again and told of."""

from datetime import timedelta

from airflow.sdk import Asset
from deadlines import tell_of_failure

from ingestion.settings import settings

# Their events carry the reporting years they are about.
GROUP = "hospital_indicator_warehouse"
VALIDATED_SUBMISSIONS = Asset(name="validated_submissions", group=GROUP)
WAREHOUSE = Asset(name="warehouse", group=GROUP)

# Every task may be run again at any time. Two more tries: one for a worker that was killed or a server that was down,
# one for what the first mishap brought about.
AGAIN = {
    "retries": 2,
    "retry_delay": timedelta(seconds=settings().retry_seconds),
    "on_failure_callback": tell_of_failure,
}
