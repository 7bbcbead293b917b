/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Programs for the CPUs of a scenario.
 */
#ifndef CHECKER_PROGRAMS_H
#define CHECKER_PROGRAMS_H

#include "engine/machine.h"

#define A	(&machine.lock[0])
#define B	(&machine.lock[1])

void use_a(void);
void use_a_twice(void);
void use_a_thrice(void);
void try_a(void);
void try_a_twice(void);
void use_a_irqs_off(void);
void use_a_irqs_off_twice(void);
void use_a_four_times(void);
void use_b(void);
void use_b_irqs_off(void);
void use_a_then_b_irqs_off(void);
void nest_b_in_a(void);
void use_a_then_b(void);
void use_a_then_nest_b_in_a(void);
void use_a_and_put(void);
void use_a_and_recycle(void);

#endif /* CHECKER_PROGRAMS_H */
