/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For one source of each program: the first report of ThreadSanitizer ends the test.
 */
#ifndef SELFTESTS_TSAN_OPTIONS_H
#define SELFTESTS_TSAN_OPTIONS_H

#ifdef __SANITIZE_THREAD__
const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
	return "halt_on_error=1";
}
#endif

#endif /* SELFTESTS_TSAN_OPTIONS_H */
