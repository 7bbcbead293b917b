# SPDX-License-Identifier: GPL-2.0
"""Matrices, cells, schedules, and the options that choose them."""

# pylint: disable=missing-function-docstring
import contextlib
import io
import itertools
import unittest

from fake_lab import parse
from lab.campaign.matrix import build_plan
from lab.campaign.schedule import pending_runs, run_order
from lab.errors import LabError
from lab.workload.cells import CONTROL, cell_id, comparison_group
from lab.workload.lockbench import asked_settings
from lab.workload.locks import check_lock_names


def quick(seed=1, axes=None, settings=None, pcpus=2):
    """A plan of the quick matrix."""
    return build_plan("quick", axes or {}, settings or {}, seed, pcpus)


class MatrixTest(unittest.TestCase):
    """Expansion of a matrix into cells."""

    def test_quick_covers_what_is_promised(self):
        plan = quick()
        found = {(cell["lock"], cell["vcpus"]) for cell in plan["cells"]}
        self.assertEqual(found, {(lock, vcpus) for vcpus in (2, 4, 8)
                                 for lock in ("pvticket", "ticket", "spinlock", "tas")})
        self.assertGreaterEqual(plan["repeats"], 3)
        self.assertTrue(all(cell["pcpus"] == 2 for cell in plan["cells"]))

    def test_each_group_has_one_aa_cell(self):
        plan = quick()
        twins = [cell for cell in plan["cells"] if cell.get(CONTROL)]
        self.assertEqual([cell["lock"] for cell in twins], ["spinlock"] * 3)
        self.assertEqual(len({comparison_group(plan, cell) for cell in twins}), 3)

    def test_ids_are_unique(self):
        cells = quick()["cells"]
        self.assertEqual(len({cell_id(cell) for cell in cells}), len(cells))

    def test_baseline_without_spinlock_is_the_first_lock(self):
        self.assertEqual(quick(axes={"lock": ["tas", "ticket"]})["baseline"], "tas")

    def test_vcpus_take_the_place_of_overcommit(self):
        plan = quick(axes={"vcpus": [3, 16]})
        self.assertEqual({(cell["vcpus"], cell["overcommit"]) for cell in plan["cells"]},
                         {(3, 1.5), (16, 8)})

    def test_fractional_overcommit(self):
        plan = quick(axes={"overcommit": [1.5]})
        self.assertEqual({cell["vcpus"] for cell in plan["cells"]}, {3})

    def test_partial_vcpu_is_refused(self):
        with self.assertRaisesRegex(LabError, "1.25 times 2 physical CPUs is 2.5"):
            quick(axes={"overcommit": [1.25]})

    def test_unknown_matrix(self):
        with self.assertRaisesRegex(LabError, "unknown matrix 'none'.*quick"):
            build_plan("none", {}, {}, 1, 2)

    def test_unknown_lock_lists_the_known(self):
        with self.assertRaisesRegex(LabError, "unknown lock 'mcs'.*pvticket.*spinlock"):
            check_lock_names(["tas", "mcs"])
        check_lock_names(["tas", "busted"])

    def test_lock_named_twice(self):
        with self.assertRaisesRegex(LabError, "'tas' is named twice"):
            check_lock_names(["tas", "tas"])


class FullMatrixTest(unittest.TestCase):
    """The matrix of several blocks."""

    def values(self, axes=None):
        """What its cells have, as one set of tuples."""
        plan = build_plan("full", axes or {}, {}, 1, 2)
        return {(cell["hold_ns"], cell["overcommit"], cell["sharing"], cell["irqs_off"],
                 cell["guests"]) for cell in plan["cells"]}

    def test_covers_what_is_promised(self):
        expected = {(1000, overcommit, "1", 0, 1) for overcommit in (1, 1.5, 2, 3, 4, 8)}
        expected |= {(hold, overcommit, "1", 0, 1) for hold in (200, 10000)
                     for overcommit in (1, 2, 4, 8)}
        expected |= {(1000, overcommit, sharing, 0, 1) for overcommit in (1, 2, 4)
                     for sharing in ("4 striped", "4 random")}
        expected |= {(1000, overcommit, "1", 1, 1) for overcommit in (1, 2, 4)}
        expected |= {(1000, overcommit, "1", 0, 2) for overcommit in (1, 2, 4)}
        self.assertEqual(self.values(), expected)

    def test_both_baselines_are_there(self):
        plan = build_plan("full", {}, {}, 1, 2)
        self.assertEqual((plan["baseline"], plan["more_baselines"]),
                         ("spinlock", ["spinlock-tuned"]))

    def test_what_is_asked_holds_for_all_blocks(self):
        values = self.values({"hold_ns": [500], "overcommit": [2]})
        self.assertEqual(values, {(500, 2, "1", 0, 1), (500, 2, "4 striped", 0, 1),
                                  (500, 2, "4 random", 0, 1), (500, 2, "1", 1, 1),
                                  (500, 2, "1", 0, 2)})

    def test_no_cell_twice(self):
        cells = build_plan("full", {"overcommit": [2]}, {}, 1, 2)["cells"]
        self.assertEqual(len({cell_id(cell) for cell in cells}), len(cells))

    def test_what_lockbench_is_asked(self):
        cell = {"lock": "tas", "vcpus": 8, "hold_ns": 1, "think_ns": 2, "sharing": "4 random",
                "irqs_off": 1}
        self.assertEqual(asked_settings(cell), {
            "lock": "tas", "threads": 8, "hold_ns": 1, "think_ns": 2, "lock_count": 4,
            "random": 1, "irqs_off": 1})
        striped = asked_settings({**cell, "sharing": "4 striped"})
        self.assertEqual((striped["lock_count"], striped["random"]), (4, 0))
        self.assertNotIn("lock_count", asked_settings(quick()["cells"][0]))


class ScheduleTest(unittest.TestCase):
    """The order of runs."""

    def test_same_seed_same_order(self):
        self.assertEqual(run_order(quick(7)), run_order(quick(7)))
        self.assertNotEqual(run_order(quick(7)), run_order(quick(8)))

    def test_every_round_is_complete(self):
        plan = quick()
        order = run_order(plan)
        size = len(plan["cells"])
        self.assertEqual(len(order), size * plan["repeats"])
        for repeat in range(plan["repeats"]):
            this_round = order[repeat * size:(repeat + 1) * size]
            self.assertEqual({cell_id(cell) for cell, _ in this_round},
                             {cell_id(cell) for cell in plan["cells"]})
            self.assertEqual({number for _, number in this_round}, {repeat})

    def test_runs_of_one_size_are_together_where_there_are_many_guests(self):
        plan = build_plan("full", {}, {"repeats": 3}, 1, 2)
        order = run_order(plan)
        rounds = itertools.groupby(order, lambda run: (run[0]["vcpus"], run[1]))
        rounds = [(size, repeat, [cell_id(cell) for cell, _ in runs])
                  for (size, repeat), runs in rounds]
        self.assertEqual([repeat for _, repeat, _ in rounds], [0, 1, 2] * 6)
        self.assertEqual(len({size for size, *_ in rounds}), 6)
        self.assertEqual(sorted(rounds[0][2]), sorted(rounds[1][2]))
        self.assertNotEqual(rounds[0][2], rounds[1][2])
        locks = [cell["lock"] for cell, _ in order]
        self.assertGreater(sum(one != other for one, other in zip(locks, locks[1:])),
                           len(order) / 2)

    def test_locks_are_mixed(self):
        locks = [cell["lock"] for cell, _ in run_order(quick())]
        self.assertGreater(sum(one != other for one, other in zip(locks, locks[1:])), 20)

    def test_only_successful_runs_are_done(self):
        plan = quick()
        order = run_order(plan)
        records = [{"cell": cell_id(order[0][0]), "repeat": 0, "status": "ok"},
                   {"cell": cell_id(order[1][0]), "repeat": 0, "status": "failed"}]
        self.assertEqual(pending_runs(plan, records), order[1:])


class OptionsTest(unittest.TestCase):
    """Values that argparse must refuse, and say why."""

    def refused(self, *arguments):
        """The message with which the options are refused."""
        stream = io.StringIO()
        with contextlib.redirect_stderr(stream), self.assertRaises(SystemExit) as caught:
            parse(*arguments)
        self.assertEqual(caught.exception.code, 2)
        return stream.getvalue()

    def test_zero_vcpus(self):
        self.assertIn("--vcpus: 0: must be a whole number of at least 1",
                      self.refused("--vcpus", "0"))

    def test_overcommit_must_be_positive(self):
        for value in ("0", "1,-2", "nan", "inf"):
            self.assertIn("--overcommit", self.refused(f"--overcommit={value}"))

    def test_not_a_number(self):
        self.assertIn("'many' is not a factor", self.refused("--overcommit", "many"))
        self.assertIn("'1.5' is not a whole number", self.refused("--repeats", "1.5"))

    def test_zero_repeats_and_timeout(self):
        self.assertIn("--repeats", self.refused("--repeats", "0"))
        self.assertIn("--timeout", self.refused("--timeout", "0"))

    def test_value_named_twice(self):
        self.assertIn("names a value twice", self.refused("--hold-ns", "5,5"))

    def test_exclusive_options(self):
        self.assertIn("not allowed with", self.refused("--out", "a", "--resume", "b"))
        self.assertIn("not allowed with", self.refused("--vcpus", "2", "--overcommit", "1"))

    def test_valid(self):
        args = parse("--overcommit", "1,1.5,2", "--locks", "tas,ticket")
        self.assertEqual(args.overcommit, [1, 1.5, 2])
        self.assertEqual(args.locks, ["tas", "ticket"])


if __name__ == "__main__":
    unittest.main()
