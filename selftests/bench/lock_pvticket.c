// SPDX-License-Identifier: GPL-2.0
/*
 * This project's lock, with the PV switch on or, compiled a second time with
 * another platform, off.
 */
#include "ticket_lock.h"
#include "bench.h"

static struct ticket_lock lock __aligned(64);

static void run(uint64_t pairs)
{
	while (pairs--) {
		ticket_lock(&lock);
		ticket_unlock(&lock);
	}
}

#ifdef PLATFORM_USER_NATIVE
const struct bench_lock bench_ticket = { "ticket", run };
#else
const struct bench_lock bench_pvticket = { "pvticket", run };
#endif
