// SPDX-License-Identifier: GPL-2.0
/*
 * The virtual machine: fibers, TSO memory, interrupts, halt and kick.
 *
 * A step that no other CPU can notice, and that no interrupt can tell from
 * its neighbour, is not worth a choice: a store into the own store buffer
 * while nothing can interrupt, or a load of what is never written. It is done
 * together with the step before it. Everything else is a choice.
 *
 * Longer than 400 lines: all that a step of the machine may touch.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fiber.h"
#include "machine.h"
#include "../properties.h"
#include "../scenario.h"
#include "../trace.h"
#include "waiter_table.h"
#include "../xen.h"

/* A CPU that does that many steps without a choice is in a private loop. */
#define MAX_PRIVATE_STEPS	10000

#define LATE_CYCLES	1000000000ULL
#define NOWHERE_BYTES	4096
#define TICKET_BITS	3

/* At an address of its own (Makefile), so that waiters hash the same always. */
struct machine machine __section("checked_machine");

/* Static data of the lock core; the Makefile names the sections. */
extern char __start_checked_data[] __weak;
extern char __stop_checked_data[] __weak;
extern char __start_checked_bss[] __weak;
extern char __stop_checked_bss[] __weak;

static const struct region {
	char *start, *stop;
} statics[] = {
	{ __start_checked_data, __stop_checked_data },
	{ __start_checked_bss, __stop_checked_bss },
};

#define NR_STATICS	(sizeof(statics) / sizeof(*statics))

bool machine_statics_shared;
bool machine_statics_written;
bool machine_buffer_was_full;
u64 machine_hash_seed;
struct machine_events machine_events;

static const struct scenario *scenario;
static size_t table_bytes;
static void *explorer_stack_pointer;
static unsigned int running;
static enum transition_kind chosen;
static bool in_fiber;
static unsigned int private_steps;

const struct scenario *machine_scenario(void)
{
	return scenario;
}

size_t machine_table_bytes(void)
{
	return table_bytes;
}

static struct vcpu *this_vcpu(void)
{
	return &machine.cpu[running];
}

unsigned int machine_context(void)
{
	return running * MACHINE_LEVELS + this_vcpu()->level;
}

static bool is_static(const void *address)
{
	unsigned int i;

	for (i = 0; i < NR_STATICS; i++)
		if ((char *)address >= statics[i].start &&
		    (char *)address < statics[i].stop)
			return true;
	return false;
}

static bool is_shared(const void *address)
{
	if ((char *)address >= (char *)&machine &&
	    (char *)address < (char *)(&machine + 1))
		return true;
	return machine_statics_shared && is_static(address);
}

static bool irq_possible(const struct vcpu *cpu)
{
	return !cpu->done && cpu->irqs_on && cpu->irqs && !cpu->level;
}

static bool nmi_possible(const struct vcpu *cpu)
{
	return !cpu->done && cpu->nmis && cpu->level < MACHINE_LEVELS - 1;
}

/* Back to the explorer, until it chooses this CPU again. */
static void await_choice(void)
{
	fiber_switch(&this_vcpu()->stack_pointer, explorer_stack_pointer);
	private_steps = 0;
}

static void run_handler(void (*handler)(void), u8 level)
{
	struct vcpu *cpu = this_vcpu();
	struct operation interrupted = cpu->operation;
	bool irqs_on = cpu->irqs_on;
	u8 old_level = cpu->level;

	cpu->irqs_on = false;
	cpu->level = level;
	handler();
	cpu->level = old_level;
	cpu->irqs_on = irqs_on;
	cpu->operation = interrupted;
}

/* Returns false if nothing arrived: the explorer chose the step itself. */
static bool take_interrupt(void)
{
	switch (chosen) {
	case TRANSITION_IRQ:
		this_vcpu()->irqs--;
		machine_events.irqs++;
		run_handler(scenario->irq, 1);
		return true;
	case TRANSITION_NMI:
		this_vcpu()->nmis--;
		machine_events.nmis++;
		run_handler(scenario->nmi, 2);
		return true;
	default:
		return false;
	}
}

static bool step_enabled(const struct vcpu *cpu)
{
	switch (cpu->operation.kind) {
	case OPERATION_LOAD:
	case OPERATION_NOTHING:
	case OPERATION_CLOCK:
		return true;
	case OPERATION_STORE:
		return cpu->nr_stores < MACHINE_BUFFER_ENTRIES;
	case OPERATION_HALT:
		return cpu->token;
	case OPERATION_POLL:
		return cpu->token && !cpu->nr_stores;
	default:
		return !cpu->nr_stores;
	}
}

/* May @operation be done at once, without a choice? See the file's head. */
static bool is_private(const struct vcpu *cpu,
		       const struct operation *operation)
{
	if (operation->kind == OPERATION_LOAD)
		return !is_shared(operation->address);
	if (operation->kind == OPERATION_STORE)
		return cpu->nr_stores < MACHINE_BUFFER_ENTRIES &&
		       !irq_possible(cpu) && !nmi_possible(cpu);
	return operation->kind == OPERATION_MB && !cpu->nr_stores;
}

/* Does a halt wait for a kick? It takes until there is one, or for luck. */
static bool is_halt(const struct vcpu *cpu)
{
	return cpu->operation.kind == OPERATION_HALT ||
	       cpu->operation.kind == OPERATION_POLL;
}

static void announce(u8 kind, const void *address, size_t size,
		     const char *site)
{
	struct vcpu *cpu = this_vcpu();
	struct operation operation = {
		.kind = kind, .size = size, .address = address, .site = site,
	};

	if (!in_fiber)
		return;

	cpu->operation = operation;
	if (is_private(cpu, &operation)) {
		if (++private_steps > MAX_PRIVATE_STEPS)
			violate("a loop that never touches shared memory");
		else
			return;
	}
	if (kind == OPERATION_STORE &&
	    cpu->nr_stores == MACHINE_BUFFER_ENTRIES)
		machine_buffer_was_full = true;
	do {
		await_choice();
	} while (take_interrupt());
}

/**
 * machine_announce() - let the explorer choose when a step of this CPU comes
 * @kind: of the step, which the caller does after this
 * @site: place in the source
 *
 * Interrupts come before the step.
 */
void machine_announce(enum operation_kind kind, const char *site)
{
	announce(kind, NULL, 0, site);
	if (kind == OPERATION_POLL && chosen == TRANSITION_STEP)
		machine_events.kicked_halts++;
}

/* A pointer to nothing, or to a member of nothing. */
static bool is_nowhere(const void *address)
{
	if ((uintptr_t)address >= NOWHERE_BYTES)
		return false;
	violate("cpu%u follows a NULL pointer", running);
	return true;
}

/* What this CPU sees: memory, and over it its own stores, oldest first. */
static u64 load(const void *address, size_t size)
{
	const struct vcpu *cpu = this_vcpu();
	u64 value = 0;
	unsigned int i;
	size_t byte;

	if (is_nowhere(address))
		return 0;
	memcpy(&value, (const void *)address, size);
	for (i = 0; in_fiber && i < cpu->nr_stores; i++) {
		const struct buffered_store *store = &cpu->store[i];

		for (byte = 0; byte < store->size; byte++) {
			size_t at = (char *)store->address + byte -
				    (char *)address;

			if (at < size)
				((u8 *)&value)[at] = store->value >> 8 * byte;
		}
	}
	return value;
}

/* Memory changes, for all CPUs to see. */
static void write_memory(void *address, size_t size, u64 value)
{
	u64 before = 0;

	if (is_nowhere(address))
		return;
	memcpy(&before, (const void *)address, size);
	memcpy((void *)address, &value, size);
	if (!in_fiber)
		return;
	if (is_static(address) && !machine_statics_shared)
		machine_statics_written = true;
	property_observe_write(address, size, before, value);
}

u64 checker_load(const void *address, size_t size, const char *site)
{
	u64 value;

	announce(OPERATION_LOAD, address, size, site);
	property_check_access(address, size);
	value = load(address, size);
	property_observe_look(address, size);
	if (is_shared(address))
		trace_load(address, size, value, site);
	return value;
}

void checker_store(void *address, size_t size, u64 value,
		   const char *site)
{
	struct buffered_store store = {
		.address = address, .value = value, .size = size,
	};
	struct vcpu *cpu = this_vcpu();

	announce(OPERATION_STORE, address, size, site);
	if (!in_fiber) {
		write_memory(address, size, value);
		return;
	}
	cpu->store[cpu->nr_stores++] = store;
	trace_store(address, size, value, site);
}

u64 checker_xadd(void *address, size_t size, u64 value,
		 const char *site)
{
	u64 mask = size == sizeof(u64) ? ~0ULL : (1ULL << 8 * size) - 1;
	u64 before;

	announce(OPERATION_XADD, address, size, site);
	property_check_access(address, size);
	before = load(address, size);
	trace_exchange("xadd", address, size, before, (before + value) & mask,
		       site);
	write_memory(address, size, (before + value) & mask);
	return before;
}

u64 checker_cmpxchg(void *address, size_t size, u64 expected,
		    u64 desired, const char *site)
{
	u64 before;

	announce(OPERATION_CMPXCHG, address, size, site);
	property_check_access(address, size);
	before = load(address, size);
	trace_exchange("cmpxchg", address, size, before,
		       before == expected ? desired : before, site);
	if (before == expected)
		write_memory(address, size, desired);
	return before;
}

void checker_mb(const char *site)
{
	announce(OPERATION_MB, NULL, 0, site);
	trace_event(site, "mb");
}

/*
 * Interrupts come on in the same instant as the halt begins, as with STI and
 * HLT in sequence. The end of a halt takes the token, whatever ended it: KVM
 * does so too, hence an interrupt during a halt may eat a kick.
 */
void checker_halt(unsigned long flags, const char *site)
{
	struct vcpu *cpu = this_vcpu();
	struct operation operation = { .kind = OPERATION_HALT, .site = site };

	if (cpu->irqs_on)
		violate("halt with interrupts on at %s", trace_site(site));
	if (cpu->level == MACHINE_LEVELS - 1)
		violate("halt in NMI context at %s", trace_site(site));
	if (scenario->xen) {
		property_halting();
		xen_halt(cpu, flags, site);
		return;
	}
	cpu->irqs_on = flags;
	property_halting();
	/* The moment after the last look and before the halt. */
	if (scenario->halts_late || scenario->forgets_kicks ||
	    nmi_possible(cpu))
		announce(OPERATION_NOTHING, NULL, 0, "");
	trace_event(site, flags ? "halt, interrupts on" :
				  "halt, interrupts off");
	cpu->operation = operation;
	await_choice();
	cpu->token = false;
	if (!take_interrupt() && chosen == TRANSITION_STEP)
		machine_events.kicked_halts++;
	trace_event(site, "halt ends");
}

void checker_kick(unsigned int cpu, const char *site)
{
	announce(OPERATION_KICK, NULL, 0, site);
	if (cpu >= scenario->nr_cpus) {
		violate("kick of CPU %u, which does not exist", cpu);
		return;
	}
	if (!scenario->forgets_kicks ||
	    is_halt(&machine.cpu[cpu]))
		machine.cpu[cpu].token = true;
	trace_event(site, "kick cpu%u", cpu);
}

void machine_free_lock(struct ticket_lock *lock, const char *site)
{
	announce(OPERATION_FREE, lock, sizeof(*lock), site);
	trace_event(site, "free the lock");
	property_freed(lock);
}

/* The memory of a freed lock becomes another lock. */
void machine_reuse_lock(struct ticket_lock *lock, const char *site)
{
	announce(OPERATION_FREE, lock, sizeof(*lock), site);
	trace_event(site, "make a new lock of it");
	property_reused(lock);
}

u64 checker_elapsed(void)
{
	struct vcpu *cpu = this_vcpu();

	if (!cpu->lates)
		return 1;
	announce(OPERATION_CLOCK, NULL, 0, "");
	trace_event("", "read the clock");
	if (chosen != TRANSITION_LATE)
		return 1;
	cpu->lates--;
	machine_events.lates++;
	return LATE_CYCLES;
}

unsigned int checker_ticket_bits(void)
{
	return scenario->ticket_bits ?: TICKET_BITS;
}

bool ticket_pv_enabled(void)
{
	return !scenario->native;
}

unsigned int platform_cpu(void)
{
	return running;
}

unsigned int platform_nr_cpus(void)
{
	/* One bucket is what no CPUs need. */
	return scenario->one_bucket && !table_bytes ? 0 : scenario->nr_cpus;
}

bool platform_may_halt(void)
{
	return this_vcpu()->level < MACHINE_LEVELS - 1;
}

unsigned long platform_irq_save(void)
{
	struct vcpu *cpu = this_vcpu();
	bool irqs_on = cpu->irqs_on;

	/* The last moment for an interrupt. */
	if (irq_possible(cpu))
		announce(OPERATION_NOTHING, NULL, 0, "");
	cpu->irqs_on = false;
	return irqs_on;
}

void platform_irq_restore(unsigned long flags)
{
	this_vcpu()->irqs_on = flags;
}

/* The waiter table is all that the core allocates. */
void *platform_zalloc(size_t size)
{
	if (table_bytes || size > sizeof(machine.table)) {
		fprintf(stderr,
			"checker: the core allocates %zu bytes; enlarge MACHINE_TABLE_BYTES\n",
			size);
		exit(2);
	}
	table_bytes = size;
	return machine.table;
}

void platform_free(void *memory)
{
	(void)memory;
	table_bytes = 0;
}

static void run_program(void)
{
	await_choice();
	scenario->program[running]();
	this_vcpu()->done = true;
	for (;;) {
		this_vcpu()->operation.kind = OPERATION_NONE;
		await_choice();
	}
}

static void boot_cpu(unsigned int number)
{
	struct vcpu *cpu = &machine.cpu[number];

	cpu->irqs_on = true;
	cpu->irqs = scenario->irqs[number];
	cpu->nmis = scenario->nmis[number];
	cpu->spurious = scenario->spurious[number];
	cpu->lates = scenario->lates[number];
	cpu->stack_pointer = fiber_prepare(number, run_program);
}

static void resume(unsigned int cpu, enum transition_kind kind)
{
	running = cpu;
	chosen = kind;
	in_fiber = true;
	fiber_switch(&explorer_stack_pointer, machine.cpu[cpu].stack_pointer);
	in_fiber = false;
	fiber_wipe_unused(cpu, machine.cpu[cpu].stack_pointer);
}

/* Bring the machine to where each CPU announces its first operation. */
void machine_boot(const struct scenario *new_scenario)
{
	unsigned int cpu;

	scenario = new_scenario;
	memset(&machine, 0, sizeof(machine));
	violation[0] = '\0';
	scenario_prepare(scenario);
	for (cpu = 0; cpu < scenario->nr_cpus; cpu++) {
		boot_cpu(cpu);
		resume(cpu, TRANSITION_STEP);
		resume(cpu, TRANSITION_STEP);
	}
}

/* All that may happen next; optional ones last. Returns how many. */
unsigned int machine_transitions(struct transition *list)
{
	unsigned int count = 0;
	u8 cpu;

	for (cpu = 0; cpu < scenario->nr_cpus; cpu++) {
		const struct vcpu *vcpu = &machine.cpu[cpu];

		if (!vcpu->done && step_enabled(vcpu))
			list[count++] = (struct transition){
				TRANSITION_STEP, cpu };
		if (vcpu->nr_stores)
			list[count++] = (struct transition){
				TRANSITION_FLUSH, cpu };
	}
	for (cpu = 0; cpu < scenario->nr_cpus; cpu++) {
		const struct vcpu *vcpu = &machine.cpu[cpu];

		if (irq_possible(vcpu))
			list[count++] = (struct transition){
				TRANSITION_IRQ, cpu };
		if (nmi_possible(vcpu))
			list[count++] = (struct transition){
				TRANSITION_NMI, cpu };
		if (is_halt(vcpu) && vcpu->spurious)
			list[count++] = (struct transition){
				TRANSITION_SPURIOUS, cpu };
		if (vcpu->operation.kind == OPERATION_CLOCK && vcpu->lates)
			list[count++] = (struct transition){
				TRANSITION_LATE, cpu };
	}
	return count;
}

/* Must happen some time if nothing else does; luck is not a wake-up. */
bool machine_is_mandatory(struct transition transition)
{
	return transition.kind == TRANSITION_STEP ||
	       transition.kind == TRANSITION_FLUSH;
}

bool machine_all_done(void)
{
	unsigned int cpu;

	for (cpu = 0; cpu < scenario->nr_cpus; cpu++)
		if (!machine.cpu[cpu].done || machine.cpu[cpu].nr_stores)
			return false;
	return true;
}

static void flush_oldest(struct vcpu *cpu)
{
	struct buffered_store store = cpu->store[0];

	cpu->nr_stores--;
	memmove(cpu->store, cpu->store + 1, cpu->nr_stores * sizeof(store));
	memset(&cpu->store[cpu->nr_stores], 0, sizeof(store));

	property_check_access(store.address, store.size);
	trace_flush(store.address, store.size, store.value);
	in_fiber = true;
	write_memory(store.address, store.size, store.value);
	in_fiber = false;
}

void machine_execute(struct transition transition)
{
	struct vcpu *cpu = &machine.cpu[transition.cpu];

	running = transition.cpu;
	trace_transition(transition);
	switch (transition.kind) {
	case TRANSITION_FLUSH:
		flush_oldest(cpu);
		return;
	case TRANSITION_SPURIOUS:
		cpu->spurious--;
		machine_events.spurious++;
		break;
	default:
		break;
	}
	resume(transition.cpu, transition.kind);
}

struct piece {
	char *start;
	size_t size;
};

/* The parts of the state: @piece is called for each, in the same order. */
static unsigned int state_pieces(struct piece *piece)
{
	unsigned int count = 0;
	unsigned int i;

	piece[count++] = (struct piece){ (char *)&machine,
		offsetof(struct machine, table) + table_bytes };
	for (i = 0; machine_statics_shared && i < NR_STATICS; i++)
		piece[count++] = (struct piece){ statics[i].start,
			statics[i].stop - statics[i].start };
	for (i = 0; i < scenario->nr_cpus; i++) {
		char *bottom = machine.cpu[i].stack_pointer;

		piece[count++] = (struct piece){ bottom,
			fiber_stack_top(i) - bottom };
	}
	return count;
}

#define MAX_PIECES	(1 + NR_STATICS + MACHINE_MAX_CPUS)

static u64 mix(u64 hash, u64 word)
{
	unsigned __int128 product = (unsigned __int128)(hash ^ word) *
				    0x9e3779b97f4a7c15ULL;

	return (u64)product ^ (u64)(product >> 64) ^ 0xd6e8feb86659fd93ULL;
}

/* A 64-bit fingerprint of the state. */
u64 machine_hash(void)
{
	struct piece piece[MAX_PIECES];
	unsigned int count = state_pieces(piece);
	u64 hash = machine_hash_seed;
	unsigned int i;
	size_t at;

	for (i = 0; i < count; i++) {
		hash = mix(hash, piece[i].size);
		for (at = 0; at < piece[i].size; at += sizeof(u64)) {
			size_t rest = piece[i].size - at;
			u64 word = 0;

			memcpy(&word, piece[i].start + at,
			       rest < sizeof(word) ? rest : sizeof(word));
			hash = mix(hash, word);
		}
	}
	return hash;
}

size_t machine_image_size(void)
{
	struct piece piece[MAX_PIECES];
	unsigned int count = state_pieces(piece);
	size_t size = 0;

	while (count)
		size += piece[--count].size;
	return size;
}

void machine_save(void *image)
{
	struct piece piece[MAX_PIECES];
	unsigned int count = state_pieces(piece);
	unsigned int i;

	for (i = 0; i < count; i++) {
		memcpy(image, piece[i].start, piece[i].size);
		image = (char *)image + piece[i].size;
	}
}

/* The machine itself comes first: it tells how long the stacks are. */
void machine_restore(const void *image)
{
	struct piece piece[MAX_PIECES];
	unsigned int count;
	unsigned int i;

	memcpy(&machine, image, offsetof(struct machine, table) + table_bytes);
	count = state_pieces(piece);
	for (i = 0; i < count; i++) {
		memcpy(piece[i].start, image, piece[i].size);
		image = (const char *)image + piece[i].size;
	}
	for (i = 0; i < scenario->nr_cpus; i++)
		fiber_wipe_unused(i, machine.cpu[i].stack_pointer);
}
