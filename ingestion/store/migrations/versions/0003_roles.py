"""Who may do what: roles of people and programs, their grants, row-level security for users of a hospital.

Revision: 0003
"""

from ingestion.store.migrations.sql_beside import run_sql_beside

revision = "0003"
down_revision = "0002"
branch_labels = depends_on = None


def upgrade() -> None:
    """Create the roles, schema access and what secures the star after every build."""
    run_sql_beside(__file__)
