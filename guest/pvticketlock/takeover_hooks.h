/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The hooks in the kernel's slow paths.
 */
#ifndef PVTICKETLOCK_TAKEOVER_HOOKS_H
#define PVTICKETLOCK_TAKEOVER_HOOKS_H

#include <linux/types.h>

int takeover_hooks_add(void);
int takeover_hooks_remove(void);
void takeover_hooks_free(void);
void takeover_hooks_redirect(bool on);
bool takeover_hooks_redirecting(void);

#endif /* PVTICKETLOCK_TAKEOVER_HOOKS_H */
