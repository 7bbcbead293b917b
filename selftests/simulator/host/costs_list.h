/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one table of what things cost. COST(name, emulation, hardware, threads,
 * what): times in nanoseconds unless the text says otherwise. MEASURED: as the
 * file of costs says. Where the figures come from is told in
 * Documentation/simulator.rst. Included several times with different
 * definitions; has no include guard for that reason.
 */

/* Memory */
COST(read_hit, 3, 1.5, MEASURED, "load or store of a line that the CPU holds")
COST(atomic_hit, 20, 6, MEASURED, "locked instruction on a line that the CPU owns")
COST(barrier, 20, 8, MEASURED, "full memory barrier")
COST(transfer_near, 60, 60, MEASURED, "line from another CPU of the socket")
COST(transfer_far, 60, 140, 140, "line from another socket")
COST(socket_cpus, 1024, 32, 32, "number of CPUs of a socket")
COST(occupancy, 20, 20, 20, "time for which one reader occupies a line's home")

/* Spinning */
COST(pause, 200, 43, MEASURED, "PAUSE")
COST(ple_gap, 0, 43, 0, "longest gap between PAUSEs of one loop")
COST(ple_window, 0, 1365, 0, "pause-loop exit after this time; 0: none")

/* Hypervisor; of threads: system calls */
COST(exit, 6000, 620, MEASURED, "VM exit and entry: hypercall or HLT")
COST(kick, 4000, 900, MEASURED, "host's work for a kick: find the vCPU, wake it up")
COST(ipi, 0, 0, MEASURED, "more, if that interrupts another CPU")
COST(ipi_running, 8000, 1200, 0, "kick taken by a vCPU that is in guest mode")
COST(block, 6000, 1500, MEASURED, "put a halted vCPU to sleep")
COST(idle_wake, 10000, 3000, MEASURED, "interrupt to an idle CPU until it schedules")
COST(poll_wake, 3000, 500, MEASURED, "from a kick to a polling vCPU's entry")
COST(context_switch, 7000, 1200, MEASURED, "switch of vCPUs: exit, schedule, load state, enter")
COST(halt_poll, 200000, 200000, MEASURED, "longest halt polling; 0: none")
COST(yield_to, 3000, 700, 0, "directed yield: find and boost the target")
COST(kick_yields, 1, 1, 0, "1: a kick also yields to its target, as KVM does")

/* Host scheduler */
COST(tick, 4000000, 4000000, MEASURED, "host timer tick period, 0: none")
COST(tick_cost, 15000, 2000, MEASURED, "what a host tick takes from the guest")
COST(latency, 12000000, 24000000, MEASURED, "sched_latency")
COST(min_granularity, 1500000, 3000000, MEASURED, "sched_min_granularity")
COST(wakeup_granularity, 2000000, 4000000, MEASURED, "sched_wakeup_granularity")
COST(migration_cost, 500000, 500000, 500000, "a task that ran since is cache hot")
COST(balance, 10000, 2000, 2000, "looking for work when idle")
COST(balance_ticks, 4, 4, 4, "number of ticks between balancing when busy")
COST(noise_period, 1500000, 10000000, MEASURED, "mean time between other work on a CPU, 0: none")
COST(noise_cost, 60000, 20000, MEASURED, "mean duration of that work")

/* Guest */
COST(guest_tick, 4000000, 4000000, 0, "guest timer tick period, 0: none")
COST(guest_tick_cost, 30000, 4000, 0, "a guest tick: exits, injection, handler")
