# SPDX-License-Identifier: GPL-2.0
"""Statistics of small samples: spread, change, significance, noise floor, histograms."""

import itertools
import math
import random
from statistics import geometric_mean, median, stdev

# Two-sided level of the rank test; three repeats a side can just reach it.
ALPHA = 0.1
# That of comparisons between campaigns, which four repeats a side can reach.
STRICT_ALPHA = 0.05
RESAMPLES = 1000
NOISE_QUANTILE = 0.95
MAX_SPLITS = 1000


def spread(values):
    """Minimum, maximum, and the deviations in percent, where they are defined."""
    middle = median(values)
    deviation = median(abs(value - middle) for value in values)
    mean = sum(values) / len(values)
    return {
        "n": len(values),
        "min": min(values),
        "max": max(values),
        "stddev_pct": 100 * stdev(values) / mean if len(values) > 1 and mean else None,
        "mad_pct": 100 * deviation / middle if middle else None,
    }


def change_pct(values, baseline):
    """Change of the median against the baseline's median, in percent."""
    reference = median(baseline)
    return 100 * (median(values) - reference) / reference if reference else None


def doubled_ranks(values):
    """Ranks times two, so that the mean rank of tied values is an integer too."""
    ordered = sorted(values)
    return [2 * ordered.index(value) + ordered.count(value) + 1 for value in values]


def sums_of_ranks(ranks, size):
    """How many choices of so many of the ranks have each sum: {sum: number}."""
    # ways[k][s]: number of choices of k ranks with sum s
    ways = [{} for _ in range(size + 1)]
    ways[0][0] = 1
    for rank in ranks:
        for chosen in range(size, 0, -1):
            for total, count in ways[chosen - 1].items():
                ways[chosen][total + rank] = ways[chosen].get(total + rank, 0) + count
    return ways[size]


def rank_test(left, right):
    """Exact two-sided p-value of Wilcoxon's rank-sum test, ties included."""
    ranks = doubled_ranks(list(left) + list(right))
    size = len(left)
    centre = sum(ranks) * size / len(ranks)
    distance = abs(sum(ranks[:size]) - centre)
    extreme = sum(count for total, count in sums_of_ranks(ranks, size).items()
                  if abs(total - centre) >= distance - 1e-9)
    return extreme / math.comb(len(ranks), size)


def enough_repeats(left_size, right_size, alpha=ALPHA):
    """Can the rank test reach alpha at all with samples of these sizes?"""
    if not left_size or not right_size:
        return False
    return 2 / math.comb(left_size + right_size, left_size) <= alpha + 1e-9


def ratio_interval(values, baseline, alpha=STRICT_ALPHA):
    """Between which multiples of the baseline the values lie, at a confidence of 1 - alpha.

    The rank test turned round: those multiples with which it would find no difference (Hodges
    and Lehmann, of logarithms). None if samples are too small, or a value is not above 0.
    """
    if not enough_repeats(len(values), len(baseline), alpha) or min(*values, *baseline) <= 0:
        return None
    ratios = sorted(value / reference for value in values for reference in baseline)
    sums = sums_of_ranks(range(1, len(values) + len(baseline) + 1), len(values))
    allowed = alpha / 2 * math.comb(len(values) + len(baseline), len(values)) + 1e-9
    outside = 0
    for total in sorted(sums):
        allowed -= sums[total]
        if allowed < 0:
            break
        outside += 1
    return ratios[outside - 1], ratios[-outside]


def superiority(values, baseline):
    """Cliff's delta, an effect size: 1 if all values are above all of the baseline's, -1 below."""
    if not values or not baseline:
        return None
    signs = [(value > reference) - (value < reference)
             for value in values for reference in baseline]
    return sum(signs) / len(signs)


def mean_ratio(pairs):
    """The geometric mean over [(values, baseline), ...] of the ratios of medians, or None."""
    ratios = [median(values) / median(baseline) for values, baseline in pairs]
    return geometric_mean(ratios) if ratios else None


def mean_ratio_interval(pairs, alpha=STRICT_ALPHA):
    """Between which values that mean lies, by a bootstrap of the repeats of each sample."""
    if not pairs or min(len(sample) for pair in pairs for sample in pair) < 2:
        return None
    dealer = random.Random(0)
    means = sorted(mean_ratio([[dealer.choices(sample, k=len(sample)) for sample in pair]
                               for pair in pairs]) for _ in range(RESAMPLES))
    cut = int(RESAMPLES * alpha / 2)
    return means[cut], means[-1 - cut]


def splits(values):
    """All ways to deal the values to two halves, or a fixed sample of them."""
    half = len(values) // 2
    if math.comb(len(values), half) <= MAX_SPLITS:
        for chosen in itertools.combinations(range(len(values)), half):
            yield ([values[i] for i in chosen],
                   [value for i, value in enumerate(values) if i not in chosen])
        return
    dealer = random.Random(0)
    for _ in range(MAX_SPLITS):
        dealt = dealer.sample(values, len(values))
        yield dealt[:half], dealt[half:]


def noise_floor_pct(baseline, control):
    """How far apart medians get when nothing differs, as an increase in percent.

    The repeats of the A/A pair are dealt to two halves in every possible way; the
    floor is the change between the halves that 95 % of the deals stay within.
    """
    if len(baseline) + len(control) < 2:
        return None
    changes = [change_pct(*halves) for halves in splits(list(baseline) + list(control))]
    factors = sorted(factor(change) for change in changes if change is not None)
    if not factors:
        return None
    floor = 100 * (factors[math.ceil(NOISE_QUANTILE * len(factors)) - 1] - 1)
    return None if math.isinf(floor) else floor


def factor(change):
    """How many times apart two values are, so that -50 % is as far as +100 %."""
    ratio = 1 + change / 100
    if ratio <= 0:
        return math.inf
    return max(ratio, 1 / ratio)


def verdict(change, p_value, floor, alpha=ALPHA):
    """'significant' only above the noise floor and unlikely to be chance."""
    if change is None:
        return "no baseline"
    if p_value is None:
        return "too few repeats"
    if p_value > alpha + 1e-9 or (floor is not None and factor(change) <= 1 + floor / 100):
        return "not significant"
    return "significant"


def compare(values, baseline, floor, alpha=ALPHA):
    """Everything a report says about one cell against its baseline."""
    change = change_pct(values, baseline) if values and baseline else None
    p_value = None
    if enough_repeats(len(values), len(baseline), alpha):
        p_value = rank_test(values, baseline)
    return {"change_pct": change, "p_value": p_value, "floor_pct": floor,
            "verdict": verdict(change, p_value, floor, alpha)}


def merge_histograms(histograms):
    """Sum of histograms, each a list of [upper bound, count]."""
    counts = {}
    for histogram in histograms:
        for upper, count in histogram:
            counts[upper] = counts.get(upper, 0) + count
    return sorted(counts.items())


def tail_distribution(histogram):
    """Points (bound, share of samples above it), from 1 down to the last sample."""
    total = sum(count for _, count in histogram)
    points = []
    above = total
    for upper, count in histogram:
        points.append((upper, above / total))
        above -= count
    return points
