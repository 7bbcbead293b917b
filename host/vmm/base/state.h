/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The state of a device on its way into a snapshot, or out of one.
 *
 * A device describes its state once, for both directions:
 *
 *	state__value(state, &serial->divisor);
 *	state__flag(state, &serial->transmit_interrupt);
 *	state__check(state, serial->receive.length <= SERIAL_FIFO, "FIFO");
 *
 * What is loaded may be anything. A check that fails is remembered, and the
 * whole snapshot is refused; until then the device must do nothing with it.
 */
#ifndef PVMM_STATE_H
#define PVMM_STATE_H

#include "types.h"

/**
 * struct state - bytes, and how far they have been used
 * @data: the bytes
 * @size: how many there are, or, saving, may be
 * @offset: how many have been used
 * @loads: into the device; otherwise, out of it
 * @wrong: the first thing that is, or NULL
 */
struct state {
	u8 *data;
	size_t size;
	size_t offset;
	bool loads;
	const char *wrong;
};

void state__exchange(struct state *state, void *value, size_t size);
void state__flag(struct state *state, bool *flag);
void state__check(struct state *state, bool sound, const char *what);

/* A number, or an array of them; anything whose every bit pattern is one. */
#define state__value(state, pointer)					\
	state__exchange(state, pointer, sizeof(*(pointer)))

#endif /* PVMM_STATE_H */
