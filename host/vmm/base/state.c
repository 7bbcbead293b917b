// SPDX-License-Identifier: GPL-2.0
/*
 * The state of a device on its way into a snapshot, or out of one.
 */
#include <string.h>

#include "state.h"

/**
 * state__check() - check what is loaded, and remember what is wrong
 * @state: on its way
 * @sound: whether it is
 * @what: it is about, for a message
 *
 * Saving, nothing is checked: a device may have sound state only.
 */
void state__check(struct state *state, bool sound, const char *what)
{
	if (state->loads && !sound && !state->wrong)
		state->wrong = what;
}

/**
 * state__exchange() - save some bytes, or load them
 * @state: on its way
 * @value: of the device; stays as it is if there are not as many bytes
 * @size: bytes
 */
void state__exchange(struct state *state, void *value, size_t size)
{
	u8 *data = state->data + state->offset;

	if (state->wrong || size > state->size - state->offset) {
		state->wrong = state->wrong ?: "size";
		return;
	}
	if (state->loads)
		memcpy(value, data, size);
	else
		memcpy(data, value, size);
	state->offset += size;
}

/**
 * state__flag() - save a flag, or load it
 * @state: on its way
 * @flag: of the device
 */
void state__flag(struct state *state, bool *flag)
{
	u8 byte = *flag;

	state__value(state, &byte);
	state__check(state, byte <= 1, "flag");
	*flag = byte == 1;
}
