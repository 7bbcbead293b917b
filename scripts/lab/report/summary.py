# SPDX-License-Identifier: GPL-2.0
"""From raw runs to the document that results.json holds and every report shows."""

from lab.report import stats
from lab.report.results import SCHEMA_VERSION, latest_records
from lab.workload.cells import CONTROL, HOST, cell_id, comparison_group, in_groups
from lab.workload.metrics import METRICS

SIGNIFICANCE_RULE = (
    "A change is significant if an exact two-sided rank-sum test of the repeats gives "
    f"p <= {stats.ALPHA} (with 3 repeats: the two cells do not overlap) and it exceeds the noise "
    "floor of its group: the change between halves of the A/A pair's repeats, dealt in all ways, "
    f"that {stats.NOISE_QUANTILE:.0%} of the deals stay within.")


def summarize(campaign, records):
    """The whole results document, from campaign.json and the records of runs.jsonl."""
    plan = campaign["plan"]
    runs = latest_records(records)
    cells = [summarize_cell(cell, plan, runs) for cell in plan["cells"]]
    floors = noise_floors(plan, cells)
    add_changes(plan, cells, floors)
    add_ratios(plan, cells)
    add_changes_along(plan, cells, floors)
    missing = sum(cell["status"] == "incomplete" for cell in cells)
    session = campaign["sessions"][-1] if campaign["sessions"] else {}
    reason = session.get("ended_by") or f"{missing} of {len(cells)} cells lack repeats"
    return {
        "schema_version": SCHEMA_VERSION,
        "status": "incomplete" if missing else "complete",
        "status_reason": reason if missing else None,
        "label": " / ".join(dict.fromkeys(labels(campaign).values())) or "unknown machine",
        "labels": labels(campaign),
        "emulated": session.get("manifest", {}).get("emulated"),
        "manifest": manifest(campaign),
        "plan": {key: value for key, value in plan.items() if key != "cells"},
        "metrics": {name: METRICS[name]._asdict() for name in METRICS},
        "significance": {"alpha": stats.ALPHA, "noise_quantile": stats.NOISE_QUANTILE,
                         "rule": SIGNIFICANCE_RULE},
        "noise_floor": floors,
        "cells": cells,
    }


def labels(campaign):
    """How the results of each host were obtained; of the only one of a plan without that axis."""
    return {str(session.get(HOST)): session["manifest"]["label"]
            for session in campaign["sessions"] if "label" in session.get("manifest", {})}


def manifest(campaign):
    """How the results were obtained: the last session's lab, and the guests of all."""
    sessions = campaign["sessions"]
    if not sessions:
        return {}
    guests = {}
    for session in sessions:
        host = session.get(HOST)
        guests.update({f"{size} on {host}" if host else size: guest
                       for size, guest in session["guests"].items()})
    hosts = [session["manifest"].get(HOST) for session in sessions]
    return {
        **sessions[-1]["manifest"],
        "seed": campaign["plan"]["seed"],
        "date": sessions[0]["started"],
        "duration_s": sum(session.get("duration_s", 0) for session in sessions),
        "guests": guests,
        "hosts": {host["kvm"]: host for host in hosts if host},
        **({"machines": campaign["machines"]} if "machines" in campaign else {}),
        "sessions": [{key: value for key, value in session.items()
                      if key not in ("manifest", "guests")} for session in sessions],
    }


def summarize_cell(cell, plan, runs):
    """Medians, spread and raw repeats of one cell."""
    records = [runs[cell_id(cell), repeat] for repeat in range(plan["repeats"])
               if (cell_id(cell), repeat) in runs]
    passed = [record for record in records if record["status"] == "ok"]
    failed = [record for record in records if record["status"] != "ok"]
    summary = {**cell, "id": cell_id(cell), "status": "ok"}
    if failed:
        summary["status"] = "failed"
    elif len(passed) < plan["repeats"]:
        summary["status"] = "incomplete"
    summary["implementation"] = passed[0]["result"].get("implementation") if passed else None
    summary["failures"] = [{key: record.get(key) for key in ("repeat", "reason", "log")}
                           for record in failed]
    values = {name: present(passed, name) for name in METRICS}
    summary.update({name: stats.median(found) if found else None
                    for name, found in values.items()})
    summary["spread"] = {name: stats.spread(found) for name, found in values.items() if found}
    summary["sources"] = sources(passed)
    summary["repeats"] = [raw_repeat(record) for record in records]
    return summary


def present(records, metric):
    """The values of a metric in the runs that have one."""
    values = (record["metrics"].get(metric) for record in records)
    return [value for value in values if value is not None]


def sources(records):
    """Where each number came from: 'guest' or 'host' (or both, between repeats)."""
    found = {}
    for record in records:
        for metric, source in record["sources"].items():
            found.setdefault(metric, set()).add(source)
    return {metric: "+".join(sorted(names)) for metric, names in found.items()}


def raw_repeat(record):
    """A record as results.json shows it: the cell it is in need not be repeated."""
    return {key: value for key, value in record.items() if key not in ("cell", "axes")}


def repeat_values(cell, metric):
    """The raw values of a summarized cell."""
    return present([each for each in cell["repeats"] if each["status"] == "ok"], metric)


def baseline_of(plan, group):
    """The baseline cell of a comparison group, and its A/A twin; None where missing."""
    cells = [cell for cell in group if cell[plan["series"]] == plan["baseline"]]
    plain = [cell for cell in cells if not cell.get(CONTROL)]
    control = [cell for cell in cells if cell.get(CONTROL)]
    return (plain or [None])[0], (control or [None])[0]


def comparison_groups(plan, cells):
    """Summarized cells by comparison group, for which only their axes count."""
    axes = {cell_id(cell): cell for cell in plan["cells"]}
    return in_groups(cells, lambda cell: comparison_group(plan, axes[cell["id"]]))


def noise_floors(plan, cells):
    """What the A/A pair of each group shows, per metric."""
    floors = []
    for group, members in comparison_groups(plan, cells).items():
        baseline, control = baseline_of(plan, members)
        if not baseline or not control:
            continue
        floors.append({"group": dict(group),
                       "metrics": pair_noise(baseline, control)})
    return floors


def pair_noise(baseline, control):
    """Observed A/A change and noise floor of each metric both cells have."""
    noise = {}
    for name in METRICS:
        left, right = repeat_values(baseline, name), repeat_values(control, name)
        if left and right:
            noise[name] = {"change_pct": stats.change_pct(right, left),
                           "floor_pct": stats.noise_floor_pct(left, right)}
    return noise


def floors_by_group(floors):
    """Noise floors by comparison group."""
    return {tuple(sorted(each["group"].items())): each["metrics"] for each in floors}


def add_changes(plan, cells, floors):
    """Give every cell a 'change' against the baseline of its group."""
    floor_of = floors_by_group(floors)
    for group, members in comparison_groups(plan, cells).items():
        baseline, _ = baseline_of(plan, members)
        noise = floor_of.get(tuple(sorted(group)), {})
        for cell in members:
            cell["change"] = changes(cell, baseline, noise)


def add_ratios(plan, cells):
    """Give every cell a 'ratio' of medians to each further baseline of its group."""
    for members in comparison_groups(plan, cells).values():
        for cell in members:
            cell["ratio"] = {
                other[plan["series"]]: ratios(cell, other) for other in members
                if other is not cell and other[plan["series"]] in plan.get("more_baselines", ())}


def ratios(cell, other):
    """Each metric of a cell as a multiple of another's."""
    return {name: cell[name] / other[name] for name in METRICS
            if cell[name] is not None and other[name]}


def changes(cell, baseline, noise):
    """Comparison of each metric of a cell with its baseline."""
    if baseline is None or cell is baseline:
        return {}
    return {name: stats.compare(repeat_values(cell, name), repeat_values(baseline, name),
                                noise.get(name, {}).get("floor_pct"))
            for name in METRICS if repeat_values(cell, name)}


def add_changes_along(plan, cells, floors):
    """Compare cells along the axis that is compared besides the series, if there is one.

    A change has to exceed the noise floors of both places. A/A cells are left out.
    """
    also = plan.get("also_compared")
    if not also:
        return
    axes = {cell_id(cell): cell for cell in plan["cells"]}
    floor_of = floors_by_group(floors)
    plain = [cell for cell in cells if not cell.get(CONTROL)]
    groups = in_groups(plain, lambda cell: comparison_group(plan, axes[cell["id"]], also["axis"]))
    for members in groups.values():
        baseline = next(cell for cell in members if cell[also["axis"]] == also["baseline"])
        for cell in members:
            noise = [floor_of.get(comparison_group(plan, axes[each["id"]]), {})
                     for each in (cell, baseline)]
            cell["change_along"] = {also["axis"]: {
                "against": baseline["id"], "change": changes(cell, baseline, larger_noise(noise))}}


def larger_noise(noise):
    """The larger noise floor of each metric; none where one place has none."""
    floors = {}
    for name in METRICS:
        found = [each.get(name, {}).get("floor_pct") for each in noise]
        floors[name] = {"floor_pct": None if None in found else max(found)}
    return floors
