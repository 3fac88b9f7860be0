"""Lineage for everybody who may see a figure: where a name was confirmed, which build made the star.

Revision: 0016
"""

from ingestion.store.migrations.sql_beside import run_sql_beside

revision = "0016"
down_revision = "0015"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add reference.name_source, reference.name_sources and access.newest_build."""
    run_sql_beside(__file__)
