# SPDX-License-Identifier: GPL-2.0
"""What "scripts/check" runs, and how: suites of tests that print KTAP."""
