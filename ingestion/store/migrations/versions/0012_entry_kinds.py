"""Entries that are not figures are found without reading the figures, which are most of all.

Revision: 0012
"""

from ingestion.store.migrations.sql_beside import run_sql_beside

revision = "0012"
down_revision = "0011"
branch_labels = depends_on = None


def upgrade() -> None:
    """Index the targets, work items and claims of raw.entry."""
    run_sql_beside(__file__)
