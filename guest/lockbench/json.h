/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files in debugfs show, in JSON.
 */
#ifndef LOCKBENCH_JSON_H
#define LOCKBENCH_JSON_H

struct bench_result;
struct seq_file;

void result_show(struct seq_file *file, const struct bench_result *result);
void environment_show(struct seq_file *file);

#endif /* LOCKBENCH_JSON_H */
