"""What people look for in a repository is there, and what it says of itself is true."""

from __future__ import annotations

import hashlib
import importlib
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from streak_dagster_tests.support.processes import REPOSITORY

yaml: Any = importlib.import_module("yaml")  # comes with Dagster; its types don't

GITHUB = REPOSITORY / ".github"
PAGES = sorted([*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/**/*.md"), *GITHUB.glob("*.md")])
CHOOSER = GITHUB / "ISSUE_TEMPLATE" / "config.yml"
FORMS = sorted(path for path in GITHUB.glob("ISSUE_TEMPLATE/*.yml") if path != CHOOSER)
OTHER_YAML = [REPOSITORY / ".pre-commit-config.yaml", *sorted(GITHUB.glob("workflows/*.yml"))]
LICENSES = {"Apache-2.0": "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"}
"""The SHA-256 of a license's text as its authors publish it."""
INPUTS = {"input", "textarea", "dropdown", "checkboxes"}
BLOCK = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
MEANINGS_BEGIN = 20  # the column of `make help`


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def name_of(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))


def project(name: str) -> str:
    """A value of pyproject.toml, which Python 3.10 has no parser for."""
    found = re.search(rf'^{name} = "(.*)"$', read(REPOSITORY / "pyproject.toml"), re.MULTILINE)
    assert found is not None
    return found[1]


def meanings() -> dict[str, str]:
    """Every target of the Makefile, with what stands behind it."""
    makefile = read(REPOSITORY / "Makefile")
    return dict(re.findall(r"^([\w-]+):(?!=)[^#\n]*(?:## (.*))?$", makefile, re.MULTILINE))


def phony() -> list[str]:
    makefile = read(REPOSITORY / "Makefile").replace("\\\n", " ")
    return " ".join(re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)).split()


def prose(page: str) -> str:
    return BLOCK.sub("", page)


def code(page: str) -> list[str]:
    """What a page sets as code: its blocks, and the spans between them."""
    return [*BLOCK.findall(page), *SPAN.findall(prose(page))]


def anchors(page: str) -> set[str]:
    """What GitHub makes of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_target_has_a_meaning_that_make_help_shows(tmp_path: Path) -> None:
    """In a folder with nothing but the Makefile, so before anything was set up."""
    shutil.copy(REPOSITORY / "Makefile", tmp_path)
    shown = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert shown[0].startswith("Two commands on a fresh machine")
    assert all(line.startswith("  make ") for line in shown[1:])
    listed = {line.split()[1]: line[MEANINGS_BEGIN:] for line in shown[1:]}
    assert listed == {target: meaning for target, meaning in meanings().items() if meaning}
    assert set(phony()) <= set(listed)
    assert [path.name for path in tmp_path.iterdir()] == ["Makefile"]


def test_every_venv_that_a_target_makes_is_left_out_of_git_and_removed_by_make_clean() -> None:
    makefile = read(REPOSITORY / "Makefile")
    made = set(re.findall(r"\.venv[\w-]*", makefile))
    removed = set(re.findall(r"\.venv[\w-]*", makefile.partition("\nclean:")[2].partition("\n\n")[0]))
    assert made == removed == {".venv", ".venv-bench", ".venv-oldest"}
    assert {f"{folder}/" for folder in made} <= set(read(REPOSITORY / ".gitignore").splitlines())


@pytest.mark.parametrize("page", [*PAGES, *FORMS], ids=name_of)
def test_every_target_that_a_page_names_exists(page: Path) -> None:
    named = {target for each in code(read(page)) for target in re.findall(r"\bmake ([a-z][\w-]*)", each)}
    assert named <= set(meanings())
    if page.name in {"README.md", "CONTRIBUTING.md"}:
        assert {"run", "test", "test-fast", "check"} <= named


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(<?([^)\s>]+)", SPAN.sub("", prose(read(page)))):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        assert not anchor or target.suffix != ".md" or anchor in anchors(read(target)), link


def test_the_license_is_the_one_that_the_project_names() -> None:
    text = (REPOSITORY / "LICENSE").read_bytes()
    assert hashlib.sha256(text).hexdigest() == LICENSES[project("license")]


def test_the_changelog_tells_of_this_version() -> None:
    assert project("version") in read(REPOSITORY / "CHANGELOG.md")


def test_the_readme_leads_to_what_else_is_there() -> None:
    last = read(REPOSITORY / "README.md").rpartition("\n## ")[2]
    for name in ("docs/architecture.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE"):
        assert f"]({name})" in last


@pytest.mark.parametrize("form", FORMS, ids=name_of)
def test_a_form_is_one_that_github_shows(form: Path) -> None:
    """It leaves out a form with a mistake, and tells nobody."""
    content = yaml.safe_load(read(form))
    assert content.keys() == {"name", "description", "labels", "body"}
    inputs = [each for each in content["body"] if each["type"] != "markdown"]
    assert {each["type"] for each in inputs} <= INPUTS
    for names in ([each["id"] for each in inputs], [each["attributes"]["label"] for each in inputs]):
        assert len(set(names)) == len(names)
    for each in inputs:
        assert (each["type"] in {"dropdown", "checkboxes"}) == bool(each["attributes"].get("options"))


@pytest.mark.parametrize("template", [*FORMS, GITHUB / "pull_request_template.md"], ids=name_of)
def test_whoever_writes_is_told_to_keep_keys_and_people_out(template: Path) -> None:
    assert "no API keys, no personal data, no row contents" in read(template).replace("No API", "no API")


def test_no_issue_is_opened_without_a_form() -> None:
    """So everybody who opens one reads that sentence."""
    assert yaml.safe_load(read(CHOOSER))["blank_issues_enabled"] is False


@pytest.mark.parametrize("path", OTHER_YAML, ids=name_of)
def test_the_other_yaml_can_be_read(path: Path) -> None:
    assert isinstance(yaml.safe_load(read(path)), dict)


def test_a_commit_is_checked_as_make_check_does() -> None:
    [repository] = yaml.safe_load(read(REPOSITORY / ".pre-commit-config.yaml"))["repos"]
    [hook] = repository["hooks"]
    assert hook["entry"] == "make check"
    assert hook["pass_filenames"] is False
