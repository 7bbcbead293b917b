# SPDX-License-Identifier: GPL-2.0
#
# How programs compile the kernel's queued spinlock, beside the lock core on the
# same platform. TOP is the top directory.
#
#   $(call rival_sources,6.1)	take the kernel's files out of its package
#   $(call rival_flags,6.1)	flags for what includes qspinlock.h
#   RIVAL_UNITS			to compile, in RIVALS, once per SPIN_THRESHOLD
#
# SPIN_THRESHOLD is the kernel's 2^15, or what is defined on the command line.

RIVALS := $(TOP)/selftests/rivals
RIVAL_UNITS := qspinlock rivals
RIVAL_HEADERS := $(wildcard $(RIVALS)/*.h)

rival_sources = $(shell $(RIVALS)/kernel-locks $1)
rival_tree = $(or $(PVLAB_BUILD),$(TOP)/build)/rivals/$1
# Behind the system's own headers, some of which have the name of an empty one.
rival_flags = -I$(RIVALS) -I$(TOP)/kernel -I$(call rival_tree,$1) \
	-I$(call rival_tree,$1)/arch/x86/include \
	-idirafter $(call rival_tree,$1)/include
