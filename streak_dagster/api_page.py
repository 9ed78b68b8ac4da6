"""``docs/api.md``: what is public, out of the docstrings. ``python -m streak_dagster.api_page`` writes it.

A test renders it again and compares, so that neither falls behind, and no signature changes unnoticed.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import streak_dagster
from streak_dagster.account import StreakAccount
from streak_dagster.building import build_streak_definitions
from streak_dagster.component import StreakComponent

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).resolve().parents[1] / "docs" / "api.md"
_INTRODUCTION = """\
# The public API

Written by `make docs` from the docstrings. Don't edit by hand. [in-your-project.md](in-your-project.md) has
examples.

Public is what stands on this page: `from streak_dagster import {names}`,
and what each of them shows here. Public, too, are the keys of assets, the names of tables, columns and views
([tables.md](tables.md), [views.md](views.md)), the commands and the variables of the [README](../README.md).
Everything else is private, whatever its name, and may change in any version. How what is public may change
stands in the [changelog](../CHANGELOG.md).

`streak_dagster.defs` is our own project: the account that the variables `STREAK_…` describe, under `streak`.
"""
_PARTS = re.compile(r"^(Args|Returns|Raises):$", re.MULTILINE)
_PUBLIC_METHODS = (
    (StreakAccount, "from_environment"),
    (StreakComponent, "get_asset_spec"),
    (StreakComponent, "execute"),
)


def page() -> str:
    """The page as Markdown."""
    names = ", ".join(each for each in streak_dagster.__all__ if each != "defs")
    parts = [
        _INTRODUCTION.format(names=names),
        *_class(StreakAccount),
        *_function(build_streak_definitions),
        *_class(StreakComponent),
    ]
    return "\n".join(parts)


def _class(made: type) -> Iterator[str]:
    yield f"## `{made.__name__}`\n"
    yield _prose(made)
    yield "| field | type | default | meaning |\n|---|---|---|---|"
    hints = inspect.get_annotations(made)
    for each in dataclasses.fields(made):
        kind, resolver = get_args(hints[each.name])
        yield f"| `{each.name}` | `{_name(kind)}` | {_default(each)} | {_escaped(resolver.description)} |"
    yield ""
    for owner, name in _PUBLIC_METHODS:
        if owner is made:
            yield from _method(getattr(owner, name))


def _method(method: Any) -> Iterator[str]:
    yield f"### `{method.__qualname__}{_signature(method)}`\n"
    yield _prose(method)


def _function(function: Any) -> Iterator[str]:
    yield f"## `{function.__name__}`\n"
    yield f"```python\n{function.__name__}{_signature(function)}\n```\n"
    yield _prose(function)


def _signature(function: Any) -> str:
    signature = inspect.signature(function)
    told = [
        each.replace(
            annotation=each.annotation if isinstance(each.annotation, str) else _name(each.annotation)
        )
        if each.annotation is not each.empty
        else each
        for each in signature.parameters.values()
    ]
    result = signature.return_annotation
    text = re.sub(r": '([^']*)'", r": \1", str(inspect.Signature(told))).replace("'", '"')
    if len(text) > 80:
        text = "(\n    " + text[1:-1].replace(", *, ", ",\n    *,\n    ").replace(" = ", "=")
        text = re.sub(r", (?=\w+: )", ",\n    ", text).replace("=", " = ") + ",\n)"
    return f"{text} -> {result if isinstance(result, str) else _name(result)}"


def _name(kind: Any) -> str:
    """A type as it is written."""
    text = kind.__name__ if isinstance(kind, type) and not get_args(kind) else str(kind)
    return re.sub(r"\b(?:[a-z_]\w*\.)+(?=[A-Za-z])", "", text).replace("NoneType", "None").replace("|", "\\|")


def _default(each: dataclasses.Field[Any]) -> str:
    if each.default is dataclasses.MISSING:
        return "`{}`" if each.default_factory is not dataclasses.MISSING else "required"
    return f"`{each.default!r}`".replace("'", '"')


def _escaped(text: str) -> str:
    """What Markdown would take for a tag stays what it is."""
    return text.replace("<", "&lt;")


def _prose(documented: Any) -> str:
    """A docstring as Markdown: the names in code style, arguments as a list."""
    text = inspect.getdoc(documented) or ""
    before, *rest = _PARTS.split(text)
    lines = [before.strip()]
    for title, body in zip(rest[::2], rest[1::2], strict=True):
        lines.append(f"\n**{'Arguments' if title == 'Args' else title}**\n")
        lines.append(_items(textwrap.dedent(body).strip()))
    return "\n".join(lines).replace("``", "`") + "\n"


def _items(body: str) -> str:
    """Each argument or error with its meaning, on a line of its own."""
    joined = re.sub(r"\n\s+", " ", body)
    if not re.match(r"\w+: ", joined):
        return " ".join(joined.split())
    return "\n".join(
        f"- `{name}`: {rest}" for name, _, rest in (line.partition(": ") for line in joined.splitlines())
    )


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
