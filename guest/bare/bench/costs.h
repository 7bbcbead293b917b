/* SPDX-License-Identifier: GPL-2.0 */
#ifndef BARE_COSTS_H
#define BARE_COSTS_H

void costs_answer(void);
void costs_print(void);

#endif /* BARE_COSTS_H */
