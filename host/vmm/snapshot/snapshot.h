/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Snapshots of a running guest: taken at a signal, and restored at the start.
 */
#ifndef PVMM_SNAPSHOT_H
#define PVMM_SNAPSHOT_H

#include "../base/file.h"
#include "../machine/machine.h"
#include "snapshot_format.h"
#include "snapshot_target.h"

/**
 * struct snapshots - what takes snapshots of a machine
 * @machine: which
 * @target: where they go; without one, none are taken
 * @request: an eventfd, at which they are asked for
 */
struct snapshots {
	struct machine *machine;
	struct snapshot_target target;
	struct event_source request;
};

int snapshots__open(struct snapshots *snapshots, const struct options *options);
int snapshots__attach(struct snapshots *snapshots, struct machine *machine);
int snapshots__take(struct snapshots *snapshots);

/**
 * struct snapshot_file - a snapshot that is restored
 * @file: a copy of it
 * @image: its content, which has been checked
 */
struct snapshot_file {
	struct file_copy file;
	struct snapshot_image image;
};

int snapshot_file__open(struct snapshot_file *snapshot,
			const struct options *options);
int snapshot_file__restore(const struct snapshot_file *snapshot,
			   struct machine *machine);
void snapshot_file__close(struct snapshot_file *snapshot);

#endif /* PVMM_SNAPSHOT_H */
