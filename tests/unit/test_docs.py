"""What the documentation says exists: commands and their options, make targets, files, settings; in both languages."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import cache
from typing import Any

from typer.main import get_command

from ingestion.cli import app
from ingestion.settings import REPOSITORY, Settings

FOLDERS = (
    "bench", "bi", "dags", "dbt_project", "docker", "docs", "expectations", "ingestion", "requirements", "samples",
    "tests",
)  # fmt: skip
MADE_LATER = (".local/", ".venv/", "backups/", "docker/local.env", "docker/secrets/")
"""Places that only a run, or the reader, makes."""
HIW = re.compile(r"^\s*(?:docker compose run --rm \S+ |\S*/)?hiw (.*)")
MAKE = re.compile(r"(?:^|\s)make ([a-z]+)$|^(?:\s|[A-Z_]+=\S+ )*make ([a-z]+)")
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)")
VARIABLE = re.compile(r"\bHIW_[A-Z_]+\b")
PATH = re.compile(r"(?:\.{0,2}/)?(?:[\w.*<>-]+/)*[\w*<>-]+\.(?:py|csv|yml|yaml|sql|md|j2|txt|env|in)|(?:[\w.<>-]+/)+")


@cache
def files() -> frozenset[str]:
    """Every file of the repository that a page may name."""
    found = [*REPOSITORY.glob("*.*"), *(p for folder in FOLDERS for p in (REPOSITORY / folder).rglob("*"))]
    return frozenset(path.relative_to(REPOSITORY).as_posix() for path in found if "target" not in path.parts)


@cache
def pages() -> dict[str, str]:
    """Text of each page of documentation, by its path."""
    names = sorted(name for name in files() if name.endswith(".md"))
    return {name: (REPOSITORY / name).read_text(encoding="utf-8") for name in names}


def code() -> Iterator[tuple[str, str]]:
    """(page, code): the lines of blocks of code, and what stands between backticks."""
    for page, text in pages().items():
        whole = re.sub(r"`([^`]*)`", lambda quoted: f"`{' '.join(quoted[1].split())}`", text)
        for line in re.sub(r"\\\n\s*", "", whole).splitlines():
            yield from ((page, part) for part in ([line] if line.startswith("    ") else re.findall("`([^`]+)`", line)))


@cache
def program() -> Any:
    """``hiw`` as its parser knows it."""
    return get_command(app)


def wrong_in(line: str) -> str | None:
    """What of a command line ``hiw`` does not know; None where it knows all of it."""
    command: Any = program()
    words = iter(shlex.split(line.replace("…", "")))
    given = 0
    for word in words:
        if word == "--help" or command.context_settings.get("allow_extra_args"):  # what follows is another program's
            return None
        if commands := getattr(command, "commands", None):
            if word not in commands:
                return f"command {word}"
            command = commands[word]
        elif word.startswith("-"):
            option = next((p for p in command.params if word in (*p.opts, *p.secondary_opts)), None)
            if option is None:
                return f"option {word}"
            if not option.is_flag:
                next(words, None)
        else:
            given += 1
    takes = [p.nargs for p in command.params if p.param_type_name == "argument"]
    return f"{given} arguments" if -1 not in takes and given > sum(takes) else None


def test_every_command_line_of_the_pages_is_one_of_the_program() -> None:
    lines = [(page, found[1]) for page, part in code() if (found := HIW.match(re.split(r"  #| [|>] ", part)[0]))]
    assert len(lines) > 100
    wrong = [(page, line, told) for page, line in lines if "COMMAND" not in line and (told := wrong_in(line))]
    assert not wrong


def test_every_command_argument_and_option_says_what_it_is_for() -> None:
    def silent(command: Any, name: str) -> list[str]:
        found = [] if command.help else [name]
        found += [f"{name} {param.name}" for param in command.params if not param.help and param.name != "help"]
        for word, inner in getattr(command, "commands", {}).items():
            found += silent(inner, f"{name} {word}")
        return found

    assert silent(program(), "hiw") == []


def test_a_command_line_that_is_none_is_found() -> None:
    for line in ("ingets FILE", "ingest FILE --hopsital H1", "build now", "audit verfiy"):
        assert wrong_in(line), line


def test_every_make_target_of_the_pages_is_in_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z]+):", (REPOSITORY / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = [(page, found[1] or found[2]) for page, part in code() if (found := MAKE.search(part))]
    assert len(named) > 20
    assert [(page, target) for page, target in named if target not in targets] == []


def exists(page: str, place: str) -> bool:
    """Whether a page may name ``place``: from its own folder, from the root, or by the end of its path."""
    if place.startswith(MADE_LATER):
        return True
    if "<" not in place and "*" not in place and (REPOSITORY / page).parent.joinpath(place).exists():
        return True
    ending = re.sub(r"<[^>]*>|\*", "*", place).strip("/").replace("../", "")
    ending = re.escape(ending).replace(r"\*", "[^/]*")
    return any(re.search(rf"(^|/){ending}$", name) for name in files())


def test_every_file_that_a_page_names_is_there() -> None:
    named = [(page, link) for page, text in pages().items() for link, _ in LINK.findall(text) if link]
    named += [(page, word) for page, part in code() for word in part.split() if PATH.fullmatch(word)]
    assert len(named) > 100
    assert [(page, place) for page, place in named if not exists(page, place)] == []


def test_every_section_that_a_page_links_is_there() -> None:
    for page, text in pages().items():
        for link, section in LINK.findall(text):
            target = (REPOSITORY / page).parent / link if link else REPOSITORY / page
            if section:
                titles = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE)
                assert section in {re.sub(r"[^\w -]", "", t.lower()).replace(" ", "-") for t in titles}, (page, section)


def test_every_setting_that_a_page_names_is_one() -> None:
    of_the_stack = (REPOSITORY / "docker-compose.yml").read_text(encoding="utf-8")
    settings = {f"HIW_{name.upper()}" for name in Settings.model_fields} | set(VARIABLE.findall(of_the_stack))
    named = {(page, name) for page, text in pages().items() for name in VARIABLE.findall(text)}
    assert len(named) > 15
    assert {(page, name) for page, name in named if name not in settings} == set()


def test_the_readme_leads_to_the_same_places_in_both_languages() -> None:
    english, chinese = (pages()[name] for name in ("README.md", "README.zh-CN.md"))
    assert [place for place, _ in LINK.findall(english)][1:] == [place for place, _ in LINK.findall(chinese)][1:]

    def quoted(text: str) -> set[str]:
        return {part for part in re.findall(r"`([^`\n]+)`", text) if part.isascii() and "<" not in part}

    assert quoted(english) - quoted(chinese) <= {".venv/bin/hiw run --year 2024 --inbox FOLDER"}
    assert quoted(chinese) <= quoted(english)
