"""Run in an interpreter of its own: loads the DAGs with real Airflow and prints what they are, as JSON."""

from __future__ import annotations

import json
import sys
from typing import Any

from airflow.dag_processing.dagbag import DagBag
from airflow.serialization.serialized_objects import DagSerialization

HEAVY = ("pandas", "numpy", "great_expectations", "dbt", "openpyxl", "psycopg", "ingestion.steps", "ingestion.pipeline")


def _assets(dag: Any) -> list[str]:
    condition = getattr(dag.timetable, "asset_condition", None)
    return sorted(asset.name for asset in condition.objects) if condition else []


before = {name for name in HEAVY if name in sys.modules}
bag = DagBag(sys.argv[1])
for dag in bag.dags.values():
    # What the scheduler reads is the written DAG: one that cannot be written and read again never runs.
    DagSerialization.from_dict(DagSerialization.to_dict(dag))
described = {
    "import_errors": bag.import_errors,
    "heavy_before": sorted(before),
    "heavy": sorted(name for name in HEAVY if name in sys.modules and name not in before),
    "dags": {
        dag_id: {
            "owner": dag.owner,
            "doc": (dag.doc_md or "").strip(),
            "triggered_by": _assets(dag),
            "max_active_runs": dag.max_active_runs,
            "timetable": dag.timetable.summary if hasattr(dag.timetable, "summary") else str(dag.timetable),
            "events": [str(moment) for moment in getattr(dag.timetable, "event_dates", [])],
            "deadlines": [deadline.name for deadline in dag.deadline or []],
            "tasks": {
                task.task_id: {
                    "type": task.task_type,
                    "is_mapped": task.is_mapped,
                    "label": getattr(task, "map_index_template", None),
                    "upstream": sorted(task.upstream_task_ids),
                    "outlets": sorted(asset.name for asset in task.outlets),
                    "trigger_rule": str(getattr(task.trigger_rule, "value", task.trigger_rule)),
                }
                for task in dag.tasks
            },
        }
        for dag_id, dag in bag.dags.items()
    },
}
print("DESCRIBED " + json.dumps(described))
