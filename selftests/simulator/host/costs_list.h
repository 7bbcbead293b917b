/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one table of what things cost. COST(name, emulation, hardware, what):
 * times in nanoseconds unless the text says otherwise. Where the figures come
 * from is told in Documentation/simulator.rst. Included several times with
 * different definitions; has no include guard for that reason.
 */

/* Memory */
COST(read_hit, 3, 1.5, "load or store of a line that the CPU holds")
COST(atomic_hit, 20, 6, "locked instruction on a line that the CPU owns")
COST(barrier, 20, 8, "full memory barrier")
COST(transfer_near, 60, 60, "line from another CPU of the socket")
COST(transfer_far, 60, 140, "line from another socket")
COST(socket_cpus, 1024, 32, "number of CPUs of a socket")
COST(occupancy, 20, 20, "time for which one reader occupies a line's home")

/* Spinning */
COST(pause, 200, 43, "PAUSE")
COST(ple_gap, 0, 43, "longest gap between PAUSEs of one loop")
COST(ple_window, 0, 1365, "pause-loop exit after this time; 0: none")

/* Hypervisor */
COST(exit, 6000, 620, "VM exit and entry: hypercall or HLT")
COST(kick, 4000, 900, "host's work for a kick: find the vCPU, wake it up")
COST(ipi_running, 8000, 1200, "kick taken by a vCPU that is in guest mode")
COST(block, 6000, 1500, "put a halted vCPU to sleep")
COST(idle_wake, 10000, 3000, "interrupt to an idle CPU until it schedules")
COST(poll_wake, 3000, 500, "from a kick to a polling vCPU's entry")
COST(context_switch, 7000, 1200, "switch of vCPUs: exit, schedule, load state, enter")
COST(halt_poll, 200000, 200000, "longest halt polling; 0: none")
COST(yield_to, 3000, 700, "directed yield: find and boost the target")
COST(kick_yields, 1, 1, "1: a kick also yields to its target, as KVM does")

/* Host scheduler */
COST(tick, 4000000, 4000000, "host timer tick period, 0: none")
COST(tick_cost, 15000, 2000, "what a host tick takes from the guest")
COST(latency, 12000000, 24000000, "sched_latency")
COST(min_granularity, 1500000, 3000000, "sched_min_granularity")
COST(wakeup_granularity, 2000000, 4000000, "sched_wakeup_granularity")
COST(migration_cost, 500000, 500000, "a task that ran since is cache hot")
COST(balance, 10000, 2000, "looking for work when idle")
COST(balance_ticks, 4, 4, "number of ticks between balancing when busy")
COST(noise_period, 1500000, 10000000, "mean time between other work on a CPU, 0: none")
COST(noise_cost, 60000, 20000, "mean duration of that work")

/* Guest */
COST(guest_tick, 4000000, 4000000, "guest timer tick period, 0: none")
COST(guest_tick_cost, 30000, 4000, "a guest tick: exits, injection, handler")
