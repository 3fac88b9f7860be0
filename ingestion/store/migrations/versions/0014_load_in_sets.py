"""What is done with every entry that is loaded is done with all of them at once, and cheaper.

Revision: 0014
"""

from ingestion.store.migrations.sql_beside import run_sql_beside

revision = "0014"
down_revision = "0013"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add audit.rows_sha256, which parsed events may name; check the submissions of new entries once a statement."""
    run_sql_beside(__file__)
