// SPDX-License-Identifier: GPL-2.0
/*
 * A lock that does not lock: the workload has to notice it.
 */
#include "lock.h"

static void init(const struct lock_options *options)
{
	(void)options;
}

static void do_nothing(void)
{
}

const struct lock_type lock_busted = {
	.name = "busted",
	.description = "does not lock: a negative control",
	.init = init,
	.lock = do_nothing,
	.unlock = do_nothing,
};
