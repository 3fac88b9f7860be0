"""What roles lacked: a loader fills schema reference, a hospital's user reads the calendar of submissions.

Which data files schema reference was filled from stands in a row: a comment is for the table's owner alone to write.

Revision: 0010
"""

from ingestion.store.migrations.sql_beside import run_sql_beside

revision = "0010"
down_revision = "0009"
branch_labels = depends_on = None


def upgrade() -> None:
    """Create reference.data_files and access.open_calendar."""
    run_sql_beside(__file__)
