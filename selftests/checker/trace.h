/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Print a schedule, step by step: CPU, what it did, by name, values, source.
 */
#ifndef CHECKER_TRACE_H
#define CHECKER_TRACE_H

#include "engine/machine.h"

extern bool tracing;

void trace_start(void);
void trace_transition(struct transition transition);
void trace_load(const void *address, size_t size, u64 value,
		const char *site);
void trace_store(const void *address, size_t size, u64 value,
		 const char *site);
void trace_flush(const void *address, size_t size, u64 value);
void trace_exchange(const char *name, const void *address,
		    size_t size, u64 before, u64 after, const char *site);
void __printf(2, 3) trace_event(const char *site, const char *format, ...);

const char *trace_site(const char *site);
const char *trace_name(const void *address, size_t size);

#endif /* CHECKER_TRACE_H */
