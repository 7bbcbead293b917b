# SPDX-License-Identifier: GPL-2.0
"""What is measured in guests: cells, locks, metrics, and the programs that load them."""
