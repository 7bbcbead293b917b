/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The command line: words key=value, as those of lockbench.
 */
#ifndef BARE_CONFIG_H
#define BARE_CONFIG_H

#include "run.h"

void config_parse(struct bench_config *config);
const char *config_ring_name(const struct bench_config *config);
const char *config_hold_name(const struct bench_config *config);

#endif /* BARE_CONFIG_H */
