"""The sandbox alone: `python -m streak_dagster.sandbox --port 8777`."""

from __future__ import annotations

import argparse
import ipaddress
import signal
import sys
import threading
from collections.abc import Sequence
from types import FrameType
from typing import Any

from .faults.fault import Fault
from .faults.kinds import KINDS
from .faults.spelling import fault_from_text
from .http.server import Sandbox
from .http.variants import Variants, switches
from .workspaces import MAX_BOXES, generated_workspace, sample_workspace


def parser() -> argparse.ArgumentParser:
    """The command line; each switch of `Variants` is an option of the same name."""
    made = argparse.ArgumentParser(
        prog="python -m streak_dagster.sandbox",
        usage="%(prog)s [--port 8777] [--boxes N] [--seed S] [--rate 10] [--key KEY] [--strict] [--help]",
        description="A Streak-compatible server on loopback, with a sample or a generated workspace.",
    )
    made.add_argument(
        "--port", type=_whole(0, 65535), default=8777, help="port, 0 for a free one (default: 8777)"
    )
    made.add_argument(
        "--host", type=_loopback, default="127.0.0.1", help="loopback only: anything else is refused"
    )
    made.add_argument("--key", type=_key, default="sandbox", help="the API key to accept (default: sandbox)")
    made.add_argument(
        "--boxes", type=_whole(0, MAX_BOXES), help="serve a generated workspace with so many boxes"
    )
    made.add_argument(
        "--seed", type=_whole(0, 2**63), default=0, help="another seed, another workspace (default: 0)"
    )
    made.add_argument(
        "--rate", type=_number, default=10.0, help="calls admitted a second, 0 for no limit (default: 10)"
    )
    made.add_argument(
        "--latency-ms", type=_number, default=0.0, help="milliseconds by which answers are delayed"
    )
    made.add_argument(
        "--strict",
        action="store_true",
        help="refuse whatever isn't documented: unknown parameters, values out of range, slashes too many, "
        "a password beside the key (default: take what nobody saw Streak refuse)",
    )
    made.add_argument(
        "--fault",
        type=_fault,
        action="append",
        default=[],
        metavar="KIND:OPTIONS",
        help="fail on purpose, may be repeated: 'truncated_json:path=/comments$,probability=0.05'; "
        f"kinds: {', '.join(KINDS)}; options: path, method, skip, times, probability, seed, seconds, "
        "status, form",
    )
    group = made.add_argument_group("variants", "What the public sources leave open about Streak's answers.")
    for field, choices, kind in switches():
        options: dict[str, Any] = {
            "default": field.default,
            "help": f"{field.metadata['help']} (default: {field.default})",
        }
        if kind is bool:
            options["action"] = argparse.BooleanOptionalAction
        elif choices:
            options.update(choices=choices, type=kind)
        else:
            options["type"] = _whole(1, 10_000)
        group.add_argument("--" + field.name.replace("_", "-"), **options)
    return made


def _whole(minimum: int, maximum: int) -> Any:
    def number(text: str) -> int:
        if not text.strip().isdecimal() or not minimum <= int(text) <= maximum:
            raise argparse.ArgumentTypeError(
                f"must be a whole number from {minimum} to {maximum}, not {text!r}"
            )
        return int(text)

    return number


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1_000_000:  # nor NaN or infinity
        raise argparse.ArgumentTypeError(f"must be a number, 0 or more, not {text!r}")
    return value


def _key(text: str) -> str:
    if not text or ":" in text:
        raise argparse.ArgumentTypeError("must not be empty and must not contain a colon")
    return text


def _fault(text: str) -> Fault:
    try:
        return fault_from_text(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _loopback(text: str) -> str:
    """127.0.0.1 is what we listen on; the option exists to say no to everything else in plain words."""
    try:
        allowed = text == "localhost" or ipaddress.ip_address(text) == ipaddress.ip_address("127.0.0.1")
    except ValueError:
        allowed = False
    if not allowed:
        raise argparse.ArgumentTypeError(f"the sandbox listens on 127.0.0.1 only, not on {text!r}")
    return "127.0.0.1"


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT.

    0 when stopped that way, 1 when the port can't be had, 2 for bad arguments.
    """
    options = parser().parse_args(arguments)
    stop = threading.Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask)
    workspace = (
        sample_workspace() if options.boxes is None else generated_workspace(options.boxes, options.seed)
    )
    variants = Variants(**{field.name: getattr(options, field.name) for field, _, _ in switches()})
    try:
        sandbox = Sandbox(
            workspace,
            key=options.key,
            rate=options.rate,
            latency=options.latency_ms / 1000,
            variants=variants,
            strict=options.strict,
            port=options.port,
        )
    except OSError as error:
        print(
            f"The sandbox can't listen on 127.0.0.1:{options.port}: {error.strerror or error}.",
            file=sys.stderr,
        )
        return 1
    for fault in options.fault:
        sandbox.faults.plan(fault)
    with sandbox:
        print(f"Streak sandbox listening at {sandbox.url} (key: {sandbox.key})", flush=True)
        while not stop.wait(3600):
            pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
