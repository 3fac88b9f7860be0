"""Run every benchmark and write docs/benchmarks.md: ``python -m bench [small|national] [step ...]``."""

from __future__ import annotations

import os
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

from bench.report import SIZES, Ratio, write_page
from ingestion.settings import REPOSITORY, settings
from ingestion.store import database
from ingestion.store.embedded_postgres import EmbeddedPostgres


def main() -> int:
    """Run the benchmarks named (default: all there are); 0 whatever the ratios are: a busy machine is no fault."""
    size = sys.argv[1] if len(sys.argv) > 1 else "small"
    if size not in SIZES:
        print(f"bench: {size}; expected one of {', '.join(SIZES)}", file=sys.stderr)
        return 2
    there_are = sorted(path.stem.removeprefix("bench_") for path in Path(__file__).parent.glob("bench_*.py"))
    steps = sys.argv[2:] or there_are
    started = time.perf_counter()
    ratios: list[Ratio] = []
    with tempfile.TemporaryDirectory(prefix="hiw_bench_") as folder:
        server = EmbeddedPostgres(Path(folder) / "postgres")
        try:
            for step in steps:
                with fresh_warehouse(server, Path(folder)):
                    for ratio in _apart(step, size):
                        print(ratio.line(), flush=True)
                        ratios.append(ratio)
        finally:
            server.stop()
    if steps == there_are:
        write_page(REPOSITORY / "docs" / "benchmarks.md", size, ratios, time.perf_counter() - started)
    return 0


def _apart(step: str, size: str) -> list[Ratio]:
    """The ratios of a step, measured in a process of its own: memory that an earlier one held would hide growth."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        ratios: list[Ratio] = process.submit(import_module(f"bench.bench_{step}").run, size).result()
        return ratios


@contextmanager
def fresh_warehouse(server: EmbeddedPostgres, folder: Path) -> Iterator[None]:
    """An empty, migrated warehouse and empty local state, which settings() name while the context lasts."""
    name = f"bench_{uuid.uuid4().hex[:12]}"
    address = server.dsn("postgres")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(psycopg.sql.SQL("create database {}").format(psycopg.sql.Identifier(name)))
    before = dict(os.environ)
    os.environ["WAREHOUSE_DSN"] = urlunsplit(urlsplit(address)._replace(path=f"/{name}"))
    os.environ["HIW_LOCAL_DIR"] = str(folder / name)
    settings.cache_clear()
    try:
        database.connect().close()
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        settings.cache_clear()


if __name__ == "__main__":
    raise SystemExit(main())
