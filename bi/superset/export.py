"""Write the dashboards of a running Superset over the asset files, so that what was changed in the UI can be reviewed.

Run with Superset's own Python and prepare.py's environment (`hiw bi-export` does): writes into the folder named, by
default that of the assets. Only what people change is kept: each thing stays in the file that its uuid has there, a new
one gets a file of its own name; numbers that differ between installations (addresses, ids of charts) are set alike.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import yaml

ASSETS = Path(__file__).parent / "assets"
_KINDS = ("databases", "datasets", "charts", "dashboards")


class _Dumper(yaml.SafeDumper):
    """YAML as the asset files have it: text of several lines as a block, nothing by reference."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def dump(thing: dict[str, Any]) -> str:
    """One asset in the one form that files have."""
    return yaml.dump(thing, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


def main() -> None:
    """Write every asset of the Superset; says how many files changed."""
    from superset.app import create_app

    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ASSETS
    app = create_app()
    with app.app_context():
        assets = exported()
    changed = 0
    for name, text in assets.items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            changed += 1
    print(f"{changed} of {len(assets)} asset files changed")


def exported() -> dict[str, str]:
    """Text of each asset by its file's name."""
    from flask import g
    from superset.commands.export.assets import ExportAssetsCommand
    from superset.extensions import appbuilder

    g.user = appbuilder.sm.find_user(username="admin")
    known = {str(path.relative_to(ASSETS)): yaml.safe_load(path.read_text(encoding="utf-8")) for path in _files()}
    names = {thing["uuid"]: name for name, thing in known.items()}
    found = {}
    for name, content in ExportAssetsCommand().run():
        kind = name.split("/")[0]
        if kind not in _KINDS:
            continue
        thing = yaml.safe_load(content())
        own = names.get(thing["uuid"]) or f"{kind}/{_file_name(thing)}.yaml"
        found[own] = dump(_normalised(kind, thing, known.get(own, {})))
    return dict(sorted(found.items()))


def _files() -> list[Path]:
    return [path for kind in _KINDS for path in sorted((ASSETS / kind).glob("*.yaml"))]


def _file_name(thing: dict[str, Any]) -> str:
    title = thing.get("slug") or thing.get("slice_name") or thing.get("table_name") or thing["uuid"]
    return re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_") or thing["uuid"]


def _normalised(kind: str, thing: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    """The asset without what differs from one installation to the next; ``known`` is the file as it stands."""
    if kind == "databases":
        thing["sqlalchemy_uri"] = known["sqlalchemy_uri"]
    if kind == "datasets":
        for part, name in (("metrics", "metric_name"), ("columns", "column_name")):
            # Superset lists them in no order of its own: that of the file stays, what is new comes last.
            places = {one[name]: place for place, one in enumerate(known.get(part, []))}
            thing[part].sort(key=lambda one: (places.get(one[name], len(places)), one[name]))
    if kind == "dashboards":
        _renumber(thing)
    if kind == "charts":
        for volatile in ("datasource", "slice_id", "dashboardId"):
            thing["params"].pop(volatile, None)
        thing["params"]["dashboards"] = []
        thing["query_context"] = None  # made anew by Superset from the params
    return thing


def _renumber(dashboard: dict[str, Any]) -> None:
    """Number the charts of a dashboard as they stand in it, from 1, here and where its settings name them."""
    position = dashboard["position"]
    order = [
        position[kid]["meta"] for row in position["GRID_ID"]["children"] for kid in position[row]["children"]
        if kid.startswith("CHART-")
    ]  # fmt: skip
    numbers = {meta["chartId"]: number for number, meta in enumerate(order, start=1)}
    for meta in order:
        meta["chartId"] = numbers[meta["chartId"]]
    metadata = dashboard["metadata"]
    for one in metadata.get("native_filter_configuration", []):
        one["scope"]["excluded"] = sorted(numbers[old] for old in one["scope"]["excluded"] if old in numbers)
        one.pop("chartsInScope", None)
        one.pop("tabsInScope", None)
    # Superset works these out again, for each chart and whenever the dashboard is opened.
    metadata["chart_configuration"] = {}
    metadata["color_scheme_domain"] = metadata["shared_label_colors"] = []
    metadata.pop("map_label_colors", None)
    whole = metadata.setdefault("global_chart_configuration", {"scope": {"rootPath": ["ROOT_ID"], "excluded": []}})
    whole.pop("chartsInScope", None)


if __name__ == "__main__":
    main()
