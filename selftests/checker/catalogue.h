/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All that can be explored: the scenarios, the same ones with the kernel's
 * lock word, and the controls.
 */
#ifndef CHECKER_CATALOGUE_H
#define CHECKER_CATALOGUE_H

#include "scenario.h"

void catalogue_build(void);
unsigned int catalogue_size(void);
const struct scenario *catalogue_at(unsigned int number);
/* How many come before the controls. */
unsigned int catalogue_nr_scenarios(void);

#endif /* CHECKER_CATALOGUE_H */
