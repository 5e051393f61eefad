"""Pages that are made of the source: a page can't say other than what is there.

``.. generated:: NAME`` puts one of `MAKERS` into a page. The words that the source
doesn't have stand in ``docs/tables``; tests hold both together
(``sipclient/test/test_tables.py``), and need no Sphinx for it.
"""

from __future__ import annotations

import inspect
import json
import pkgutil
import re
import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import is_dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from sipclient import errors, transaction
from sipclient.message.fields import __path__ as PATH
from sipclient.transaction.machine import ANY, INITIAL, Machine

TABLES = Path(__file__).resolve().parent / "tables"
RESULTS = Path(__file__).resolve().parents[1] / "bench" / "results"
NOWHERE = "—"
NEW = "(new)"


def rows_of(table: str) -> list[dict[str, Any]]:
    """Give the rows of a file in ``docs/tables``."""
    text = (TABLES / f"{table}.toml").read_text(encoding="utf-8")
    rows: list[dict[str, Any]] = tomllib.loads(text)["row"]
    return rows


def named(path: str) -> Any:
    """Give what a dotted path names: in ``sipclient``, or below it."""
    parts = path.split(".")
    found: Any = import_module("sipclient")
    for at, part in enumerate(parts):
        if not hasattr(found, part) and inspect.ismodule(found):
            import_module(f"sipclient.{'.'.join(parts[: at + 1])}")
        found = getattr(found, part)
    return found


def list_table(
    head: Sequence[str], rows: Iterable[Sequence[str]], widths: str = "auto"
) -> str:
    """Write a table."""
    lines = [".. list-table::", "   :header-rows: 1", f"   :widths: {widths}", ""]
    for row in (head, *rows):
        for number, cell in enumerate(row):
            mark = "-" if number else "* -"
            text = cell.replace("\n", "\n       ")
            lines.append(f"   {mark:>3} {text}".rstrip())
    return "\n".join(lines) + "\n"


def code(text: object) -> str:
    """Mark as code."""
    return f"``{text}``"


def sentence(thing: Any) -> str:
    """Give the first sentence of a docstring."""
    text = " ".join((inspect.getdoc(thing) or "").split("\n\n")[0].split())
    text = re.sub(r" ?Original: \S+$", "", text)
    return text.rstrip(".")


# Errors.


def error_classes() -> list[type[errors.SIPError]]:
    """Give every error class, in the order of the source."""
    return [
        value
        for value in vars(errors).values()
        if inspect.isclass(value) and issubclass(value, errors.SIPError)
    ]


def make_errors() -> str:
    """Write all error classes, with the identity that they had."""
    rows = []
    for kind in error_classes():
        bases = [base.__name__ for base in kind.__bases__ if base is not Exception]
        number = NOWHERE
        if isinstance(kind.symbian_code, int):
            number = str(kind.symbian_code)
        elif kind.symbian_name:
            number = "by production, below"
        rows.append(
            (
                code(kind.symbian_name) if kind.symbian_name else NOWHERE,
                number,
                code(kind.__name__),
                ", ".join(map(code, bases)) or NOWHERE,
                sentence(kind),
            )
        )
    head = ("Original", "Number", "Here", "Is a", "Meaning")
    return list_table(head, rows, "22 10 24 18 30")


def codec_numbers() -> dict[str, int]:
    """Give the original codec's number for each production that has one."""
    numbers: dict[str, int] = errors._CODEC_CODES
    return numbers


def make_productions() -> str:
    """Write the numbers of the original's codec."""
    by_number: dict[int, list[str]] = {}
    for production, number in codec_numbers().items():
        by_number.setdefault(number, []).append(production)
    return list_table(
        ("Number", "``error.production``"),
        [(str(n), ", ".join(map(code, by_number[n]))) for n in sorted(by_number)[::-1]],
        "20 80",
    )


# State machines.


def machines() -> list[type[Machine]]:
    """Give every machine of the transaction layer."""
    for module in pkgutil.iter_modules(transaction.__path__):
        import_module(f"{transaction.__name__}.{module.name}")
    found = [
        kind
        for kind in Machine.__subclasses__()
        if kind.__module__.startswith(f"{transaction.__name__}.")
    ]
    return sorted(found, key=lambda kind: kind.KIND)


def figure(machine: type[Machine]) -> str:
    """Draw a machine: its states, and the ways out of each."""
    states = dict.fromkeys(row.state for row in machine.TABLE)
    called = {INITIAL: NEW, ANY: "(any state)"}
    named = {state: called.get(state, state) for state in states}
    left = max(map(len, named.values()))
    inputs = max(len(row.input) for row in machine.TABLE)
    right = max(len(row.next) for row in machine.TABLE)
    lines = []
    for state in states:
        rows = [row for row in machine.TABLE if row.state == state]
        for number, row in enumerate(rows):
            name = named[state] if number == 0 else ""
            if len(rows) == 1:
                branch = "───"
            elif number == 0:
                branch = "─┬─"
            else:
                branch = " └─" if number == len(rows) - 1 else " ├─"
            way = f"{row.input} ".ljust(inputs + 2, "─")
            there = "(same)" if row.next == row.state else row.next
            line = f"{name:{left}} {branch} {way}▶ {there:{right}}  "
            lines.append(line + ", ".join(row.actions))
        lines.append("")
    return "\n".join(line.rstrip() for line in lines).rstrip()


def actions(machine: type[Machine]) -> dict[str, str]:
    """Give each action of a machine, and what it does."""
    names = dict.fromkeys(name for row in machine.TABLE for name in row.actions)
    return {name: sentence(getattr(machine, name)) for name in names}


def make_machines() -> str:
    """Write every machine: figure, actions."""
    parts = []
    for machine in machines():
        title = f"The {machine.KIND} transaction"
        drawn = figure(machine).replace("\n", "\n   ")
        parts += [
            title,
            "-" * len(title),
            "",
            f"{code(f'{machine.__module__}.{machine.__name__}')}, {machine.FIGURE}.",
            "",
            ".. code-block:: text",
            "",
            f"   {drawn}",
            "",
            list_table(
                ("Action", "What it does"),
                [(code(name), text) for name, text in actions(machine).items()],
                "25 75",
            ),
        ]
    return "\n".join(parts)


# Limits.


def default_of(path: str) -> object:
    """Give the default of a setting (``Class.name``), or a constant's value."""
    owner, _, name = path.rpartition(".")
    found = named(owner)
    if is_dataclass(found):
        return getattr(found(), name)
    if inspect.isclass(found):
        return inspect.signature(found).parameters[name].default
    return getattr(found, name)


def _spelled(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def make_limits(kind: str) -> str:
    """Write the settings, or what is fixed."""
    rows = [
        (
            code(row["name"].rpartition("limits.")[2]),
            _spelled(default_of(row["name"])) + row.get("unit", ""),
            row["beyond"],
            code(".".join(row["counter"].split(".")[-2:]))
            if "counter" in row
            else NOWHERE,
            tests(row["tests"]),
        )
        for row in rows_of("limits")
        if row["kind"] == kind
    ]
    head = ("Name", "Default", "Beyond it", "Counter", "Test")
    return list_table(head, rows, "22 12 32 16 24")


# Conformance.


def tests(names: Iterable[str]) -> str:
    """Write the names of tests, so that they break where a line must."""
    return ",\n".join(code(name) for name in names)


def make_conformance(rfc: str) -> str:
    """Write the sections of one RFC."""
    rows = [row for row in rows_of("conformance") if row["rfc"] == rfc]
    return list_table(
        ("Section", "What", "Shown by"),
        [
            (
                row["section"],
                row["what"],
                tests(row["tests"]) if row.get("tests") else "*not there yet*",
            )
            for row in rows
        ],
        "12 46 42",
    )


# Names.


def make_names(part: str) -> str:
    """Write names of the original and what they are here."""
    rows = []
    for row in rows_of("names"):
        if row["part"] == part:
            here = ", ".join(map(code, row.get("here", ())))
            later = ", ".join(map(code, row.get("later", ())))
            if later:
                later = f"*later:* {later}"
            note = row.get("note", "")
            cell = "; ".join([text for text in (here, later, note) if text])
            rows.append((code(row["original"]), cell))
    return list_table(("Original", "Here"), rows, "45 55")


def value_classes() -> dict[str, list[str]]:
    """Give the classes of addresses, URIs and header fields, by their originals."""
    names = ["address", "uri"]
    names += [f"fields.{module.name}" for module in pkgutil.iter_modules(PATH)]
    found: dict[str, list[str]] = {}
    for name in names:
        module = import_module(f"sipclient.message.{name}")
        for value in vars(module).values():
            if inspect.isclass(value) and value.__module__ == module.__name__:
                for original in re.findall(r"Original: (C\w+)", value.__doc__ or ""):
                    found.setdefault(original, []).append(f"{name}.{value.__name__}")
    return found


def make_values() -> str:
    """Write which class holds what a header field says."""
    found = value_classes()
    return list_table(
        ("Original", "Here, in ``sipclient.message``"),
        [(code(name), ", ".join(map(code, found[name]))) for name in sorted(found)],
        "45 55",
    )


# Figures.


def figures() -> list[dict[str, Any]]:
    """Give the measured figures that are kept, in the order of their rows."""
    kept = max(path for path in RESULTS.iterdir() if re.match("[0-9]", path.name))
    found = [
        json.loads(path.read_text(encoding="utf-8")) for path in kept.glob("row-*.json")
    ]
    return sorted(found, key=lambda row: (int(row["row"].rstrip("b")), row["row"]))


def make_figures() -> str:
    """Write what was measured, and on what."""
    said = {"goal": "goal", "must": "must", "missed": "**missed**"}
    rows = [
        (
            row["row"],
            row["title"].replace("--help", "``--help``"),
            code(row["of"]) if re.search("[(.]", row["of"]) else row["of"],
            f"{row['must']:g}",
            f"{row['goal']:g}",
            f"{row['measured']:.2f} {row['unit']}",
            f"{row['least']:.2f} to {row['most']:.2f}",
            said[row["verdict"]],
        )
        for row in figures()
    ]
    one = figures()[0]
    machine = one["machine"]
    head = ("Row", "What", "Anchor", "Must", "Goal", "Measured", "Rounds", "Reaches")
    return (
        f"Measured on {one['when'][:10]} with Python {machine['python']} on"
        f" {machine['system']}, {machine['cores']} cores, shared.\n\n"
        + list_table(head, rows, "6 28 24 7 7 10 12 9")
    )


#: What ``generated`` can be told: a name, and for some of them a part of it.
MAKERS: dict[str, Callable[..., str]] = {
    "conformance": make_conformance,
    "errors": make_errors,
    "figures": make_figures,
    "limits": make_limits,
    "machines": make_machines,
    "names": make_names,
    "productions": make_productions,
    "values": make_values,
}


def setup(app: Any) -> dict[str, Any]:
    """Add the directive to Sphinx."""
    from sphinx.util.docutils import SphinxDirective

    class Generated(SphinxDirective):
        """``.. generated:: NAME [PART]``."""

        required_arguments = 1
        optional_arguments = 1
        final_argument_whitespace = True

        def run(self) -> list[Any]:
            name, *part = self.arguments
            self.env.note_reread()
            text = MAKERS[name](*part)
            return list(self.parse_text_to_nodes(text, allow_section_headings=True))

    app.add_directive("generated", Generated)
    return {"version": "1", "parallel_read_safe": True}
