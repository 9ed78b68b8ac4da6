"""What the definitions of an account are called: several, and a project's own, stand side by side."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dagster import AssetKey

from streak_dagster.warehouse.ddl import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dagster import DagsterRun

ACCOUNT = "streak/account"
"""The tag of a run, and of an asset, that names the account; a deployment can limit runs by it."""
_GLOBAL_JOB = "__ASSET_JOB"
"""What Dagster calls the job of a run that somebody chose the assets of."""
_ASKING = ("complete", "changed")
_ASKING_NOTHING = ("checks", "housekeeping")


@dataclass(frozen=True)
class Namespace:
    """The names that come of an ``account``'s name and the prefix of its assets' keys.

    ``renamed`` are the keys that a project gave in place of ours. The default is our own project's.
    """

    account: str = SCHEMA
    key_prefix: tuple[str, ...] = (SCHEMA,)
    renamed: Mapping[AssetKey, AssetKey] = field(default_factory=dict)

    def table(self, name: str) -> AssetKey:
        """The key of a table's asset."""
        return self._renamed(AssetKey([*self.key_prefix, name]))

    def view(self, name: str) -> AssetKey:
        """The key of a ready answer's asset, or that of the typed views, ``pipelines``."""
        return self._renamed(AssetKey([*self.view_prefix, name]))

    @property
    def view_prefix(self) -> tuple[str, ...]:
        """What the keys of views begin with, where a project gave them no others."""
        *before, last = self.key_prefix
        return (*before, f"{last}_views")

    def step(self, table: str) -> str:
        """What Dagster calls the step, and the op, of a table."""
        return self.table(table).to_python_identifier()

    def of_account(self, name: str) -> str:
        """The name of a job, a schedule, a sensor or a resource of the account."""
        return f"{self.account}_{name}"

    def op(self, name: str) -> str:
        """The name of an op that makes no table; our own project's have always been without a prefix."""
        return name if self.account == SCHEMA else f"{self.account}__{name}"

    @property
    def streak(self) -> str:
        """The key of the resource that is Streak's API."""
        return self.account

    @property
    def warehouse(self) -> str:
        """The key of the resource that is the database."""
        return self.of_account("warehouse")

    @property
    def io_manager(self) -> str:
        """The key of the io manager; never the common one, which is a project's own."""
        return self.of_account("io_manager")

    @property
    def pool(self) -> str:
        """The pool that every step of the account takes a place in."""
        return self.account

    @property
    def tags(self) -> dict[str, str]:
        """The tags of the account's runs and assets."""
        return {ACCOUNT: self.account}

    @property
    def asking_jobs(self) -> frozenset[str]:
        """The jobs whose runs refresh, with that of runs whose assets somebody chose."""
        return frozenset({*map(self.of_account, _ASKING), _GLOBAL_JOB})

    def owns(self, run: DagsterRun) -> bool:
        """Whether a run is of this account's definitions, at least in part."""
        if run.job_name == _GLOBAL_JOB:
            chosen = run.asset_selection or ()
            return not chosen or any(self._is_ours(key) for key in chosen)
        return run.job_name in {self.of_account(each) for each in (*_ASKING, *_ASKING_NOTHING)}

    def refreshes(self, run: DagsterRun) -> bool:
        """Whether a run asks Streak for this account, and so shows itself by the lock of the account."""
        if run.job_name not in self.asking_jobs:
            return False
        chosen = run.asset_selection or ()
        return not chosen or any(self._is_table(key) for key in chosen)

    def _is_ours(self, key: AssetKey) -> bool:
        return self._prefix(key) in (self.key_prefix, self.view_prefix)

    def _is_table(self, key: AssetKey) -> bool:
        return self._prefix(key) == self.key_prefix

    def _prefix(self, key: AssetKey) -> tuple[str, ...]:
        """What a key began with before a project renamed it."""
        before = next((before for before, now in self.renamed.items() if now == key), key)
        return tuple(before.path[:-1])

    def _renamed(self, key: AssetKey) -> AssetKey:
        return self.renamed.get(key, key)


OURS = Namespace()
"""What our own project calls them."""
