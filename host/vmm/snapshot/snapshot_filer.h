/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A process that creates, renames and removes one file on behalf of a VMM that may
 * not look up any path.
 */
#ifndef PVMM_SNAPSHOT_FILER_H
#define PVMM_SNAPSHOT_FILER_H

/**
 * enum filer_request - what it does
 * @FILER_CREATE: a new file, under its temporary name; answers with the file
 * @FILER_COMMIT: gives it its name, and replaces what had it before
 * @FILER_ABANDON: removes it
 */
enum filer_request {
	FILER_CREATE,
	FILER_COMMIT,
	FILER_ABANDON,
};

int snapshot_filer__start(int directory, const char *temporary,
			  const char *name);
int snapshot_filer__ask(int filer, enum filer_request request);

#endif /* PVMM_SNAPSHOT_FILER_H */
