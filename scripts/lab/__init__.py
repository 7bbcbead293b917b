# SPDX-License-Identifier: GPL-2.0
"""The lab: boots hosts and guests, runs tests and benchmark campaigns in them."""
