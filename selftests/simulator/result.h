/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SIMULATOR_RESULT_H
#define SIMULATOR_RESULT_H

#include "workload.h"

void result_print(const struct workload *workload, const char *column);

#endif /* SIMULATOR_RESULT_H */
