/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All locks of the VMM and their ranks, one LOCK_RANK(name, rank) each, in
 * ascending order. Included several times with different definitions; has no
 * include guard for that reason.
 *
 * What their order has to respect is in lock_classes.c.
 */

/* Who holds it runs the vCPU. The base rank of a vCPU's thread. */
LOCK_RANK(vcpu_execution, 10)
/* One stop of the world at a time; who is in the world. */
LOCK_RANK(stop, 30)
/* Not a lock: the request to stop. */
LOCK_RANK(stop_crosscall, 40)
/* Not a lock: where stopped vCPUs wait. */
LOCK_RANK(stop_responder, 50)
/* Not a lock: to have vCPUs do something at base rank, or while stopped. */
LOCK_RANK(execute_crosscall, 60)
/* A device's own lock. */
LOCK_RANK(device, 100)
/* Devices that are not safe without it. */
LOCK_RANK(global, 110)
/* Changes of a bus; lookups are under RCU. */
LOCK_RANK(bus, 120)
/* Ranges of the guest-physical map, and all of it. */
LOCK_RANK(guest_map, 130)
/* Not a lock: to have vCPUs do something with the map locked. */
LOCK_RANK(execute_leaf, 140)
/* An end of a line. */
LOCK_RANK(chardev, 150)
