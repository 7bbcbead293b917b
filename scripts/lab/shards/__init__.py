# SPDX-License-Identifier: GPL-2.0
"""Campaigns on many machines: split into jobs, and joined again."""
