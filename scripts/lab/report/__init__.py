# SPDX-License-Identifier: GPL-2.0
"""From the records of a campaign to tables, plots and pages."""
