# SPDX-License-Identifier: GPL-2.0
"""The report on the terminal, in the manner of the kernel's perf reports."""

import itertools
import textwrap

from lab.report.digest import digest_table
from lab.report.facts import facts
from lab.report.labs import labs_table
from lab.report.tables import report_tables

WIDTH = 100
SHORTEST_FOLD = 20

EMULATION_NOTICE = ("Emulated CPUs: only ratios and the order of the locks mean anything. "
                    "Absolute figures do not carry over to hardware.")


def render_table(table, label):
    """Aligned columns: labels to the left, figures to the right."""
    widths = column_widths(table)
    lines = [table.title + (f"  [{label}]" if label else ""),
             "-" * min(WIDTH, sum(widths) + 2 * len(widths))]
    previous = None
    for row in [table.columns] + table.rows:
        if previous not in (None, table.columns[0], row[0]):
            lines.append("")
        lines.append(render_row(row, widths, table.texts))
        previous = row[0]
    if table.note:
        lines += textwrap.wrap(table.note, WIDTH, initial_indent="  ", subsequent_indent="  ")
    return "\n".join(lines)


def column_widths(table):
    """Widths that fit all texts; if that is too wide for the page, the longest texts fold."""
    widths = [max(len(row[index]) for row in [table.columns] + table.rows)
              for index in range(len(table.columns))]
    while sum(widths) + 2 * (len(widths) - 1) > WIDTH:
        longest = max(table.texts, key=lambda index: widths[index])
        if widths[longest] <= SHORTEST_FOLD:
            break
        widths[longest] -= 1
    return widths


def render_row(row, widths, texts):
    """One row of a table; it takes several lines if a text is folded."""
    folded = [textwrap.wrap(text, width) or [""] for text, width in zip(row, widths)]
    lines = []
    for parts in itertools.zip_longest(*folded, fillvalue=""):
        cells = [text.ljust(width) if index in texts else text.rjust(width)
                 for index, (text, width) in enumerate(zip(parts, widths))]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def render_facts(lines):
    """Names and texts in two columns, long texts wrapped."""
    width = max(len(name) for name, _ in lines)
    return "\n".join(textwrap.fill(text, WIDTH, initial_indent=f"{name:>{width}}: ",
                                   subsequent_indent=" " * (width + 2)) for name, text in lines)


def render_series(documents):
    """What several labs say, side by side, and what they are."""
    tables = [labs_table(documents)]
    tables += [digest for digest in map(digest_table, documents) if digest]
    return "\n\n".join(render_table(table, table.label) for table in tables) + "\n"


def render_text(document):
    """The whole report as text."""
    parts = [render_facts(facts(document))]
    if document["emulated"]:
        parts.append(textwrap.fill(EMULATION_NOTICE, WIDTH))
    digest = digest_table(document)
    tables = ([digest] if digest else []) + report_tables(document)
    parts += [render_table(table, table.label) for table in tables]
    parts.append(textwrap.fill(document["significance"]["rule"], WIDTH))
    return "\n\n".join(parts) + "\n"
