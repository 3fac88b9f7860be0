"""YAML whose every key and value knows its line, so that a slip in a rule file is reported where it stands."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ingestion.errors import Problem


@dataclass(frozen=True)
class Located:
    """A value of a YAML file with the file and line it stands in. ``value`` of a mapping is a dict of Located, of a
    sequence a list of Located."""

    value: Any
    file: str
    line: int

    @property
    def plain(self) -> Any:
        """The value without its places."""
        if isinstance(self.value, dict):
            return {key: item.plain for key, item in self.value.items()}
        if isinstance(self.value, list):
            return [item.plain for item in self.value]
        return self.value

    def wrong(self, read: str, expected: str, remedy: str = "Correct the file.") -> Problem:
        """A Problem that names file and line of this value."""
        return Problem("rule-file", f"{self.file} line {self.line}", read, expected, remedy)


def load(path: Path) -> Located:
    """Read a YAML file.

    Raises Problem, with file and line, where it is not YAML or a key stands twice in a mapping.
    """
    try:
        loader = yaml.SafeLoader(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise Problem("rule-file", path.name, "text that is not UTF-8", "UTF-8", "Correct the file.") from None
    except yaml.YAMLError as error:  # a character that YAML does not allow, wherever it stands
        raise Problem("rule-file", path.name, str(error).splitlines()[0], "YAML", "Correct the file.") from None
    try:
        node = loader.get_single_node()
        return _located(loader, node, path.name) if node else Located(None, path.name, 1)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise Problem(
            "rule-file", f"{path.name} line {line}", error.problem or "not YAML", "YAML", "Correct the file."
        ) from None
    finally:
        loader.dispose()


def _located(loader: yaml.SafeLoader, node: yaml.Node, file: str) -> Located:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        return Located([_located(loader, item, file) for item in node.value], file, line)
    if isinstance(node, yaml.MappingNode):
        items: dict[Any, Located] = {}
        for key_node, value_node in node.value:
            key = loader.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable):
                raise Located(key, file, key_node.start_mark.line + 1).wrong("a list or mapping as a key", "a word")
            if key in items:
                raise Located(key, file, key_node.start_mark.line + 1).wrong(f"{key} a second time", "each key once")
            items[key] = _located(loader, value_node, file)
        return Located(items, file, line)
    try:
        return Located(loader.construct_object(node, deep=True), file, line)
    except ValueError as error:  # a day that is none
        raise Located(None, file, line).wrong(str(error), "YAML") from None
