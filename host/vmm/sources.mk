# SPDX-License-Identifier: GPL-2.0
#
# What the VMM and its tests are built from: paths from TOP, without suffix.
#
#   VMM_CORE	 the lock core under it
#   RANKED_LOCKS locks, actions and crosscalls, on the lock core
#   VMM_ALL	 the whole VMM but main()

include $(TOP)/kernel/sources.mk

VMM_CORE := $(THREAD_CORE:%=kernel/%)
RANKED_LOCKS := $(addprefix host/vmm/,$(addprefix locks/,lock_fault lock_rank lock_thread \
	range_lock ranked_mutex) \
	$(addprefix execution/,actions inbox crosscall stop_world)) $(VMM_CORE)
VMM_ALL := $(filter-out host/vmm/main,$(patsubst $(TOP)/%.c,%,\
	$(wildcard $(TOP)/host/vmm/*.c $(TOP)/host/vmm/*/*.c))) $(VMM_CORE)
