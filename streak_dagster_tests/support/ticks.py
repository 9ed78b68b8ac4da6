"""One tick of the schedule or the sensor, evaluated as the daemon does."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dagster import DagsterInstance, Definitions, RunRequest, build_schedule_context, build_sensor_context

from streak_dagster_tests.support.loading import log_level


class Sensor:
    """The sensor as the daemon drives it: the cursor of one tick is given to the next."""

    def __init__(self, definitions: Definitions, instance: DagsterInstance) -> None:
        self._definitions = definitions
        self._instance = instance
        self._sensor = definitions.resolve_sensor_def("streak_change_sensor")
        self.cursor: str | None = None

    def tick(self) -> Any:
        context = _open(build_sensor_context(instance=self._instance, cursor=self.cursor), self._instance)
        result = self._sensor.evaluate_tick(context)
        self.cursor = result.cursor if result.cursor is not None else self.cursor
        return result

    def asks(self) -> set[str]:
        """The tables that one tick asks to refresh; it must ask for some."""
        return tables(self.request())

    def request(self) -> RunRequest:
        result = self.tick()
        assert result.run_requests, result.skip_message
        assert len(result.run_requests) == 1
        request: RunRequest = result.run_requests[0]
        return request

    def refresh(self, request: RunRequest) -> bool:
        """Do what a tick asked for, as the daemon would."""
        job = self._definitions.resolve_job_def("streak_changed")
        return job.execute_in_process(
            instance=self._instance,
            run_config={**request.run_config, **log_level("CRITICAL")},
            asset_selection=request.asset_selection,
            raise_on_error=False,
        ).success


def tables(request: RunRequest) -> set[str]:
    assert request.asset_selection is not None
    return {key.path[-1] for key in request.asset_selection}


def schedule_tick(definitions: Definitions, instance: DagsterInstance, moment: datetime) -> Any:
    schedule = definitions.resolve_schedule_def("streak_complete_schedule")
    return schedule.evaluate_tick(_open(build_schedule_context(instance, moment), instance))


def _open(context: Any, instance: DagsterInstance) -> Any:
    """The context with the instance as it is open here: it would open the same files anew, at each tick."""
    context._instance = instance
    return context
