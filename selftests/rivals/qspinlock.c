// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's queued spinlock, native and paravirtualized, as it is in
 * kernel/locking/ of the release whose files kernel-locks has taken out of
 * Debian's source package.
 */
#include "qspinlock.h"

#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wunused-value"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wimplicit-fallthrough"

#include <kernel/locking/qspinlock.c>
