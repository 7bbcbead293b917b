/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the test programs share, on top of the harness of the kselftests.
 */
#ifndef VMM_LOCKS_FIXTURE_H
#define VMM_LOCKS_FIXTURE_H

#include "../harness.h"
#include "support.h"

/* The calling test fails unless @violate aborts, having printed @expected. */
#define EXPECT_VIOLATION(violate, expected)				\
do {									\
	char __text[SUPPORT_TEXT_BYTES];				\
									\
	EXPECT_TRUE(support_aborts(violate, __text)) {			\
		TH_LOG("not aborted: %s", __text);			\
	}								\
	EXPECT_NE(NULL, strstr(__text, expected)) {			\
		TH_LOG("printed: %s", __text);				\
	}								\
} while (0)

#endif /* VMM_LOCKS_FIXTURE_H */
