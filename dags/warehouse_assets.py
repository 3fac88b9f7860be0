"""The two things the DAGs hand to each other. Their events carry the reporting years they are about."""

from airflow.sdk import Asset

GROUP = "hospital_indicator_warehouse"
VALIDATED_SUBMISSIONS = Asset(name="validated_submissions", group=GROUP)
WAREHOUSE = Asset(name="warehouse", group=GROUP)
