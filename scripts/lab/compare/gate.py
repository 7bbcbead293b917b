# SPDX-License-Identifier: GPL-2.0
"""Is a campaign worse than another one? For CI, which must not take silence for a pass."""

from lab.compare.pairs import WORSE, worse_by
from lab.errors import LabError
from lab.workload.cells import CONTROL


def check_complete(pairs, only_before, percent, names):
    """Refuse to judge what was not measured, or not often enough."""
    option = f"--fail-worse {percent:g}"
    if only_before:
        raise LabError(f"{option}: {names[1]} lacks {len(only_before)} cells of {names[0]}, for "
                       f"example '{only_before[0]}'; measure the same cells")
    for pair in pairs:
        if failed_newly(pair):
            continue
        if pair.change["p_value"] is None:
            fewest, name = min((len(values), name) for values, name in zip(pair.values, names))
            raise LabError(f"{option}: {name} has {fewest} repeats of '{pair.before['id']}' with "
                           f"{pair.metric}, too few for significance at 0.05; measure with "
                           "'--repeats 5'")


def failed_newly(pair):
    """Has the cell failed, and had not before?"""
    return pair.after["status"] == "failed" and pair.before["status"] != "failed"


def worse(pairs, means, percent):
    """What is worse by more than so many percent: a line for each.

    A/A cells have nothing of their own to judge.
    """
    pairs = [pair for pair in pairs if not pair.after.get(CONTROL)]
    failed = {pair.after["id"]: pair for pair in pairs if failed_newly(pair)}
    found = [f"{name}: failed" for name in failed]
    found += [f"{pair.after['id']}: {pair.metric} {pair.ratio:.3g}x" for pair in pairs
              if pair.verdict == WORSE and worse_by(pair.metric, pair.ratio) > percent]
    # The whole interval has to be on the wrong side.
    found += [f"geometric mean of {each.metric}, {each.name}: {each.ratio:.3g}x" for each in means
              if each.interval and worse_by(each.metric, each.ratio) > percent
              and all(worse_by(each.metric, bound) > 0 for bound in each.interval)]
    return found


def unseen(pairs, percent):
    """How many pairs are too noisy to show a change of so many percent."""
    return sum((pair.change["floor_pct"] or 0) > percent for pair in pairs)
