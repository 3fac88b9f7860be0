"""The dashboards' files: what a reader would miss, seen without a Superset."""

from __future__ import annotations

from typing import Any

import yaml

from ingestion.settings import REPOSITORY

ASSETS = REPOSITORY / "bi" / "superset" / "assets"


def _assets(kind: str) -> dict[str, dict[str, Any]]:
    return {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in (ASSETS / kind).glob("*.yaml")}


def test_bars_that_lie_have_room_beside_their_names() -> None:
    """On a narrow screen a name that leaves no room turns its bar round: it then grows the wrong way."""
    lying = {
        chart["uuid"] for chart in _assets("charts").values() if chart["params"].get("orientation") == "horizontal"
    }
    widths = {
        (name, box["meta"]["sliceName"]): box["meta"]["width"]
        for name, board in _assets("dashboards").items()
        for box in board["position"].values()
        if isinstance(box, dict) and box["type"] == "CHART" and box["meta"]["uuid"] in lying
    }
    assert len(widths) > 3
    assert {place: width for place, width in widths.items() if width < 5} == {}
