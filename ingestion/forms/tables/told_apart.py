"""Equal names of lines told apart by what stands above or before them: 手术患者·死亡率 and 住院患者·死亡率.

The dot is left out where names are compared: an alias or a form's own line 手术患者死亡率 is found by it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ingestion.forms.normalise import joined, name_key


def told_apart(paths: Sequence[Sequence[str]]) -> list[str]:
    """A name for each path of names, the widest first: its last one, with as many before it as it takes to tell it from
    the others."""
    names = [path[-1] for path in paths]
    for length in range(2, max(map(len, paths), default=0) + 1):
        seen = Counter(map(name_key, names))
        names = [
            joined(path[-length:]) if seen[name_key(name)] > 1 else name
            for name, path in zip(names, paths, strict=True)
        ]
    return names
