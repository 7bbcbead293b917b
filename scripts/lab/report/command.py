# SPDX-License-Identifier: GPL-2.0
"""The 'report' command: results.json and report.html of a results directory, anew."""

import os
import sys

from lab.report.html import render_html, render_series_html
from lab.report.results import (CAMPAIGN, REPORT, RESULTS, SCHEMA_VERSION, ResultsDirectory,
                                check_schema, read_json, to_json, write_atomically)
from lab.report.summary import summarize
from lab.report.text import render_series, render_text


def load_document(path):
    """The results document: from the raw records, or the results.json that was kept."""
    if os.path.exists(os.path.join(path, CAMPAIGN)):
        results = ResultsDirectory.load(path)
        return summarize(results.campaign, results.runs)
    document = read_json(os.path.join(path, RESULTS))
    check_schema(os.path.join(path, RESULTS), document)
    return document


def load_series(path):
    """The documents of the campaigns in the directories below path; empty if there are none.

    Real CPUs come first, then they are in the order of their start.
    """
    below = [os.path.join(path, name) for name in os.listdir(path)] if os.path.isdir(path) else []
    documents = [load_document(each) for each in below
                 if os.path.exists(os.path.join(each, CAMPAIGN))]
    return sorted(documents, key=lambda document: (bool(document["emulated"]),
                                                   document["manifest"].get("date", "")))


def write_series(path, documents, notify):
    """Write what the campaigns of several labs show, side by side."""
    write_atomically(os.path.join(path, RESULTS), to_json({
        "schema_version": SCHEMA_VERSION,
        "labs": {document["label"]: document for document in documents}}))
    write_atomically(os.path.join(path, REPORT), render_series_html(documents, notify))
    notify(f"results of all labs: {os.path.join(path, RESULTS)}")
    notify(f"report on all labs:  {os.path.join(path, REPORT)}")


def write_reports(path, document, notify):
    """Write results.json first, then the page, so that a failure costs the least."""
    write_atomically(os.path.join(path, RESULTS), to_json(document))
    page = render_html(document, notify)
    write_atomically(os.path.join(path, REPORT), page)
    notify(f"results: {os.path.join(path, RESULTS)}")
    notify(f"report:  {os.path.join(path, REPORT)}")


def notify_stderr(text):
    """Messages do not belong into a report that is redirected."""
    print(text, file=sys.stderr)


def add_arguments(parser):
    """Options of 'pvlab report'."""
    parser.add_argument("directory", metavar="DIR",
                        help="results directory, e.g. results/latest")


def main(args):
    """Regenerate the reports of a directory and print the tables."""
    series = load_series(args.directory)
    if series:
        write_series(args.directory, series, notify_stderr)
        print("\n".join(render_text(document) for document in series) + render_series(series))
        return 0
    document = load_document(args.directory)
    write_reports(args.directory, document, notify_stderr)
    print(render_text(document))
    return 0
