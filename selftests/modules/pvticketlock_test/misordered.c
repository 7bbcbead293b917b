// SPDX-License-Identifier: GPL-2.0
/*
 * Two locks in both orders, one after the other. Nothing comes of it but a
 * report of lockdep, where the kernel has it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "../../../guest/pvticketlock.h"
#include "test.h"

static DEFINE_PVTICKETLOCK(first);
static DEFINE_PVTICKETLOCK(second);

static void nest(struct pvticketlock *outer, struct pvticketlock *inner)
{
	pvticket_lock(outer);
	pvticket_lock(inner);
	pvticket_unlock(inner);
	pvticket_unlock(outer);
}

/**
 * test_misordered() - take locks in an order that could deadlock
 * @unused: ignored
 *
 * Return: 0.
 */
int test_misordered(unsigned int unused)
{
	nest(&first, &second);
	nest(&second, &first);
	return 0;
}
