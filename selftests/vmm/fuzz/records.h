/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The language in which a fuzzer describes a snapshot. An input begins with a
 * byte, enum input_kind.
 */
#ifndef VMM_TEST_RECORDS_H
#define VMM_TEST_RECORDS_H

#include <stdint.h>

enum input_kind {
	INPUT_RECORDS,		/* struct record, with bytes after it, several */
	INPUT_BODY,		/* what follows the header of a file */
	INPUT_FILE,
	INPUT_KINDS,
};

/* Of the disk that is there; another one is refused. */
#define RECORDS_DISK_SIZE	8192

/* A section of a snapshot. */
struct record {
	uint8_t kind;		/* as enum snapshot_kind */
	uint8_t number;
	uint16_t size;		/* bytes that follow; of memory, pages instead */
};

#endif /* VMM_TEST_RECORDS_H */
