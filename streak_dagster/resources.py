"""The Dagster faces of Streak's API and of the warehouse."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

from dagster import ConfigurableResource, EnvVar, InitResourceContext, get_dagster_logger
from pydantic import Field, PrivateAttr

from streak_dagster.accounts import account_of, budget_of
from streak_dagster.after_refresh import Page, after_refresh, page_of
from streak_dagster.api.answers import KEY_NAME
from streak_dagster.api.client import StreakClient
from streak_dagster.api.rate_limiter import RateLimiter
from streak_dagster.credentials import OF_ENVIRONMENT, Secrets, given, kept
from streak_dagster.errors import SettingsError
from streak_dagster.exclusion import excluded_columns
from streak_dagster.sample import served_sample
from streak_dagster.settings import BY_VARIABLE, by_fields, field_of, values_for
from streak_dagster.signals import is_interrupted_query
from streak_dagster.stopping import INTERRUPTS, RunStoppedError, stoppable
from streak_dagster.sync.hashing import Hasher
from streak_dagster.sync.refresh_lock import refreshing
from streak_dagster.sync.withheld import NOTHING, Withheld
from streak_dagster.warehouse.database import Database
from streak_dagster.warehouse.hash_key import kept_key
from streak_dagster.warehouse.history import Keeping
from streak_dagster.warehouse.meta import SAMPLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streak_dagster.api.retries import RetryLimits
    from streak_dagster.settings import Settings


class _Closes(Protocol):
    def close(self) -> None: ...


RunLongT = TypeVar("RunLongT", bound=_Closes)


class StreakResource(ConfigurableResource):  # type: ignore[type-arg]
    """Streak's API for one account: its key, its budget of calls, and how its lists are paged.

    Without a key it serves the built-in sample workspace on a free port of this machine and copies that.
    """

    api_key: str | None = field_of("STREAK_API_KEY", default=None)
    key_name: str = Field(default=KEY_NAME, description="What the key is set by, as errors say.")
    given_keys: dict[str, str] = Field(
        default_factory=dict,
        description="Which of the keys were given as text, by names that don't tell them.",
    )
    missing_key: str = Field(
        default="",
        description="Why nothing may be copied without a key, because the other settings are those of an "
        "account; empty where the built-in sandbox may be used.",
    )
    api_url: str = field_of("STREAK_API_URL")
    calls_per_second: float = field_of("STREAK_CALLS_PER_SECOND")
    page_size: int = field_of("STREAK_PAGE_SIZE")
    pipelines: list[str] = field_of("STREAK_PIPELINES")
    exclude: list[str] = field_of("STREAK_EXCLUDE")
    hash_personal_data: bool = field_of("STREAK_HASH_PERSONAL_DATA")
    hash_key: str | None = field_of("STREAK_HASH_KEY", default=None)
    refresh: str = field_of("STREAK_REFRESH", note="An asset's config may say otherwise for one run.")
    complete_every_hours: float = field_of("STREAK_COMPLETE_EVERY")

    _client: StreakClient = PrivateAttr()
    _run_long: _Closes | None = PrivateAttr(default=None)

    @property
    def client(self) -> StreakClient:
        """The client of the run. Raises SettingsError where only a key is missing."""
        if self.refusal:
            raise SettingsError(self.refusal)
        return self._client

    def for_the_run(self, make: Callable[[], RunLongT]) -> RunLongT:
        """What a run has one of, made at the first call; it is closed before the client is."""
        if self._run_long is None:
            self._run_long = make()
        return cast("RunLongT", self._run_long)

    @property
    def refusal(self) -> str:
        """Why nothing can be copied, known before Streak is asked; empty where it can."""
        return "" if self._key else self.missing_key

    @property
    def has_key(self) -> bool:
        """Whether there is an account's key, and so no sample."""
        return bool(self._key)

    @property
    def _key(self) -> str:
        """The key without the line break that a secret's file may end with."""
        return (self.api_key or given(self.given_keys.get("api_key", ""))).strip()

    @property
    def account(self) -> str:
        """Names the account in files of this machine, without holding the key."""
        return account_of(self._key)

    @property
    def budget_name(self) -> str:
        """Names the account at its server: what shares a budget, and refreshes one at a time."""
        return budget_of(self.api_url, self._key)

    def withheld(self, database: Database) -> Withheld:
        """What isn't kept as Streak sends it. Personal data is hashed by the key that the database has.

        Raises SettingsError for a key that is too short, and DatabaseUnusableError where none can be kept.
        """
        columns = excluded_columns(self.exclude)
        if not self.hash_personal_data:
            return Withheld(columns) if columns else NOTHING
        key = (self.hash_key or given(self.given_keys.get("hash_key", ""))).strip()
        BY_VARIABLE["STREAK_HASH_KEY"].read({"STREAK_HASH_KEY": key})
        return Withheld(columns, Hasher(key.encode() if key else kept_key(database.hash_key_path)))

    def outside_a_run(self) -> StreakResource:
        """The resource for a schedule or a sensor: with each key itself where the environment's name stood.

        Dagster puts the keys in their place in a run. Its own way to do so elsewhere makes an instance
        of Dagster with its databases, at each tick.
        """
        named = {"api_key": self.api_key, "hash_key": self.hash_key}
        keys = {name: each.get_value() for name, each in named.items() if isinstance(each, EnvVar)}
        return self.model_copy(update=keys) if keys else self

    @contextmanager
    def yield_for_execution(self, context: InitResourceContext) -> Iterator[StreakResource]:  # noqa: ARG002
        if self.refusal:  # the asset says it in a sentence; an error here would be shown as a stack of calls
            yield self
            return
        if not self._key:
            get_dagster_logger().info(
                "STREAK_API_KEY isn't set: copying the built-in sample workspace from the sandbox."
            )
        # Whoever copies the sample has a server and a budget of their own, and is in nobody's way.
        shown = refreshing(self.budget_name) if self._key else nullcontext()
        with shown, self.connected_as_in_a_run():
            yield self

    @contextmanager
    def connected(
        self, retry_limits: RetryLimits, *, read_seconds: float, answer_seconds: float
    ) -> Iterator[StreakClient]:
        """A client outside of a run.

        It gives a call up after ``read_seconds`` without a byte, or ``answer_seconds`` without the whole
        answer.
        """
        assert self._key, "only an account can be asked outside of a run"
        with self._connected(
            self._key,
            self.api_url,
            self.budget_name,
            retry_limits=retry_limits,
            read_seconds=read_seconds,
            answer_seconds=answer_seconds,
        ):
            yield self._client

    @contextmanager
    def connected_as_in_a_run(self) -> Iterator[None]:
        """The client of a run, while the block runs; without a key, that of a sandbox with the sample."""
        if self._key:
            with self._connected(self._key, self.api_url, self.budget_name):
                yield
            return
        with (
            served_sample(SAMPLE) as served,
            self._connected(SAMPLE, served.url, SAMPLE, served.budget_folder),
        ):
            yield

    @contextmanager
    def _connected(
        self, key: str, url: str, budget: str, folder: Path | None = None, **options: Any
    ) -> Iterator[None]:
        in_flight = min(64, max(4, round(self.calls_per_second * 3) + 2))
        shared = RateLimiter(budget, self.calls_per_second, directory=folder)
        self._client = StreakClient(key, url, shared, in_flight=in_flight, key_name=self.key_name, **options)
        try:
            yield
        finally:
            if self._run_long is not None:
                self._run_long.close()
                self._run_long = None
            self._client.close()


def streak_resource(settings: Settings, secrets: Secrets = OF_ENVIRONMENT) -> StreakResource:
    """The resource for these settings. Keys are named, not read: Dagster resolves them in the run."""
    keys = {
        "api_key": secrets.api_key if settings.has_key else None,
        "hash_key": secrets.hash_key if settings.has_hash_key else None,
    }
    named = {name: key for name, key in keys.items() if isinstance(key, EnvVar)}
    return StreakResource(
        api_key=named.get("api_key"),
        hash_key=named.get("hash_key"),
        given_keys={name: kept(key) for name, key in keys.items() if key and name not in named},
        key_name=secrets.key_name,
        missing_key=settings.missing_key,
        **values_for("streak", settings),
    )


class WarehouseResource(ConfigurableResource):  # type: ignore[type-arg]
    """The DuckDB database that the tables are published into."""

    database: str = field_of("STREAK_DUCKDB_PATH")
    lock_wait: float = field_of("STREAK_LOCK_WAIT")
    max_shrink: float = field_of("STREAK_MAX_SHRINK")
    allow_account_change: bool = field_of("STREAK_ALLOW_ACCOUNT_CHANGE")
    history: bool = field_of("STREAK_HISTORY")
    history_days: int | None = field_of("STREAK_HISTORY_KEEP")
    serve: bool = field_of("STREAK_SERVE")
    report_path: str | None = field_of("STREAK_REPORT_PATH")
    report_zone: str = Field(default="UTC", description="The time zone of the report's moments.")
    report_interval: int | None = Field(
        default=None, description="Minutes between refreshes, by which the report says when data is late."
    )
    report_without: list[str] = Field(
        default_factory=list, description="What isn't copied, and so is never late in the report."
    )
    some_pipelines: bool = Field(
        default=False,
        description="Whether STREAK_PIPELINES leaves some out: then keys of others aren't held to be wrong.",
    )

    names_fields: bool = Field(
        default=False,
        description="Whether errors name the fields of StreakAccount, in place of variables.",
    )
    notice: str = Field(
        default="",
        description="What a run says of the database that was chosen where STREAK_DUCKDB_PATH names none.",
    )

    _published: bool = PrivateAttr(default=False)
    _told: list[Callable[[str], None]] = PrivateAttr(default_factory=list)

    @contextmanager
    def yield_for_execution(self, context: InitResourceContext) -> Iterator[WarehouseResource]:
        """For a run's time; where it published something, what follows a refresh follows at its end.

        In a run of one process that is after its last step, in one of several after each step that published.
        """
        self._published, self._told = False, []
        if self.notice:
            get_dagster_logger().info(self.notice)
        if advice := self.open().naming_advice:
            get_dagster_logger().warning(advice)
        with stoppable(context.instance, context.run):
            yield self
            # Dagster ends a resource's block as always, while it handles what the run ended with.
            if self._published and not isinstance(sys.exc_info()[1], INTERRUPTS):
                self._follow_up()

    def _follow_up(self) -> None:
        try:
            after_refresh(self.open(), get_dagster_logger(), serve=self.serve, report=self.report)
        except (*INTERRUPTS, RuntimeError) as error:
            if isinstance(error, RuntimeError) and not is_interrupted_query(error):
                raise
            raise RunStoppedError("making the copy for readers or the report, after publishing") from None

    @property
    def report(self) -> Page | None:
        """The report that is written after a refresh; None where none is."""
        return page_of(self.report_path, self.report_zone, self.report_interval, self.report_without)

    def published(self, table: str) -> None:
        """Note that the run published a table."""
        self._published = True
        for each in self._told:
            each(table)

    def on_publication(self, told: Callable[[str], None]) -> None:
        """Have somebody told of each table that the run publishes, by its name."""
        self._told.append(told)

    def worded(self, message: str) -> str:
        """An error's words, by what a person can set: variables, or the fields of an account."""
        return by_fields(message) if self.names_fields else message

    @property
    def keeping(self) -> Keeping:
        """What is kept of rows that change or go."""
        return Keeping(self.history, self.history_days)

    def open(self) -> Database:
        """The database; nothing is opened yet."""
        return Database(self.database, lock_wait=self.lock_wait)


def warehouse_resource(settings: Settings, *, names_fields: bool = False) -> WarehouseResource:
    """The resource for these settings."""
    return WarehouseResource(
        names_fields=names_fields,
        **values_for("warehouse", settings),
        report_zone=settings.timezone,
        report_interval=settings.refresh_minutes,
        report_without=list(settings.exclude),
        some_pipelines=bool(settings.pipelines),
        notice=settings.database_notice,
    )
