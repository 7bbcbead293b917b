# SPDX-License-Identifier: GPL-2.0
"""Static checks of the project's own sources.

A check is a function check(tree) that returns its findings, one line each.
See the table in scripts/lint, and self_test.py for the negative controls.
"""
