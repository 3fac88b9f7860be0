"""Corrections by time: every change of a declared correction is kept, and which reading of a figure held when.

Revision: 0024
"""

from ingestion.store.migrations.sql_beside import run_sql_beside

revision = "0024"
down_revision = "0023"
branch_labels = depends_on = None


def upgrade() -> None:
    """Create audit.correction_event, reference.correction_span and raw.corrected_entry."""
    run_sql_beside(__file__)
