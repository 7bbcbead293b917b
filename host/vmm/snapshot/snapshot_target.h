/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The file that snapshots are written to.
 */
#ifndef PVMM_SNAPSHOT_TARGET_H
#define PVMM_SNAPSHOT_TARGET_H

#include <limits.h>

#include "../base/types.h"

/**
 * struct snapshot_target - where to write snapshots, one replacing the other
 * @filer: the process that creates and renames files, or -1: there is no target
 * @path: for messages
 * @name: of the file in its directory
 * @temporary: name that it has until it is complete
 */
struct snapshot_target {
	int filer;
	const char *path;
	char name[NAME_MAX + 1];
	char temporary[NAME_MAX + 1];
};

int snapshot_target__open(struct snapshot_target *target, const char *path);
void snapshot_target__close(struct snapshot_target *target);
int snapshot_target__create(const struct snapshot_target *target);
int snapshot_target__commit(const struct snapshot_target *target);
void snapshot_target__abandon(const struct snapshot_target *target);

#endif /* PVMM_SNAPSHOT_TARGET_H */
