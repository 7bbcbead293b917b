# SPDX-License-Identifier: GPL-2.0
#
# What programs in user space are built from, without directory and suffix: the
# lock core on a platform of theirs, and on threads.

TICKET_CORE := statistics ticket_core ticket_slowpath waiter_table
THREAD_CORE := platform/user $(TICKET_CORE)
