# SPDX-License-Identifier: GPL-2.0
"""One self-contained page: plots, tables and manifest, nothing fetched from anywhere."""

import base64
import html
import json

from lab.report.digest import digest_table
from lab.report.facts import facts
from lab.report.labs import labs_table
from lab.report.simulator import NOTICE, simulator_figures
from lab.report.tables import report_tables
from lab.report.text import EMULATION_NOTICE

NO_PLOTS = ("The plots are left out: Python has no matplotlib. Install the package "
            "python3-matplotlib and run 'pvlab report' on this directory.")

STYLE = """
:root { color-scheme: light dark; --text: #1c1c1c; --soft: #555; --page: #fdfdfc;
        --line: #d8d8d4; --stripe: #f4f4f0; --notice: #8a4b00; --notice-page: #fff4e0;
        --better: #00633c; --worse: #a02800; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6e6e3; --soft: #a8a8a4; --page: #1a1b1d; --line: #3c3d40;
          --stripe: #232427; --notice: #ffc978; --notice-page: #3a2a10;
          --better: #6fd3a3; --worse: #ff9b78; } }
@media print { :root { color-scheme: light; --text: #000; --page: #fff; --soft: #333;
          --line: #bbb; --stripe: #f4f4f4; --notice: #8a4b00; --notice-page: #fff;
          --better: #00633c; --worse: #a02800; }
  figure, table { break-inside: avoid; } h2 { break-after: avoid; } }
body { font: 15px/1.5 system-ui, "DejaVu Sans", sans-serif; color: var(--text);
       background: var(--page); max-width: 1060px; margin: 2rem auto; padding: 0 1.2rem; }
h1 { font-size: 1.6rem; margin-bottom: .3rem; }
h2 { font-size: 1.2rem; margin: 2.4rem 0 .6rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.6rem 0 .3rem; }
.notice { color: var(--notice); background: var(--notice-page); border: 1px solid var(--notice);
          padding: .5rem .8rem; border-radius: 4px; }
.label { color: var(--notice); font-weight: normal; font-size: .85rem; }
.soft, figcaption { color: var(--soft); font-size: .87rem; }
figure { margin: .8rem 0 1.6rem; }
figure img { width: 100%; background: #fff; border: 1px solid var(--line); border-radius: 4px;
             padding: .5rem; box-sizing: border-box; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .87rem; }
th, td { padding: .18rem .7rem; text-align: right; white-space: nowrap; }
th { border-bottom: 2px solid var(--line); font-weight: 600; }
.text { text-align: left; }
tr.first td { border-top: 1px solid var(--line); }
tbody tr:hover { background: var(--stripe); }
td.wide { white-space: normal; min-width: 24rem; }
td.unsure { color: var(--soft); }
td.bad { color: var(--worse); font-weight: 600; }
pre { font-size: .78rem; background: var(--stripe); padding: .8rem; overflow-x: auto;
      white-space: pre-wrap; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content auto; gap: .1rem 1rem; margin: 1rem 0; }
dt { color: var(--soft); } dd { margin: 0; }
"""


def escape(text):
    """Text as HTML."""
    return html.escape(str(text))


def element(tag, content, classes=""):
    """An element around content that is HTML already."""
    attribute = f' class="{classes}"' if classes else ""
    return f"<{tag}{attribute}>{content}</{tag}>"


def data_cell(text, is_text):
    """A table cell: changes that are not significant recede, failures stand out."""
    classes = ["text"] if is_text else []
    if text.startswith("~") or text in ("not significant", "too few repeats", "-", "baseline"):
        classes.append("unsure")
    if text.startswith(("FAILED", "INCOMPLETE")):
        classes.append("bad")
    if is_text and len(text) > 60:
        classes.append("wide")
    return element("td", escape(text), " ".join(classes))


def html_table(table, label):
    """A table under its title."""
    head = "".join(element("th", escape(text), "text" if index in table.texts else "")
                   for index, text in enumerate(table.columns))
    rows = []
    previous = None
    for row in table.rows:
        cells = "".join(data_cell(text, index in table.texts) for index, text in enumerate(row))
        rows.append(element("tr", cells, "first" if row[0] != previous else ""))
        previous = row[0]
    title = f"{escape(table.title)} {element('span', escape(label), 'label')}"
    body = element("table", element("thead", element("tr", head))
                   + element("tbody", "\n".join(rows)))
    return (element("h3", title) + element("div", body, "scroll")
            + element("p", escape(table.note), "soft"))


def html_plot(title, caption, svg):
    """A figure with its caption; the SVG travels in the page as a data URI."""
    encoded = base64.b64encode(svg.encode()).decode()
    image = (f'<img alt="{escape(title)}. {escape(caption)}" '
             f'src="data:image/svg+xml;base64,{encoded}">')
    return (element("h3", escape(title))
            + element("figure", image + element("figcaption", escape(caption))))


def plots_section(document, notify):
    """The plots, or a notice where matplotlib is not installed."""
    try:
        from lab.report.plots import report_plots  # pylint: disable=import-outside-toplevel
    except ImportError as error:
        if (error.name or "").split(".", maxsplit=1)[0] != "matplotlib":
            raise
        notify(NO_PLOTS)
        return element("p", escape(NO_PLOTS), "notice")
    return "\n".join(html_plot(*plot) for plot in report_plots(document))


def simulator_section():
    """The simulator's curves, as far as they are there."""
    figures = simulator_figures()
    if not figures:
        return []
    return [element("h2", "Simulated at scale"), element("p", escape(NOTICE), "notice"),
            *(html_plot(*figure) for figure in figures)]


def facts_list(document):
    """The head of the report as a list of terms."""
    return element("dl", "".join(element("dt", escape(name)) + element("dd", escape(text))
                                 for name, text in facts(document)))


def campaign_parts(document, notify):
    """All that there is to say about a campaign, but for its title."""
    parts = []
    if document["status"] != "complete":
        parts.append(element("p", f"This campaign is incomplete: "
                             f"{escape(document['status_reason'])}", "notice"))
    if document["emulated"]:
        parts.append(element("p", escape(f"{document['label']}. {EMULATION_NOTICE}"), "notice"))
    digest = digest_table(document)
    parts.append(facts_list(document))
    if digest:
        parts += [element("h2", "In short"), html_table(digest, digest.label)]
    parts += [element("h2", "Plots"), plots_section(document, notify),
              element("h2", "Tables")]
    return parts + [html_table(table, table.label) for table in report_tables(document)]


def manifest_parts(document):
    """How a campaign's figures are to be read, and how they were obtained."""
    return [element("p", escape(document["significance"]["rule"]), "soft"),
            element("h2", "Manifest"),
            element("pre", escape(json.dumps(document["manifest"], indent=2)))]


def whole_page(title, parts):
    """A page that fetches nothing."""
    return ("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
            f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n"
            f"<body>\n{chr(10).join(parts)}\n</body>\n</html>\n")


def render_html(document, notify):
    """The whole page."""
    title = f"Lock campaign '{document['plan']['matrix']}'"
    return whole_page(title, [element("h1", escape(title)), *campaign_parts(document, notify),
                              *simulator_section(), *manifest_parts(document)])


def render_series_html(documents, notify):
    """One page of the campaigns of several labs, in their order."""
    title = f"Lock campaign '{documents[0]['plan']['matrix']}' in {len(documents)} labs"
    labs = labs_table(documents)
    parts = [element("h1", escape(title)), html_table(labs, labs.label)]
    for document in documents:
        parts += [element("h1", escape(document["label"])), *campaign_parts(document, notify),
                  *manifest_parts(document)]
    return whole_page(title, parts + simulator_section())
