# SPDX-License-Identifier: GPL-2.0
"""Tests that run in a lab, and the reading of their results."""
