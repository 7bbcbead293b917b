/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Can this kernel's spinlocks be taken over?
 */
#ifndef PVTICKETLOCK_TAKEOVER_CHECKS_H
#define PVTICKETLOCK_TAKEOVER_CHECKS_H

int takeover_check(void);

#endif /* PVTICKETLOCK_TAKEOVER_CHECKS_H */
