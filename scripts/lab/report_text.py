# SPDX-License-Identifier: GPL-2.0
"""The report on the terminal, in the manner of the kernel's perf reports."""

import textwrap

from lab.tables import facts, report_tables

WIDTH = 100

EMULATION_NOTICE = ("Emulated CPUs: only ratios and the order of the locks mean anything. "
                    "Absolute figures do not carry over to hardware.")


def render_table(table, label):
    """Aligned columns: labels to the left, figures to the right."""
    widths = [max(len(row[index]) for row in [table.columns] + table.rows)
              for index in range(len(table.columns))]
    lines = [f"{table.title}  [{label}]", "-" * min(WIDTH, sum(widths) + 2 * len(widths))]
    previous = None
    for row in [table.columns] + table.rows:
        if previous not in (None, table.columns[0], row[0]):
            lines.append("")
        lines.append(render_row(row, widths, table.texts))
        previous = row[0]
    if table.note:
        lines += textwrap.wrap(table.note, WIDTH, initial_indent="  ", subsequent_indent="  ")
    return "\n".join(lines)


def render_row(row, widths, texts):
    """One line of a table."""
    cells = [text.ljust(width) if index in texts else text.rjust(width)
             for index, (text, width) in enumerate(zip(row, widths))]
    return "  ".join(cells).rstrip()


def render_facts(lines):
    """Names and texts in two columns, long texts wrapped."""
    width = max(len(name) for name, _ in lines)
    return "\n".join(textwrap.fill(text, WIDTH, initial_indent=f"{name:>{width}}: ",
                                   subsequent_indent=" " * (width + 2)) for name, text in lines)


def render_text(document):
    """The whole report as text."""
    parts = [render_facts(facts(document))]
    if document["emulated"]:
        parts.append(textwrap.fill(EMULATION_NOTICE, WIDTH))
    parts += [render_table(table, document["label"]) for table in report_tables(document)]
    parts.append(textwrap.fill(document["significance"]["rule"], WIDTH))
    return "\n\n".join(parts) + "\n"
