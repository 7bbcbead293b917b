# SPDX-License-Identifier: GPL-2.0
"""Campaigns: which cells, in which order, run and resumed."""
