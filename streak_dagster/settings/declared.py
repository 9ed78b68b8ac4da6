"""Every setting, declared once.

From here come what a variable may be, the errors, ``Settings``, the fields of the Dagster resources, the
README's table and ``.env.example``. A new setting is a field here, and whatever uses it; then ``make docs``.
"""

from collections.abc import Mapping
from typing import Annotated

from pydantic.dataclasses import dataclass

from streak_dagster.exclusion import excluded_names
from streak_dagster.locations import DEFAULT_DATABASE, SAMPLE_DATABASE, report_file, resolved
from streak_dagster.settings import kinds
from streak_dagster.settings.addresses import API_KEY, API_URL, HASH_KEY, STREAKS_URL, WEBHOOK
from streak_dagster.settings.durations import DAYS_OR_ALL, HOURS, PROBE_INTERVAL, REFRESH_INTERVAL
from streak_dagster.settings.setting import Setting, declared_in

REFRESH_MODES = kinds.choice("complete", "changed")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Every setting, checked; the units are those of the fields' names.

    ``missing_key`` says why nothing may be copied without a key, because other variables are set as for an
    account; empty where the built-in sandbox may be used. ``database_notice`` is a sentence about the file
    that was chosen where none is set, for whoever runs something; mostly empty.
    """

    missing_key: str = ""
    database_notice: str = ""

    has_key: Annotated[
        bool,
        Setting(
            "STREAK_API_KEY",
            API_KEY,
            default="",
            default_told="none: the sandbox",
            meaning="The account's API key (Streak: Integrations); without one, the built-in sample is "
            "copied.",
            more="It is never logged, stored or shown. Without one, a run that is otherwise set up for an "
            "account (an address, a database, a webhook, pipelines, the schedule or the sensor on) is "
            "refused.",
        ),
    ]
    api_url: Annotated[
        str,
        Setting(
            "STREAK_API_URL",
            API_URL,
            default=STREAKS_URL,
            meaning="The base address of Streak's API.",
            resource="streak",
            is_for_account=True,
        ),
    ]
    database: Annotated[
        str,
        Setting(
            "STREAK_DUCKDB_PATH",
            kinds.Kind("a file on a disk of this machine, or a MotherDuck database md:name", resolved),
            default=None,
            default_told=f"`{DEFAULT_DATABASE}` (sandbox: `{SAMPLE_DATABASE}`, and nowhere else)",
            example=DEFAULT_DATABASE,
            meaning="Where the tables go: a DuckDB file, or a MotherDuck database such as `md:crm`.",
            more="`~` and `$NAME` are expanded; MotherDuck's token goes into `motherduck_token`. Anything "
            "else is refused.",
            resource="warehouse",
            is_for_account=True,
        ),
    ]
    has_alert: Annotated[
        bool,
        Setting(
            "STREAK_ALERT_WEBHOOK",
            WEBHOOK,
            default="",
            default_told="none",
            meaning="Who is told of each failed run, for example an incoming webhook of Slack.",
            is_for_account=True,
        ),
    ]
    pipelines: Annotated[
        tuple[str, ...],
        Setting(
            "STREAK_PIPELINES",
            kinds.names_of("names or keys"),
            default="",
            default_told="all",
            example="Sales,Hiring",
            meaning="The pipelines to copy; none named means all.",
            more="Names are taken in any case and with any spaces; all pipelines of one name are meant, and "
            "one with a comma in its name is chosen by its key.",
            resource="streak",
            is_for_account=True,
        ),
    ]
    exclude: Annotated[
        tuple[str, ...],
        Setting(
            "STREAK_EXCLUDE",
            kinds.Kind("tables and columns, separated by commas", excluded_names),
            default="",
            default_told="none",
            example="snippets,box_comments.message",
            meaning="Tables that aren't copied, which cost no call and fail nothing; and single columns, "
            "which are always NULL.",
            more="A table that others are made from can be left out only with those. One that was copied "
            "before stays in the database as it was. The value of a column that is left out reaches no disk; "
            "one that the copy works by is refused.",
            resource="streak",
        ),
    ]
    hash_personal_data: Annotated[
        bool,
        Setting(
            "STREAK_HASH_PERSONAL_DATA",
            kinds.YES_OR_NO,
            default="0",
            meaning="Whether e-mail addresses, names and whatever people wrote become keyed hashes before "
            "they reach a disk.",
            more="The columns are those that docs/tables.md calls personal. See [below](#personal-data).",
            resource="streak",
        ),
    ]
    has_hash_key: Annotated[
        bool,
        Setting(
            "STREAK_HASH_KEY",
            HASH_KEY,
            default="",
            default_told="a random one, kept beside the database",
            meaning="The secret key of the hashes; whoever shares a database needs the same one.",
            more="It is never logged, stored or shown. Unset, one is made once and kept in "
            "`<database>.hash_key`.",
        ),
    ]
    calls_per_second: Annotated[
        float,
        Setting(
            "STREAK_CALLS_PER_SECOND",
            kinds.number(0.1, 10),
            default="10",
            meaning="The account's budget of calls, shared by every process on this machine.",
            more="A server on this machine may be asked for more.",
            resource="streak",
        ),
    ]
    page_size: Annotated[
        int,
        Setting(
            "STREAK_PAGE_SIZE",
            kinds.whole_number(1, 10_000),
            default="100",
            meaning="Records a page.",
            resource="streak",
        ),
    ]
    refresh: Annotated[
        str,
        Setting(
            "STREAK_REFRESH",
            REFRESH_MODES,
            default="complete",
            meaning="`complete` asks for the children of every box; `changed` only of those whose counters "
            "or times moved.",
            resource="streak",
        ),
    ]
    complete_every_hours: Annotated[
        float,
        Setting(
            "STREAK_COMPLETE_EVERY",
            HOURS,
            default="24h",
            meaning="A `changed` refresh is a complete one when the last of those began longer ago.",
            resource="streak",
        ),
    ]
    refresh_minutes: Annotated[
        int,
        Setting(
            "STREAK_REFRESH_INTERVAL",
            REFRESH_INTERVAL,
            default="6h",
            meaning="How often the schedule refreshes everything.",
        ),
    ]
    schedule: Annotated[
        bool,
        Setting(
            "STREAK_SCHEDULE",
            kinds.ON_OR_OFF,
            default=None,
            default_told="`on` (sandbox: `off`)",
            example="on",
            meaning="Whether the schedule runs without anybody switching it on.",
            is_for_account=True,
        ),
    ]
    timezone: Annotated[
        str,
        Setting(
            "STREAK_TIMEZONE",
            kinds.TIMEZONE,
            default="UTC",
            meaning="The time zone that the schedule's hours are counted in.",
        ),
    ]
    sensor: Annotated[
        bool,
        Setting(
            "STREAK_SENSOR",
            kinds.ON_OR_OFF,
            default="off",
            meaning="Whether the sensor refreshes what moved, between the schedule's refreshes.",
            is_for_account=True,
        ),
    ]
    probe_seconds: Annotated[
        int,
        Setting("STREAK_PROBE_INTERVAL", PROBE_INTERVAL, default="1m", meaning="How often the sensor looks."),
    ]
    max_shrink: Annotated[
        float,
        Setting(
            "STREAK_MAX_SHRINK",
            kinds.number(0, 1),
            default="0.5",
            meaning="A table that would lose more than this share of its rows without explanation, or all of "
            "them, isn't published; 1 allows all.",
            more="A loss of 10 rows or fewer needs no explanation, unless this is 0.",
            resource="warehouse",
        ),
    ]
    allow_account_change: Annotated[
        bool,
        Setting(
            "STREAK_ALLOW_ACCOUNT_CHANGE",
            kinds.YES_OR_NO,
            default="0",
            meaning="Whether another account's data may replace what the database holds; meant for one run.",
            more="The sample may always be replaced.",
            resource="warehouse",
            is_for_account=True,
        ),
    ]
    history: Annotated[
        bool,
        Setting(
            "STREAK_HISTORY",
            kinds.ON_OR_OFF,
            default="on",
            meaning="Whether what a row was before it changed or went is kept, in `streak_history`.",
            more="Off, nothing is added to it; what it has stays.",
            resource="warehouse",
        ),
    ]
    history_days: Annotated[
        int | None,
        Setting(
            "STREAK_HISTORY_KEEP",
            DAYS_OR_ALL,
            default="all",
            meaning="For how long after its end a version of a row is kept, such as `365d`.",
            resource="warehouse",
        ),
    ]
    serve: Annotated[
        bool,
        Setting(
            "STREAK_SERVE",
            kinds.ON_OR_OFF,
            default="on",
            meaning="Whether `<name>_serve.duckdb`, a copy of the database for other programs, is replaced "
            "after each refresh.",
            more="It is never locked, and one moment's. See [docs/readers.md](docs/readers.md).",
            resource="warehouse",
        ),
    ]
    report_path: Annotated[
        str | None,
        Setting(
            "STREAK_REPORT_PATH",
            kinds.Kind("the path of an .html file", report_file),
            default="",
            default_told="none",
            example="data/report.html",
            meaning="Where a report, one HTML file, is written after each refresh.",
            more="`~` and `$NAME` are expanded; folders are made.",
            resource="warehouse",
        ),
    ]
    keep_days: Annotated[
        int | None,
        Setting(
            "STREAK_KEEP_RUNS",
            DAYS_OR_ALL,
            default="30d",
            meaning="How long runs and ticks are kept in a Dagster home that streak-dagster made; the "
            "newest of each asset, check and job always stays.",
            more="See [below](#by-itself).",
        ),
    ]
    lock_wait: Annotated[
        float,
        Setting(
            "STREAK_LOCK_WAIT",
            kinds.number(0, 86_400),
            default="60",
            meaning="Seconds to wait while another process holds the database file.",
            resource="warehouse",
        ),
    ]


DECLARED: Mapping[str, Setting] = declared_in(Settings)
"""The settings by their names in ``Settings``, in their order."""
BY_VARIABLE: Mapping[str, Setting] = {setting.variable: setting for setting in DECLARED.values()}
