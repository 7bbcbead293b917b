/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The signals that end a guest: SIGINT, SIGTERM and SIGHUP.
 */
#ifndef PVMM_SIGNALS_H
#define PVMM_SIGNALS_H

#include "execution/event.h"

void signals__end(struct event_loop *loop);
bool signals__have_ended_it(void);

#endif /* PVMM_SIGNALS_H */
