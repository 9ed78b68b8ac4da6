"""The file is replaced in one step, and errors name what is wrong."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from streak_dagster.errors import ReportError
from streak_dagster.report import write_report
from streak_dagster.report.writing import save


def test_it_takes_the_place_of_the_old_one(database: Path, tmp_path: Path) -> None:
    target = tmp_path / "page.html"
    target.write_text("old", encoding="utf-8")
    before = database.read_bytes()
    with target.open(encoding="utf-8") as reader:
        write_report(str(database), target)
        assert reader.read() == "old"
    assert target.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert [each.name for each in tmp_path.iterdir()] == ["page.html"]
    assert database.read_bytes() == before


def test_it_may_be_read_by_those_who_may_read_new_files(tmp_path: Path) -> None:
    mask = os.umask(0o027)
    try:
        save("x", tmp_path / "page.html")
    finally:
        os.umask(mask)
    assert stat.S_IMODE((tmp_path / "page.html").stat().st_mode) == 0o640


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "page.html").symlink_to(tmp_path / "there" / "real.html")
    save("x", tmp_path / "page.html")
    assert (tmp_path / "page.html").is_symlink()
    assert (tmp_path / "there" / "real.html").read_text(encoding="utf-8") == "x"


def test_what_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    """A file may grow to one block only, as on a full disk."""
    target = tmp_path / "page.html"
    target.write_text("old", encoding="utf-8")
    code = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from streak_dagster.report.writing import save\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "save('x' * 100_000, Path(sys.argv[1]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(target)], capture_output=True, text=True, check=False
    )
    assert f"ReportError: The report {target} can't be written (File too large)." in done.stderr
    assert target.read_text(encoding="utf-8") == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["page.html"]


def test_a_folder_that_is_not_there_is_named(database: Path, tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"The folder .*/nowhere of the report isn't there"):
        write_report(database, tmp_path / "nowhere" / "page.html")
    with pytest.raises(ReportError, match="is a folder: name a file in it"):
        write_report(database, tmp_path)


def test_no_file_of_another_kind_is_replaced(database: Path, tmp_path: Path) -> None:
    target = tmp_path / "crm.duckdb"
    target.write_text("of value", encoding="utf-8")
    with pytest.raises(ReportError, match=r"crm\.duckdb isn't the name of a page.* such as .*crm\.html\."):
        write_report(database, target)
    assert target.read_text(encoding="utf-8") == "of value"


def test_a_zone_that_is_none_is_named(database: Path, tmp_path: Path) -> None:
    for name in ("Mars/Base", "../../etc/passwd", ""):
        with pytest.raises(ReportError, match="There is no time zone called"):
            write_report(database, tmp_path / "page.html", zone=name)
    assert list(tmp_path.iterdir()) == []
