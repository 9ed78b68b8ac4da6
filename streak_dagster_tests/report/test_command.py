"""``streak-dagster report``, as real processes."""

from __future__ import annotations

from pathlib import Path

from streak_dagster_tests.support.runs import command


def test_it_says_what_it_wrote_and_opens_it(database: Path, tmp_path: Path) -> None:
    (tmp_path / "browser").write_text('#!/bin/sh\necho "$1" > opened\n', encoding="utf-8")
    (tmp_path / "browser").chmod(0o755)
    values = {"STREAK_DUCKDB_PATH": str(database), "BROWSER": f"{tmp_path / 'browser'} %s"}
    arguments = ["report", "page.html", "--title", "Our <deals>", "--zone", "Europe/Berlin", "--open"]
    done = command(["streak-dagster", *arguments], values, tmp_path)
    assert done.returncode == 0, done.stderr
    written = tmp_path / "page.html"
    said, size = done.stdout, written.stat().st_size
    assert said.startswith(f"page.html: {size / 1000:,.0f} kB, data of ")
    assert said.count("\n") == 1
    assert said.endswith((" CET\n", " CEST\n"))
    page = written.read_text(encoding="utf-8")
    assert "<h1>Our &lt;deals&gt;</h1>" in page
    assert "a refresh is due every 6 hours." in page
    assert (tmp_path / "opened").read_text(encoding="utf-8").strip() == written.as_uri()


def test_errors_are_a_sentence(tmp_path: Path) -> None:
    done = command(["streak-dagster", "report", "nowhere/page.html"], {}, tmp_path)
    assert done.returncode == 1
    assert done.stderr == (
        "streak-dagster: The folder nowhere of the report isn't there: make it, or name another one.\n"
    )


def test_without_data_there_is_a_page_that_says_so(tmp_path: Path) -> None:
    done = command(["streak-dagster", "report", "page.html"], {}, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "no data yet: run streak-dagster run" in done.stdout
    assert "No table was copied yet." in (tmp_path / "page.html").read_text(encoding="utf-8")
