/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The language in which a fuzzer tells a driver what to do.
 */
#ifndef VMM_TEST_STEPS_H
#define VMM_TEST_STEPS_H

#include <stdint.h>

enum step_kind {
	STEP_WRITE_REGISTER,	/* where: offset; value */
	STEP_WRITE_MEMORY,	/* where: address; value */
	/*
	 * argument: queue in the lower half, flags in the upper one; where:
	 * index in the lower half, next in the upper one; value: distance of
	 * the address from the end of memory in the lower half, length in the
	 * upper one.
	 */
	STEP_DESCRIBE,
	STEP_OFFER,		/* argument: queue; where: head */
	STEP_NOTIFY,		/* argument: queue */
	STEP_WRITE_DISK,	/* where: offset; value */
	/* An offer, if the device has returned enough; argument and where as above. */
	STEP_KEEP_OFFERING,
	STEP_KINDS,
};

struct step {
	uint8_t kind;
	uint8_t argument;
	uint16_t where;
	uint32_t value;
};

#endif /* VMM_TEST_STEPS_H */
