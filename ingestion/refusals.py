"""Why a file was not taken in, in both languages: the people of the hospital that sent it read it."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import yaml

_CODE = re.compile(r"\[([a-z0-9-]+)\]$")


@cache
def refusals_zh() -> dict[str, str]:
    """What each refusal means and what to do, in Chinese, by the code of its Problem."""
    return dict(yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8")))


def refusal_zh(line: str) -> str:
    """What the line of a refusal means and what to do, in Chinese, by the code at its end; "" for an unknown code."""
    code = _CODE.search(line)
    return refusals_zh().get(code[1], "") if code else ""
