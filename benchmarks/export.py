"""What an export of many rows costs: seconds and memory by format, each in a process of its own.

``.venv/bin/python benchmarks/export.py [ROWS …]``, by default 50,000: boxes of 23 columns, as the sample's
sales pipeline has them.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

EXPORT = """
import sys
from pathlib import Path
from streak_dagster.export import export
from streak_dagster.warehouse.database import Database
(each,) = export(Database(sys.argv[1]), sys.argv[2], sys.argv[3], select=["streak_views/sales"])
print(each.size, Path("/proc/self/status").read_text())
"""
DEALS = """
CREATE SCHEMA streak; CREATE SCHEMA streak_views;
CREATE TABLE streak_views.sales AS SELECT
  'agxzfnNhbmRib3hyYm94L' || range AS key, 'A deal of some length ' || range AS name,
  ['Lead', 'Demo', 'Quote sent', 'Negotiation', 'Won'][1 + range % 5] AS stage, range % 5 AS stage_order,
  'Maren Okafor, Tomasz Wójcik' AS owners, now() AS created, now() - to_minutes(range % 9999) AS last_touched,
  range % 300 AS days_in_stage, now() AS last_email, range % 4 AS open_tasks, NULL::TIMESTAMPTZ AS next_due,
  range % 7 AS comments, 'https://mail.google.com/mail/u/0/#box/agxzfnNhbmRib3hyYm94L' || range AS link,
  'Call them back about the quote' AS next_step, (range % 90000)::VARCHAR AS yearly_value_eur,
  now() AS expected_close, 'Outbound' AS source, ['multi-property', 'renewal'] AS labels,
  range % 2 = 0 AS contract_signed, 'Aiko Bergström' AS account_lead, range / 7 AS weighted_value,
  'kim@client.example' AS main_contact, 'Harbour Light Inns' AS account
FROM range({rows})
"""


def main() -> None:
    print("| rows | format | seconds | peak MB | file MB |\n|---:|---|---:|---:|---:|")
    for rows in [int(each) for each in sys.argv[1:]] or [50_000]:
        with tempfile.TemporaryDirectory() as folder:
            database = Path(folder) / "crm.duckdb"
            with duckdb.connect(str(database)) as connection:
                connection.execute(DEALS.format(rows=rows))
            for form in ("xlsx", "csv", "parquet"):
                began = time.monotonic()
                done = subprocess.run(
                    [sys.executable, "-c", EXPORT, str(database), folder, form],
                    capture_output=True,
                    text=True,
                    check=True,
                )
                seconds = time.monotonic() - began
                peak = int(re.findall(r"VmHWM:\s+(\d+)", done.stdout)[0]) / 1024
                size = int(done.stdout.split()[0]) / 1e6
                print(f"| {rows:,} | {form} | {seconds:.1f} | {peak:.0f} | {size:.1f} |")


if __name__ == "__main__":
    main()
