# SPDX-License-Identifier: GPL-2.0
#
# What programs in user space are built from, without directory and suffix: the
# lock core on a platform of theirs, on threads, and the ranked locks on that.

TICKET_CORE := statistics ticket_core ticket_slowpath waiter_hints waiter_table
THREAD_CORE := platform_user $(TICKET_CORE)
RANKED_LOCKS := $(THREAD_CORE) lock_fault lock_rank lock_thread ranked_barrier \
	ranked_mutex ranked_semaphore actions crosscall range_lock stop_world
