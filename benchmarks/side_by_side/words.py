"""What the page says around its figures; the figures themselves are in no sentence here."""

from __future__ import annotations

BEFORE = """<!-- Written by `make bench` from benchmarks.json: don't edit. -->
# Benchmarks: a rate-limited REST API into DuckDB

What does it take to copy a REST API that allows 10 calls a second into a warehouse? This page compares
streak-dagster with two ways in which one would do it otherwise, and says first what it loses at.

- **streak-dagster**: `streak-dagster run`, as shipped. *complete* asks for everything and is what the
  others do; the other three show what `--refresh changed` takes: a first copy, one after 1 % of the boxes
  were renamed and commented on, and one after which nothing had changed.
- **dlt, paced**: its `rest_api` source into DuckDB, dependent resources `parallelized`, as many workers
  as the latency needs, retries on 429. dlt has no limit of calls a second of its own, so its session
  waits for pyrate-limiter before each attempt; with that it did best.
- **dlt, unpaced**: the same as documented, with 20 workers, where only its retries hold the budget; one
  case shows it.
- **plain Dagster**: an asset a list, one call at a time with requests and pyrate-limiter, and the io
  manager of dagster-duckdb-pandas.

All copy the same {lists} lists of the same account: {tables}. The account is served by
`streak_dagster.sandbox`, another process on the same machine, which keeps the journal of calls by its own
clock. Each contestant is a new process with an empty folder, they take turns, one at a time, and another
one begins each round. Afterwards the number of rows, their keys and, where there is one, a
text of each row are compared with the account itself.

What the comparison doesn't show: streak-dagster does more in the same time (history, typed views, checks,
a copy for readers, resuming), and was measured as shipped, with all of it. The baselines were written by
us: who knows dlt better may do better (`benchmarks/side_by_side/contestants/`). The server is a sandbox on
loopback, not Streak. It counts a sliding second, and is kind: a refused call doesn't count against the
budget, and its answer says when to come back.

    make bench            # all cases: about 45 minutes
    make bench QUICK=1    # about 5 minutes, into build/benchmarks/
"""

COLUMNS = """\
All figures are medians of the *rounds*; with several, the fastest and the slowest stand behind.
*over the floor*: seconds above calls / 10 a second. *of the ceiling*: the calls that were answered, as a
share of 10 a second, from the first to the last, and of the whole process from its start to its end.
*repeated*: the same URL once more. *429s*: calls that the server refused. *worst second*: the most
arrivals in any second, refused ones too. *CPU*: user and system time of the process and those it started;
*MB*: the largest resident memory of one of them. *true*: every row of every table."""

LIFTED = """\
What the software itself costs: the server answers as fast as it can. It shares the machine's cores with
the contestant, so calls a second are as much its own. streak-dagster's limit is set to the most that it
takes, 1,000 calls a second."""

PUBLISHING = """\
Boxes that are on disk as JSON lines, into a DuckDB file, without any call; a process each, seconds
without its start. DuckDB's own way is the floor: it keeps no history, compares nothing, checks nothing,
and guesses the types."""

AFTER = """
## How to measure it again

`make bench` makes `.venv-bench` beside `.venv`, measures, and writes this page, `benchmarks.json` and the
pictures; nothing here is written by hand. Results are kept after each contestant: `RESUME=1` goes on
where a run was aborted. Some of it only:

    .venv-bench/bin/python -m benchmarks.side_by_side --cases 100-300ms --contestants ours,dlt --rounds 1
    .venv-bench/bin/python -m benchmarks.side_by_side --render   # the page alone, from benchmarks.json
"""
