// SPDX-License-Identifier: GPL-2.0
/*
 * Print a schedule. Addresses are printed as the names that the source uses,
 * values of the lock word as (head, tail) with the flags as +SP and +P, or as
 * (head, tail, byte) if it is the kernel's.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "scenario.h"
#include "ticket_qspinlock.h"
#include "trace.h"
#include "waiter_table.h"

#define COMMENT	"#   "

bool tracing;
static unsigned int step;
static const char *lead = "";

void trace_start(void)
{
	tracing = true;
	step = 0;
	lead = "";
}

static size_t offset_in(const void *address, const void *start,
			size_t size)
{
	size_t offset = (const char *)address - (const char *)start;

	return offset < size ? offset : SIZE_MAX;
}

static void name_lock(char *name, size_t space, size_t offset, size_t size)
{
	const char *field = "head_tail";

	if (machine_scenario()->qspinlock)
		field = size == sizeof(u8) ? "byte" : "word";
	else if (size == sizeof(ticket_t))
		field = offset % sizeof(struct ticket_lock) ? "tail" : "head";
	snprintf(name, space, "lock%zu.%s",
		 offset / sizeof(struct ticket_lock), field);
}

static void name_waiter(char *name, size_t space, size_t offset)
{
	size_t field = offset % sizeof(struct waiter);

	snprintf(name, space, "waiter[%zu].%s",
		 offset / sizeof(struct waiter),
		 field == offsetof(struct waiter, lock) ? "lock" :
		 field == offsetof(struct waiter, ticket) ? "ticket" :
		 field == offsetof(struct waiter, cpu) ? "cpu" :
		 field == offsetof(struct waiter, state) ? "state" :
		 field == offsetof(struct waiter, overtaken) ? "overtaken" :
		 "?");
}

/* The name of @size bytes at @address; valid until the next call but one. */
const char *trace_name(const void *address, size_t size)
{
	static char names[2][40];
	static unsigned int next;
	char *name = names[next++ % 2];
	size_t offset;

	offset = offset_in(address, machine.lock, sizeof(machine.lock));
	if (offset != SIZE_MAX) {
		name_lock(name, sizeof(names[0]), offset, size);
		return name;
	}
	offset = offset_in(address, machine.table, sizeof(machine.table));
	if (offset != SIZE_MAX) {
		name_waiter(name, sizeof(names[0]), offset);
		return name;
	}
	offset = offset_in(address, machine.data, sizeof(machine.data));
	if (offset != SIZE_MAX)
		snprintf(name, sizeof(names[0]), "data%zu",
			 offset / sizeof(machine.data[0]));
	else if (offset_in(address, machine.word, sizeof(machine.word)) !=
		 SIZE_MAX)
		snprintf(name, sizeof(names[0]), "word%d",
			 address == &machine.word[1]);
	else
		snprintf(name, sizeof(names[0]), "%p", address);
	return name;
}

static void print_half(u16 half, const char *flag)
{
	printf("%#x%s", half & ~1, half & 1 ? flag : "");
}

static void print_ticket_lock(size_t size, u64 value)
{
	if (size == sizeof(u16)) {
		print_half(value, "+SP");
		return;
	}
	printf("(");
	print_half(value, "+SP");
	printf(", ");
	print_half(value >> 16, "+P");
	printf(")");
}

static void print_qspinlock(size_t size, u64 value)
{
	const unsigned int bits = TICKET_QSPINLOCK_TICKET_BITS;

	if (size == sizeof(u8))
		printf("%u", (unsigned int)value);
	else
		printf("(%u, %u, %u)",
		       (unsigned int)(value >> 8) & ((1U << bits) - 1),
		       (unsigned int)(value >> (32 - bits)),
		       (unsigned int)value & 0xff);
}

static void print_value(const void *address, size_t size, u64 value)
{
	if (offset_in(address, machine.lock, sizeof(machine.lock)) !=
	    SIZE_MAX) {
		if (machine_scenario()->qspinlock)
			print_qspinlock(size, value);
		else
			print_ticket_lock(size, value);
		return;
	}
	if (offset_in((void *)value, machine.lock, sizeof(machine.lock)) !=
	    SIZE_MAX)
		printf("&lock%zu", ((char *)value - (char *)machine.lock) /
				   sizeof(machine.lock[0]));
	else
		printf("%#llx", (unsigned long long)value);
}

void trace_transition(struct transition transition)
{
	static const char * const leads[NR_TRANSITION_KINDS] = {
		[TRANSITION_STEP] = "",
		[TRANSITION_FLUSH] = "store buffer: ",
		[TRANSITION_IRQ] = "INTERRUPT; ",
		[TRANSITION_NMI] = "NMI; ",
		[TRANSITION_SPURIOUS] = "(spurious) ",
		[TRANSITION_LATE] = "(late) ",
	};

	lead = leads[transition.kind];
	if (!tracing)
		return;
	step++;
	if (transition.kind == TRANSITION_IRQ ||
	    transition.kind == TRANSITION_NMI) {
		printf(COMMENT "%3u cpu%u %s\n", step, transition.cpu,
		       transition.kind == TRANSITION_IRQ ?
		       "INTERRUPT" : "NMI");
		lead = "";
	}
}

static void start_line(void)
{
	static const char * const levels[MACHINE_LEVELS] = {
		"", "/irq", "/nmi",
	};
	unsigned int context = machine_context();

	printf(COMMENT "%3u cpu%u%s %s", step, context / MACHINE_LEVELS,
	       levels[context % MACHINE_LEVELS], lead);
}

/* A place in the source, without the directory that it was compiled in. */
const char *trace_site(const char *site)
{
	const char *name = strrchr(site, '/');

	return name ? name + 1 : site;
}

static void end_line(const char *site)
{
	printf("%s%s%s\n", *site ? "   [" : "", trace_site(site),
	       *site ? "]" : "");
}

static void print_access(const char *verb, const void *address,
			 size_t size, u64 value, const char *site)
{
	if (!tracing)
		return;
	start_line();
	printf("%s %s = ", verb, trace_name(address, size));
	print_value(address, size, value);
	end_line(site);
}

void trace_load(const void *address, size_t size, u64 value,
		const char *site)
{
	print_access("load", address, size, value, site);
}

void trace_store(const void *address, size_t size, u64 value,
		 const char *site)
{
	print_access("buffer store", address, size, value, site);
}

void trace_flush(const void *address, size_t size, u64 value)
{
	print_access("store", address, size, value, "");
}

void trace_exchange(const char *name, const void *address,
		    size_t size, u64 before, u64 after, const char *site)
{
	if (!tracing)
		return;
	start_line();
	printf("%s %s: ", name, trace_name(address, size));
	print_value(address, size, before);
	if (before == after) {
		printf(", not exchanged");
	} else {
		printf(" -> ");
		print_value(address, size, after);
	}
	end_line(site);
}

void trace_event(const char *site, const char *format, ...)
{
	va_list arguments;

	if (!tracing)
		return;
	start_line();
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	end_line(site);
}
