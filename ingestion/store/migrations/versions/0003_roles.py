"""Who may do what: roles of people and programs, their grants, row-level security for users of a hospital.

Revision: 0003
"""

from pathlib import Path

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = depends_on = None


def upgrade() -> None:
    """Create the roles, schema access and what secures the star after every build."""
    # The driver itself: SQLAlchemy hands over an empty list of parameters, and format()'s %I would be taken for one.
    driver = op.get_bind().connection.driver_connection
    driver.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
