"""Several ``hiw`` processes at once: the warehouse ends as if they had run one after the other."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from faults import SECONDS, YEAR, Undisturbed, Warehouse, check_invariants, held

from ingestion.store.embedded_postgres import EmbeddedPostgres

pytestmark = [pytest.mark.integration, pytest.mark.timeout(2 * SECONDS)]


def ended(*processes: subprocess.Popen[str]) -> list[str]:
    """What the processes printed; each must have succeeded."""
    told = []
    for process in processes:
        out, err = process.communicate(timeout=SECONDS)
        assert process.returncode == 0, out + err
        told.append(out)
    return told


@pytest.fixture(scope="module")
def one(own_server: EmbeddedPostgres, undisturbed: Undisturbed, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return Warehouse.create(own_server, tmp_path_factory.mktemp("together"), like=undisturbed.empty)


def test_two_ingests_of_one_submission_are_one(one: Warehouse, undisturbed: Undisturbed) -> None:
    with held(one, "raw.entry") as arrived:  # both are on their way before either can finish
        first = one.start("ingest", str(one.inbox))
        arrived(first)
        second, third = one.start("ingest", str(one.inbox)), one.start("ingest", str(one.inbox))
    ended(first, second, third)
    assert one.raw() == undisturbed.raw
    assert one.rows("select hospital_code, revision from audit.submission order by 1") == [("H15001", 1), ("H15004", 1)]


def test_two_revisions_at_once_are_numbered_one_after_the_other(one: Warehouse, tmp_path: Path) -> None:
    files = []
    for number in (1, 2):
        folder = tmp_path / str(number) / "2019" / "H15008"
        folder.mkdir(parents=True)
        file = folder / "return.xlsx"
        shutil.copy(one.inbox / YEAR / ("H15001" if number == 1 else "H15004") / "return.xlsx", file)
        files.append(file)
    ended(*[one.start("ingest", str(file)) for file in files])
    found = one.rows("select revision from audit.submission where hospital_code = 'H15008' order by 1")
    assert found == [(1,), (2,)]


def test_two_validations_decide_once(one: Warehouse, undisturbed: Undisturbed) -> None:
    told = ended(one.start("validate", "--year", YEAR), one.start("validate", "--year", YEAR))
    assert sorted(line.split()[1] for line in told) == ["done", "unchanged"]
    assert one.gate() == undisturbed.gate


def test_two_builds_and_an_ingest_between_them(one: Warehouse, undisturbed: Undisturbed, tmp_path: Path) -> None:
    """The ingest waits for a build that is under way: dimension and fact know the same submissions."""
    builds = [one.start("build"), one.start("build")]
    folder = tmp_path / "2018" / "H15007"
    folder.mkdir(parents=True)
    shutil.copy(one.inbox / YEAR / "H15001" / "return.xlsx", folder)
    ended(*builds, one.start("ingest", str(folder)))
    built = one.rows("select count(*) from marts.dim_submission")
    lived = one.rows("select count(*) from marts.fct_submission_lifecycle")
    assert built == lived
    one.run("validate", "--year", "2018")
    one.run("build")
    marts, expected = one.marts(), undisturbed.marts
    of_the_year = {"marts.dim_hospital", "marts.dim_period"} & marts.keys()
    assert marts.keys() == expected.keys()
    assert {name: marts[name] for name in of_the_year} != {}
    assert one.rows(
        "select count(*) from marts.v_indicator_value where hospital_code = 'H15007'"
    ) == one.rows(  # what it says of later years was held back
        "select count(*) from marts.v_indicator_value where hospital_code = 'H15001' and year <= 2018"
    )
    check_invariants(one)


def test_many_processes_landing_at_once_leave_one_another_alone(one: Warehouse, tmp_path: Path) -> None:
    folder = tmp_path / "2017" / "H15009"
    folder.mkdir(parents=True)
    for number in range(30):
        (folder / f"{number}.csv").write_text(f"name,age\n{number},{'x' * 50_000}\n")
    processes = [one.start("ingest", str(folder), "--json") for _ in range(4)]
    for process in processes:
        out, err = process.communicate(timeout=SECONDS)
        assert "Traceback" not in err
        assert {json.loads(line)["status"] for line in out.splitlines()} == {"rejected"}
    assert one.rows("select count(*) from audit.submission where hospital_code = 'H15009'") == [(30,)]
