/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Errors name the thing, the cause and the remedy.
 */
#ifndef PVMM_ERROR_H
#define PVMM_ERROR_H

/* Exit codes of pvmm. */
enum exit_code {
	EXIT_GUEST_OK = 0,	/* powered off, or reported success */
	EXIT_GUEST_FAIL = 1,	/* reset, crashed, or reported a failure */
	EXIT_USAGE = 2,		/* the command line is wrong */
	EXIT_VMM = 3,		/* the VMM failed, or KVM under it */
	EXIT_UNSUPPORTED = 4,	/* this host cannot run guests (kselftest: skip) */
	EXIT_SAVED = 5,		/* a snapshot was written, and the guest ended */
	EXIT_TIMEOUT = 124,	/* --timeout is over, as with timeout(1) */
};

int error__never_wait(void);
int vmm_error(int error, const char *remedy, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void vmm_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif /* PVMM_ERROR_H */
