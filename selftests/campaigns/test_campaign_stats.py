# SPDX-License-Identifier: GPL-2.0
"""Statistics: known answers, and the cases that must not count as a difference."""

# pylint: disable=missing-function-docstring
import itertools
import random
import unittest

import fake_lab  # noqa: F401 pylint: disable=unused-import
from lab.report import stats


class SpreadTest(unittest.TestCase):
    """Spread and change of small samples."""

    def test_known_sample(self):
        found = stats.spread([90, 100, 110])
        self.assertEqual((found["n"], found["min"], found["max"]), (3, 90, 110))
        self.assertAlmostEqual(found["stddev_pct"], 10)
        self.assertAlmostEqual(found["mad_pct"], 10)

    def test_single_value_has_no_deviation(self):
        self.assertIsNone(stats.spread([5])["stddev_pct"])

    def test_zeros_have_no_relative_deviation(self):
        self.assertIsNone(stats.spread([0, 0, 0])["stddev_pct"])

    def test_change_is_of_medians(self):
        self.assertAlmostEqual(stats.change_pct([150, 1, 999], [100, 90, 9000]), 50)

    def test_no_change_against_zero(self):
        self.assertIsNone(stats.change_pct([5], [0]))


class RankTest(unittest.TestCase):
    """The exact rank-sum test against an enumeration by brute force."""

    @staticmethod
    def enumerated(left, right):
        """The same p-value by listing every choice of ranks."""
        ranks = stats.doubled_ranks(left + right)
        centre = sum(ranks) * len(left) / len(ranks)
        sums = [sum(choice) for choice in itertools.combinations(ranks, len(left))]
        distance = abs(sum(ranks[:len(left)]) - centre)
        return sum(abs(total - centre) >= distance for total in sums) / len(sums)

    def test_ties_share_the_mean_rank(self):
        self.assertEqual(stats.doubled_ranks([5, 1, 5, 9]), [5, 2, 5, 8])

    def test_separated(self):
        self.assertAlmostEqual(stats.rank_test([1, 2, 3], [4, 5, 6]), 0.1)

    def test_identical(self):
        self.assertAlmostEqual(stats.rank_test([7, 7, 7], [7, 7, 7]), 1.0)

    def test_random_samples(self):
        dealer = random.Random(3)
        for _ in range(50):
            left = [dealer.randrange(8) for _ in range(dealer.randrange(2, 6))]
            right = [dealer.randrange(8) for _ in range(dealer.randrange(2, 6))]
            self.assertAlmostEqual(stats.rank_test(left, right), self.enumerated(left, right))


class SignificanceTest(unittest.TestCase):
    """When a change counts."""

    def test_separated_and_above_floor(self):
        self.assertEqual(stats.compare([4, 5, 6], [1, 2, 3], 5)["verdict"], "significant")

    def test_overlap_does_not_count(self):
        self.assertEqual(stats.compare([2, 5, 6], [1, 3, 3.5], 0)["verdict"], "not significant")

    def test_below_noise_floor_does_not_count(self):
        found = stats.compare([104, 105, 106], [101, 102, 103], 5)
        self.assertEqual(found["verdict"], "not significant")

    def test_a_collapse_exceeds_a_noise_floor_above_100_percent(self):
        self.assertEqual(stats.compare([1, 2, 3], [1000, 1500, 2000], 150)["verdict"],
                         "significant")
        self.assertEqual(stats.compare([1, 2, 3], [3.5, 4, 5], 150)["verdict"], "not significant")

    def test_two_repeats_are_too_few(self):
        self.assertEqual(stats.compare([10, 11], [1, 2], 0)["verdict"], "too few repeats")

    def test_zero_baseline(self):
        self.assertEqual(stats.compare([1, 2, 3], [0, 0, 0], 0)["verdict"], "no baseline")

    def test_false_positives_stay_rare(self):
        dealer = random.Random(5)
        hits = 0
        for _ in range(300):
            left, right, again = ([dealer.gauss(100, 5) for _ in range(3)] for _ in range(3))
            floor = stats.noise_floor_pct(right, again)
            hits += stats.compare(left, right, floor)["verdict"] == "significant"
        self.assertLess(hits / 300, stats.ALPHA)


class NoiseFloorTest(unittest.TestCase):
    """The noise floor from the A/A pair."""

    def test_identical_repeats_have_no_noise(self):
        self.assertEqual(stats.noise_floor_pct([5, 5, 5], [5, 5, 5]), 0)

    def test_covers_the_observed_change(self):
        left, right = [100, 101, 102], [110, 111, 112]
        self.assertGreaterEqual(stats.noise_floor_pct(left, right) + 0.9,
                                stats.change_pct(right, left))

    def test_many_repeats_are_sampled_the_same_way_each_time(self):
        dealer = random.Random(2)
        values = [dealer.gauss(100, 3) for _ in range(20)]
        self.assertEqual(stats.noise_floor_pct(values[:10], values[10:]),
                         stats.noise_floor_pct(values[:10], values[10:]))

    def test_nothing_measured(self):
        self.assertIsNone(stats.noise_floor_pct([], []))
        self.assertIsNone(stats.noise_floor_pct([0, 0], [0, 0]))
        self.assertIsNone(stats.noise_floor_pct([0, 0], [1, 1]))


class HistogramTest(unittest.TestCase):
    """Merging and the tail distribution."""

    def test_merge(self):
        self.assertEqual(stats.merge_histograms([[[10, 1], [20, 2]], [[20, 3], [40, 1]]]),
                         [(10, 1), (20, 5), (40, 1)])

    def test_tail(self):
        self.assertEqual(stats.tail_distribution([(10, 6), (20, 3), (30, 1)]),
                         [(10, 1.0), (20, 0.4), (30, 0.1)])

    def test_empty(self):
        self.assertEqual(stats.tail_distribution([]), [])


if __name__ == "__main__":
    unittest.main()
