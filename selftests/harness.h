/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's harness for tests on this machine.
 *
 * Its own limit is one of the clock, which a busy machine breaks. What runs the
 * programs ends those that hang (stress/run); this is for those run by hand.
 */
#ifndef SELFTESTS_HARNESS_H
#define SELFTESTS_HARNESS_H

#include "kselftest_harness.h"

#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT	3600

#endif /* SELFTESTS_HARNESS_H */
