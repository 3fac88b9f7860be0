"""What a form may say of an indicator, and what the star takes of it."""

from __future__ import annotations

from pathlib import Path
from typing import get_args, get_type_hints

import pytest
import yaml

from ingestion.forms.form import Line

DBT = Path(__file__).parents[3] / "dbt_project"


@pytest.mark.parametrize(
    ("file", "kind", "name"),
    [("models/marts/_dimensions.yml", "models", "dim_indicator"), ("seeds/_seeds.yml", "seeds", "indicator")],
)
def test_every_direction_that_a_form_may_have_is_one_of_the_star(file: str, kind: str, name: str) -> None:
    described = yaml.safe_load((DBT / file).read_text(encoding="utf-8"))[kind]
    (columns,) = (one["columns"] for one in described if one["name"] == name)
    (tests,) = (column["data_tests"] for column in columns if column["name"] == "direction")
    (accepted,) = (test["accepted_values"] for test in tests if "accepted_values" in test)
    assert {*accepted["arguments"]["values"]} == {*get_args(get_type_hints(Line)["direction"])} - {""}
