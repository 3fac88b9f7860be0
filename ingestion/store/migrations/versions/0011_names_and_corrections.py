"""Names that mean the same, corrections of what was sent, and the entries read with both: raw.reading.

Revision: 0011
"""

from ingestion.store.migrations.sql_beside import run_sql_beside

revision = "0011"
down_revision = "0010"
branch_labels = depends_on = None


def upgrade() -> None:
    """Create reference.alias, reference.correction, audit.name_decision, raw.reading and what they need."""
    run_sql_beside(__file__)
