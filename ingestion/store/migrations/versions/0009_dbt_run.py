"""Which dbt run built the star.

Revision: 0009
"""

from ingestion.store.migrations.sql_beside import run_sql_beside

revision = "0009"
down_revision = "0008"
branch_labels = depends_on = None


def upgrade() -> None:
    """Create the record of dbt runs."""
    run_sql_beside(__file__)
