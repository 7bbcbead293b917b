# SPDX-License-Identifier: GPL-2.0
"""Labs: where guests run, and how their hosts come up."""
