// SPDX-License-Identifier: GPL-2.0
/*
 * The classes of the VMM's locks.
 */
#include "lock_classes.h"

#define LOCK_RANK(name, rank)	const struct lock_class class_##name = { #name, rank };
#include "lock_ranks.h"
#undef LOCK_RANK

/* The ranks, for the compiler. */
enum {
#define LOCK_RANK(name, rank)	RANK_##name = (rank),
#include "lock_ranks.h"
#undef LOCK_RANK
};

/* Why it is this order: who holds the first may take the second. */
#define BELOW(first, second)						\
	_Static_assert(RANK_##first < RANK_##second,			\
		       #first " has to be below " #second)

/* A vCPU's thread holds it all the time. */
BELOW(vcpu_execution, stop);
BELOW(vcpu_execution, device);
/* Who waits to stop the world is stopped. */
BELOW(stop, stop_crosscall);
BELOW(stop_crosscall, stop_responder);
/* The stopped can do work, which may use devices. */
BELOW(stop_responder, execute_crosscall);
BELOW(execute_crosscall, device);
/* Devices that are not safe without the global lock have one of their own as well. */
BELOW(device, global);
/* A device may remove itself. */
BELOW(global, bus);
/* Devices do DMA. */
BELOW(global, guest_map);
/* The map makes vCPUs forget pages. */
BELOW(guest_map, execute_leaf);
/* A device writes to its line. */
BELOW(global, chardev);
