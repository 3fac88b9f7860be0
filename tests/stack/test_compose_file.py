"""docker-compose.yml: valid by the specification's schema, and closed by default."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from compose import FILE, compose

from ingestion.settings import REPOSITORY

SERVICES = compose()["services"]
_SECRETS = REPOSITORY / "docker" / "make_secrets.py"


def test_it_is_valid_by_the_schema_of_the_specification() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("check-jsonschema")), "--builtin-schema", "vendor.compose-spec", str(FILE)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_service_that_the_design_names_is_there() -> None:
    assert set(SERVICES) >= {
        "postgres", "redis", "airflow-api-server", "airflow-scheduler", "airflow-dag-processor", "airflow-triggerer",
        "airflow-worker", "superset", "metabase", "reports",
    }  # fmt: skip


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_pinned_limited_checked_and_not_root(name: str) -> None:
    service = SERVICES[name]
    assert re.fullmatch(r"[\w./-]+:v?\d+\.\d+[\w.-]*", service["image"]), "a tag that moves is no pin"
    assert service["user"] not in ("root", "0", "0:0")
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    limits = service["deploy"]["resources"]["limits"]
    assert limits["cpus"]
    assert limits["memory"]
    check = service["healthcheck"]
    assert check.get("test") or (check["disable"] and service["restart"] == "no")


@pytest.mark.parametrize("name", SERVICES)
def test_ports_are_published_on_this_machine_alone(name: str) -> None:
    assert all(str(port).startswith("127.0.0.1:") for port in SERVICES[name].get("ports", []))


@pytest.mark.parametrize("name", SERVICES)
def test_no_secret_has_a_value_in_the_file(name: str) -> None:
    told = SERVICES[name].get("environment", {})
    for key, value in told.items():
        if re.search(r"PASSWORD|SECRET|DSN|FERNET|_KEY|BROKER|SQL_ALCHEMY_CONN|CONNECTION_URI", key):
            assert key.endswith("_FILE"), f"{key} is not read from a file"
            assert str(value).startswith("/run/secrets/")
            assert str(value).removeprefix("/run/secrets/") in SERVICES[name]["secrets"]


def test_metabase_is_told_its_key_and_of_files_that_its_image_reads(tmp_path: Path) -> None:
    told = SERVICES["metabase"]["environment"]
    # What bin/docker/run_metabase.sh of the image puts in the place of NAME_FILE, and nothing else.
    read = {"MB_DB_USER", "MB_DB_PASS", "MB_DB_CONNECTION_URI"}
    assert {key.removesuffix("_FILE") for key in told if key.endswith("_FILE")} <= read
    (tmp_path / "metabase_encryption_key").write_text("the key")
    shell, option, script = SERVICES["metabase"]["entrypoint"]
    script = script.replace("$$", "$").replace("/run/secrets", str(tmp_path)).replace("/app/run_metabase.sh", "env")
    done = subprocess.run([shell, option, script], capture_output=True, text=True, check=True)
    assert "MB_ENCRYPTION_SECRET_KEY=the key" in done.stdout.splitlines()
    (tmp_path / "metabase_encryption_key").unlink()
    assert subprocess.run([shell, option, script], capture_output=True, check=False).returncode != 0


def test_every_secret_is_one_that_is_generated(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    subprocess.run([sys.executable, "-I", str(_SECRETS), str(folder)], check=True, capture_output=True)
    assert {path.name for path in folder.iterdir()} == set(compose()["secrets"])
    assert folder.stat().st_mode & 0o077 == 0


def test_secrets_are_made_once_and_differ_from_installation_to_installation(tmp_path: Path) -> None:
    def made(folder: Path) -> dict[str, str]:
        subprocess.run([sys.executable, "-I", str(_SECRETS), str(folder)], check=True, capture_output=True)
        return {path.name: path.read_text() for path in folder.iterdir()}

    first = made(tmp_path / "a")
    assert made(tmp_path / "a") == first
    other = made(tmp_path / "b")
    assert all(other[name] != value for name, value in first.items())
