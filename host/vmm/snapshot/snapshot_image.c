// SPDX-License-Identifier: GPL-2.0
/*
 * Reading a snapshot. The file may be anything; all of it is checked before any
 * of it is used, and a checksum is no proof of good will: who makes a file makes
 * its checksum, too. What is inside of a section is checked by who loads it.
 */
#include <errno.h>
#include <string.h>
#include <zlib.h>

#include "../base/error.h"
#include "snapshot_format.h"

#define COPY_AGAIN	"copy it again, or write a new snapshot"

static int refuse(const char *path, const char *wrong, const char *remedy)
{
	return vmm_error(EINVAL, remedy, "%s %s", path, wrong);
}

static int check_format(const struct snapshot_image *image, const char *path)
{
	const struct snapshot_header *header = (const void *)image->data;

	if (image->size < sizeof(header->magic) ||
	    memcmp(header->magic, SNAPSHOT_MAGIC, sizeof(header->magic)))
		return refuse(path, "is no snapshot",
			      "give a file that --snapshot-to has written");
	if (image->size < sizeof(*header))
		return refuse(path, "is truncated", COPY_AGAIN);
	if (header->version != SNAPSHOT_VERSION)
		return vmm_error(EINVAL, "restore it with the version of pvmm that has written it",
				 "%s has version %u of the format, and this pvmm reads %u",
				 path, header->version, SNAPSHOT_VERSION);
	return 0;
}

static u32 checksum(const void *data, u64 size)
{
	return crc32_z(0, data, size);
}

static int check_sums(const struct snapshot_image *image, const char *path)
{
	const struct snapshot_header *header = (const void *)image->data;

	if (header->reserved || header->header_checksum !=
	    checksum(header, offsetof(struct snapshot_header, header_checksum)))
		return refuse(path, "is corrupt: its header does not match the checksum",
			      COPY_AGAIN);
	if (image->size < header->size)
		return refuse(path, "is truncated", COPY_AGAIN);
	if (image->size > header->size)
		return refuse(path, "is longer than it was written", COPY_AGAIN);
	if (header->checksum != checksum(header + 1,
					 image->size - sizeof(*header)))
		return refuse(path, "is corrupt: its content does not match the checksum",
			      COPY_AGAIN);
	return 0;
}

/* The section at an offset; NULL unless all of it is there. */
static const struct snapshot_section *
section_at(const struct snapshot_image *image, u64 offset)
{
	const struct snapshot_section *section;
	u64 left;

	if (offset > image->size || image->size - offset < sizeof(*section))
		return NULL;
	section = (const void *)(image->data + offset);
	left = image->size - offset - sizeof(*section);
	/* With its padding, which cannot overflow then. */
	if (section->size > left ||
	    -section->size % SNAPSHOT_ALIGNMENT > left - section->size)
		return NULL;
	return section;
}

static u64 end_of(const struct snapshot_image *image,
		  const struct snapshot_section *section)
{
	u64 start = (const u8 *)(section + 1) - image->data;

	return start + section->size + -section->size % SNAPSHOT_ALIGNMENT;
}

static bool ascends(const struct snapshot_section *before,
		    const struct snapshot_section *section)
{
	return !before || section->kind > before->kind ||
		(section->kind == before->kind &&
		 section->number > before->number);
}

static bool sections_are_sound(const struct snapshot_image *image)
{
	const struct snapshot_section *section, *before = NULL;
	u64 offset = sizeof(struct snapshot_header);

	while (offset < image->size) {
		section = section_at(image, offset);
		if (!section || !section->kind ||
		    section->kind >= SNAPSHOT_KINDS ||
		    !ascends(before, section))
			return false;
		before = section;
		offset = end_of(image, section);
	}
	return true;
}

/**
 * snapshot_image__check() - check that a file is a snapshot, and all of it
 * @image: anything, aligned to SNAPSHOT_ALIGNMENT
 * @path: for a message
 *
 * Return: 0, or -EINVAL after a message.
 */
int snapshot_image__check(const struct snapshot_image *image, const char *path)
{
	int error = check_format(image, path) ?: check_sums(image, path);

	if (!error && !sections_are_sound(image))
		error = refuse(path, "does not consist of sections", COPY_AGAIN);
	return error;
}

/**
 * snapshot_image__next() - get the next section of a snapshot
 * @image: has been checked
 * @section: the one before; NULL: for the first
 *
 * Return: the next; NULL: there is none.
 */
const struct snapshot_section *
snapshot_image__next(const struct snapshot_image *image,
		     const struct snapshot_section *section)
{
	return section_at(image, section ? end_of(image, section) :
			  sizeof(struct snapshot_header));
}

/**
 * snapshot_image__find() - find a section by its name
 * @image: has been checked
 * @kind: what it is
 * @number: which one
 *
 * Return: the section, or NULL.
 */
const struct snapshot_section *
snapshot_image__find(const struct snapshot_image *image,
		     enum snapshot_kind kind, u32 number)
{
	const struct snapshot_section *section = NULL;

	while ((section = snapshot_image__next(image, section))) {
		if (section->kind == kind && section->number == number)
			return section;
		if (section->kind > kind)
			break;
	}
	return NULL;
}
