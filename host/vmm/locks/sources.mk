# SPDX-License-Identifier: GPL-2.0
#
# The locks of the VMM and what they stand on: paths from the top, without suffix.

include $(TOP)/kernel/sources.mk

RANKED_LOCKS := $(addprefix host/vmm/locks/,lock_fault lock_rank lock_thread \
	ranked_barrier ranked_mutex ranked_semaphore actions crosscall range_lock \
	stop_world) $(THREAD_CORE:%=kernel/%)
