"""The image holds the program and no key, and its UI is for this machine alone."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatch
from pathlib import Path

import yaml  # type: ignore[import-untyped]  # Dagster brings it, and no types

from streak_dagster_tests.support.processes import REPOSITORY

DOCKERFILE = (REPOSITORY / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
SERVICE = yaml.safe_load((REPOSITORY / "compose.yaml").read_text(encoding="utf-8"))["services"]["streak"]


def instructions(name: str) -> list[str]:
    return re.findall(rf"^{name} +(.*)$", DOCKERFILE, re.MULTILINE)


def sent(path: str) -> bool:
    """Whether .dockerignore lets a path into the build: the last pattern that fits decides."""
    decided = True
    for line in (REPOSITORY / ".dockerignore").read_text(encoding="utf-8").splitlines():
        pattern = line.removeprefix("!")
        parts = [str(each) for each in (Path(path), *Path(path).parents)]
        if line and not line.startswith("#") and any(_fits(part, pattern) for part in parts):
            decided = line.startswith("!")
    return decided


def _fits(part: str, pattern: str) -> bool:
    if pattern.startswith("**/"):
        return fnmatch(Path(part).name, pattern[3:])
    return "/" not in part and fnmatch(part, pattern)


def test_nothing_but_the_program_is_sent_into_the_build() -> None:
    for secret in (
        ".env",
        ".env.local",
        "data/crm.duckdb",
        ".dagster/dagster.yaml",
        ".git/config",
        ".venv/x",
    ):
        assert not sent(secret), secret
    assert not sent("streak_dagster/api/__pycache__/client.cpython-313.pyc")
    assert sent("streak_dagster/api/client.py")


def test_what_is_copied_is_there_and_is_sent() -> None:
    copied = [Path(source).as_posix() for line in instructions("COPY") for source in line.split()[:-1]]
    assert {"pyproject.toml", "setup.cfg", "README.md", "LICENSE", "streak_dagster"} == set(copied)
    for source in copied:
        assert (REPOSITORY / source).exists()
        assert sent(source)


def test_the_image_is_of_a_python_that_is_supported_and_runs_as_nobody_special() -> None:
    ((minor,),) = [re.findall(r"^python:3\.(\d+)-slim$", image) for image in instructions("FROM")]
    classifiers = (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8")
    low, high = map(int, re.findall(r'requires-python = ">=3\.(\d+),<3\.(\d+)"', classifiers)[0])
    assert low <= int(minor) < high
    assert instructions("USER") == ["streak"]
    assert "STREAK_" not in " ".join(instructions("ENV")), "settings come from the container's environment"


def test_the_program_is_asked_for_the_ui_on_the_port_that_is_looked_at() -> None:
    assert [*json.loads(instructions("ENTRYPOINT")[0]), *json.loads(instructions("CMD")[0])] == [
        "streak-dagster",
        "ui",
        "--host",
        "0.0.0.0",
    ]
    assert "http://127.0.0.1:3000/server_info" in instructions("HEALTHCHECK")[0]
    assert SERVICE["ports"] == ["127.0.0.1:3000:3000"]


def test_the_data_stays_in_the_volume() -> None:
    assert instructions("WORKDIR")[-1] == instructions("VOLUME")[0] == "/var/lib/streak"
    assert SERVICE["volumes"] == ["streak:/var/lib/streak"]
    assert SERVICE["env_file"] == [{"path": ".env", "required": False}]
    assert "environment" not in SERVICE
