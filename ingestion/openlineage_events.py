"""OpenLineage events of a build, with column lineage, read from dbt's artifacts; written to a file of this machine.

The events go where OpenLineage's own settings say (OPENLINEAGE_URL, OPENLINEAGE__TRANSPORT__..., openlineage.yml);
where none are set, to ``lineage/openlineage.jsonl`` below the local folder, which holds one build; those of the builds
before stand beside it as ``openlineage.jsonl.1`` and so on. Nothing leaves the machine by itself.
"""

from __future__ import annotations

import logging
import os
from logging.handlers import RotatingFileHandler
from pathlib import Path

from ingestion.safe_text import one_line
from ingestion.settings import settings
from ingestion.store import database
from ingestion.store.dbt_environment import dbt_environment

_PRODUCER = "https://github.com/OpenLineage/OpenLineage/integration/dbt"
_NAMESPACE = "hospital_indicator_warehouse"
_BUILDS_BEFORE = 9
"""So many builds are kept beside the newest: each is some megabytes."""


_log = logging.getLogger(__name__)


def emit(target: Path) -> int:
    """Emit the events of the dbt run whose artifacts lie in ``target``; returns how many.

    Lineage is a by-product: where it cannot be told, the build stands all the same, and a warning says why.
    """
    try:
        return _emit(target)
    except Exception as error:
        _log.warning("no OpenLineage events of this build: %s: %s", type(error).__name__, one_line(str(error)))
        return 0


def _emit(target: Path) -> int:
    from openlineage.client import OpenLineageClient
    from openlineage.client.transport.file import FileConfig, FileTransport
    from openlineage.common.provider.dbt.local import DbtLocalArtifactProcessor

    for name, value in dbt_environment(database.dsn()).items():
        # What profiles.yml reads; the password is not needed.
        if name.startswith("HIW_PG_") and name != "HIW_PG_PASSWORD":
            os.environ.setdefault(name, value)
    processor = DbtLocalArtifactProcessor(
        producer=_PRODUCER,
        job_namespace=_NAMESPACE,
        project_dir=str(settings().dbt_project_dir),
        target_path=str(target),
        dbt_command_line=["dbt", "build"],
    )
    events = processor.parse().events()
    if _is_configured():
        client = OpenLineageClient()
    else:
        file = lineage_file()
        file.parent.mkdir(parents=True, exist_ok=True)
        RotatingFileHandler(file, backupCount=_BUILDS_BEFORE, delay=True).doRollover()
        client = OpenLineageClient(transport=FileTransport(FileConfig(log_file_path=str(file), append=True)))
    for event in events:
        client.emit(event)
    return len(events)


def lineage_file() -> Path:
    """Where the events of the newest build are kept when no other transport is set."""
    return settings().local_dir / "lineage" / "openlineage.jsonl"


def _is_configured() -> bool:
    return any(name.startswith(("OPENLINEAGE_URL", "OPENLINEAGE__", "OPENLINEAGE_CONFIG")) for name in os.environ)
