"""What the DAGs of a year share: the two things they hand to each other, and how a task is tried again and told of."""

from datetime import timedelta

from airflow.sdk import Asset
from deadlines import tell_of_failure

# Their events carry the reporting years they are about.
GROUP = "hospital_indicator_warehouse"
VALIDATED_SUBMISSIONS = Asset(name="validated_submissions", group=GROUP)
WAREHOUSE = Asset(name="warehouse", group=GROUP)

# Every task may be run again at any time; a worker that was killed or a server that was down is worth one more try.
AGAIN = {"retries": 1, "retry_delay": timedelta(seconds=10), "on_failure_callback": tell_of_failure}
