# SPDX-License-Identifier: GPL-2.0
"""One virtual machine: what it boots, its command line, its agent and its console."""
