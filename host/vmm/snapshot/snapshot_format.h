/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The format of snapshots, and how they are written and read.
 *
 *	header
 *	section, its bytes, 0 to 7 zero bytes		strictly ascending by
 *	...						(kind, number)
 *
 * Numbers are those of an x86 CPU. The content of most sections is a structure
 * of KVM's, or of ours; a change of one needs another SNAPSHOT_VERSION.
 */
#ifndef PVMM_SNAPSHOT_FORMAT_H
#define PVMM_SNAPSHOT_FORMAT_H

#include "../base/types.h"

#define SNAPSHOT_MAGIC		"PVMMSNAP"
#define SNAPSHOT_VERSION	1
#define SNAPSHOT_ALIGNMENT	8

/**
 * struct snapshot_header - what a file begins with
 * @magic: SNAPSHOT_MAGIC, without a zero byte
 * @version: SNAPSHOT_VERSION
 * @checksum: CRC-32 of all that follows the header
 * @size: of the whole file, in bytes
 * @reserved: 0
 * @header_checksum: CRC-32 of what is before it
 */
struct snapshot_header {
	char magic[8];
	u32 version;
	u32 checksum;
	u64 size;
	u32 reserved;
	u32 header_checksum;
};

enum snapshot_kind {
	SNAPSHOT_MACHINE = 1,	/* struct machine_identity */
	SNAPSHOT_CPUID,		/* struct kvm_cpuid_entry2, several */
	SNAPSHOT_VM,		/* struct vm_snapshot */
	SNAPSHOT_VCPU,		/* number: of the vCPU; struct vcpu_snapshot */
	SNAPSHOT_DEVICE,	/* number: see machine_state.c */
	SNAPSHOT_MEMORY,	/* number: of the first page; whole pages */
	SNAPSHOT_KINDS,
};

struct snapshot_section {
	u32 kind;
	u32 number;
	u64 size;		/* of the bytes that follow */
};

/**
 * struct snapshot_writer - a snapshot that is being written
 * @fd: the file
 * @checksum: of what follows the header, so far
 * @size: bytes, so far
 * @error: the first errno, or 0
 * @is_over: whether to give up, asked between pieces; or NULL
 * @argument: for @is_over
 */
struct snapshot_writer {
	int fd;
	u32 checksum;
	u64 size;
	int error;
	bool (*is_over)(const void *argument);
	const void *argument;
};

void snapshot_writer__begin(struct snapshot_writer *writer, int fd);
void snapshot_writer__add(struct snapshot_writer *writer,
			  enum snapshot_kind kind, u32 number, const void *data,
			  u64 size);
int snapshot_writer__finish(struct snapshot_writer *writer);

/**
 * struct snapshot_image - a snapshot in memory
 * @data: all of the file; sections are aligned as it is
 * @size: bytes
 */
struct snapshot_image {
	const u8 *data;
	u64 size;
};

int snapshot_image__check(const struct snapshot_image *image, const char *path);
const struct snapshot_section *
snapshot_image__next(const struct snapshot_image *image,
		     const struct snapshot_section *section);
const struct snapshot_section *
snapshot_image__find(const struct snapshot_image *image,
		     enum snapshot_kind kind, u32 number);

/**
 * snapshot_section__data() - get the bytes of a section
 * @section: of an image that has been checked
 *
 * Return: as many as section->size.
 */
static inline const void *
snapshot_section__data(const struct snapshot_section *section)
{
	return section + 1;
}

#endif /* PVMM_SNAPSHOT_FORMAT_H */
