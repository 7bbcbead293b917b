// SPDX-License-Identifier: GPL-2.0
/*
 * The real lock core, paravirtualized and native, and a version of it that
 * was made worse on purpose: the check for regressions has to notice it.
 */
#include "../../../kernel/ticket_core.h"
#include "../../../kernel/ticket_lock.h"
#include "../../../kernel/statistics.h"
#include "../host/costs.h"
#include "../error.h"
#include "lock.h"

/*
 * What the worse version does in every critical section, in PAUSEs; see
 * CONTROL_CELL in check.py.
 */
#define WORSE_PAUSES	4

bool platform_simulator_pv;
struct ticket_statistics simulator_statistics;

static struct ticket_lock *the_lock;

static void init_common(bool pv)
{
	platform_simulator_pv = pv;
	the_lock = memory_alloc(sizeof(*the_lock));
	if (ticket_init())
		fatal("no memory for the lock core");
}

static void init_pv(const struct lock_options *options)
{
	init_common(true);
	ticket_set_spin_ns(options->spin_ns);
}

static void init_open(const struct lock_options *options)
{
	init_pv(options);
	ticket_set_overtake_limit(options->overtake);
}

static void init_fifo(const struct lock_options *options)
{
	init_pv(options);
	ticket_set_overtake_limit(0);
}

static void init_native(const struct lock_options *options)
{
	(void)options;
	init_common(false);
}

static void do_lock(void)
{
	ticket_lock(the_lock);
}

static void do_unlock(void)
{
	ticket_unlock(the_lock);
}

static void do_unlock_worse(void)
{
	guest_compute(WORSE_PAUSES * costs.pause);
	ticket_unlock(the_lock);
}

const struct lock_type lock_pvticket = {
	.name = "pvticket",
	.description = "the lock core, as in a guest with PV support",
	.init = init_open,
	.lock = do_lock,
	.unlock = do_unlock,
};

const struct lock_type lock_pvticket_fifo = {
	.name = "pvticket-fifo",
	.description = "the same, strictly in order: nobody may overtake",
	.init = init_fifo,
	.lock = do_lock,
	.unlock = do_unlock,
};

const struct lock_type lock_ticket = {
	.name = "ticket",
	.description = "the lock core with the PV switch off",
	.init = init_native,
	.lock = do_lock,
	.unlock = do_unlock,
};

const struct lock_type lock_pvticket_worse = {
	.name = "pvticket-worse",
	.description = "pvticket with a delay in it: a negative control",
	.init = init_open,
	.lock = do_lock,
	.unlock = do_unlock_worse,
};
