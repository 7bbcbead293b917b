# SPDX-License-Identifier: GPL-2.0
"""Campaigns compared with each other."""
