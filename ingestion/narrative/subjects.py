"""Whom a claim is about when it is not the whole hospital: a centre, a campus, a partner hospital."""

from __future__ import annotations

import re
from functools import cache

from ingestion.narrative import wordlists
from ingestion.narrative.guards import Prose
from ingestion.narrative.mention import Mention


@cache
def _pattern() -> re.Pattern[str]:
    heads = wordlists.alternatives(wordlists.load("subjects")["heads"])
    return re.compile(
        f"(?:作为)?(?P<name>[\\u4e00-\\u9fffA-Za-z]{{0,12}}?(?:{heads}))(?:建设)?"
        "(?:成效显著|运行|累计|年|是|作为|，|总)"
    )


def subject_of(prose: Prose, mention: Mention, title: str) -> str | None:
    """Return the unit that opens the mention's paragraph or sentence as its subject, or None for the hospital.

    `title` is the head of the document: names in it are the hospital itself.
    """
    sentence, _ = prose.sentence(mention.start)
    paragraph = prose.clause_start(mention.start, "\n")
    for start in dict.fromkeys((sentence, paragraph)):
        found = _pattern().match(prose.text, start, start + 30)
        if found and found["name"] not in wordlists.load("subjects")["never"] and found["name"] not in title:
            return found["name"]
    return None
