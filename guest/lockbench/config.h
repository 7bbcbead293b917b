/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reading a run's configuration.
 */
#ifndef LOCKBENCH_CONFIG_H
#define LOCKBENCH_CONFIG_H

#include "run.h"

int bench_config_parse(struct bench_config *config, char *line);
const char *bench_ring_name(const struct bench_config *config);

#endif /* LOCKBENCH_CONFIG_H */
