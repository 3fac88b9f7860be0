"""Checksums of the star: one figure a mart that is the same wherever the mart says the same.

Order of rows, physical layout and the moments at which a machine did something do not count. What counts of such a
moment is that it is there: every ``timestamptz`` column is compared as set or not set, and what is calculated from
such moments (``_OF_A_RUN``) not at all; one inside a ``jsonb`` counts as set. With ``exact`` every column counts as it
stands: a restored warehouse must equal the one that was saved to the last microsecond.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import psycopg
from psycopg import sql

SCHEMAS = ("marts", "quality")
_WITH_MOMENTS = {
    "timestamp with time zone": "{} is not null",
    "jsonb": r"""regexp_replace({}::text, '"\d{{4}}-\d\d-\d\dT[^"]*"', '"set"', 'g')""",
}
"""What counts of a column of these types."""
_OF_A_RUN = frozenset({"hours_to_acceptance", "dbt_invocation_id"})

_COLUMNS = """
select c.table_schema, c.table_name, array_agg(array[c.column_name, c.data_type] order by c.column_name)
from information_schema.columns as c
where c.table_schema = any (%s)
group by c.table_schema, c.table_name
order by c.table_schema, c.table_name
"""

# Sums of hashes, not a hash of sorted rows: no sort, constant memory, and equal rows do not cancel out.
_CHECKSUM = """
select count(*), md5(concat_ws('/', {columns}, count(*),
    sum(('x' || left(h, 16))::bit(64)::bigint::numeric), sum(('x' || right(h, 16))::bit(64)::bigint::numeric)))
from (select md5(row({values})::text) as h from {table}) as hashed
"""


@dataclass(frozen=True)
class Checksum:
    """Rows and checksum of one table or view."""

    name: str
    rows: int
    checksum: str

    def line(self) -> str:
        """One line for people, and for ``diff``."""
        return f"{self.checksum}  {self.rows:>9}  {self.name}"

    def to_json(self) -> dict[str, Any]:
        """The same, structured."""
        return asdict(self)


def checksums(
    connection: psycopg.Connection, *, schemas: tuple[str, ...] = SCHEMAS, exact: bool = False
) -> list[Checksum]:
    """The checksum of every table and view of ``schemas``, by name; none before a build. A caller who wants all of them
    as of one moment has opened a transaction for it."""
    found = []
    with connection.transaction():
        connection.execute("set local timezone = 'UTC'")  # a server may stand anywhere; a moment is written the same
        for schema, table, columns in connection.execute(_COLUMNS, [list(schemas)]).fetchall():
            counted = [(name, kind) for name, kind in columns if exact or name not in _OF_A_RUN]
            row = connection.execute(
                sql.SQL(_CHECKSUM).format(
                    columns=sql.Literal(" ".join(name for name, _ in counted)),
                    values=sql.SQL(", ").join(_value(name, kind, exact) for name, kind in counted),
                    table=sql.Identifier(schema, table),
                )
            ).fetchone()
            assert row is not None, "an aggregate returns one row"
            found.append(Checksum(f"{schema}.{table}", *row))
    return found


def _value(name: str, kind: str, exact: bool) -> sql.Composable:
    column = sql.Identifier(name)
    if exact or kind not in _WITH_MOMENTS:
        return column
    return sql.SQL(_WITH_MOMENTS[kind]).format(column)
