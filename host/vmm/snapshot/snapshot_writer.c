// SPDX-License-Identifier: GPL-2.0
/*
 * Writing a snapshot: sections one after the other, and the header at the end,
 * when its checksum is known.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "snapshot_format.h"

/* What is written before the writer looks whether it is to give up. */
#define PIECE		(4 * MIB)

/* After an error, nothing more is written. */
static void write_all(struct snapshot_writer *writer, const void *data,
		      u64 size)
{
	const u8 *position = data;

	writer->size += size;
	while (size && !writer->error) {
		ssize_t done = write(writer->fd, position, size);

		if (done > 0) {
			position += done;
			size -= done;
		} else if (!done || errno != EINTR) {
			writer->error = done ? errno : EIO;
		}
	}
}

static void append_piece(struct snapshot_writer *writer, const void *data,
			 u64 size)
{
	if (!writer->error && writer->is_over &&
	    writer->is_over(writer->argument))
		writer->error = ECANCELED;
	if (writer->error)
		return;
	writer->checksum = crc32_z(writer->checksum, data, size);
	write_all(writer, data, size);
}

static void append(struct snapshot_writer *writer, const void *data, u64 size)
{
	const u8 *position = data;

	while (size) {
		u64 length = min(size, PIECE);

		append_piece(writer, position, length);
		position += length;
		size -= length;
	}
}

/**
 * snapshot_writer__begin() - begin with an empty file
 * @writer: to be set up
 * @fd: of the file
 */
void snapshot_writer__begin(struct snapshot_writer *writer, int fd)
{
	const struct snapshot_header later = { 0 };

	*writer = (struct snapshot_writer){ .fd = fd };
	write_all(writer, &later, sizeof(later));
}

/**
 * snapshot_writer__add() - write a section
 * @writer: of snapshot_writer__begin()
 * @kind: these have to ascend
 * @number: of the thing; these have to ascend within a kind
 * @data: its bytes
 * @size: how many
 */
void snapshot_writer__add(struct snapshot_writer *writer,
			  enum snapshot_kind kind, u32 number, const void *data,
			  u64 size)
{
	const struct snapshot_section section = { kind, number, size };
	static const u8 padding[SNAPSHOT_ALIGNMENT];

	append(writer, &section, sizeof(section));
	append(writer, data, size);
	append(writer, padding, -size % SNAPSHOT_ALIGNMENT);
}

static void fill_header(const struct snapshot_writer *writer,
			struct snapshot_header *header)
{
	*header = (struct snapshot_header){
		.version = SNAPSHOT_VERSION,
		.checksum = writer->checksum,
		.size = writer->size,
	};
	memcpy(header->magic, SNAPSHOT_MAGIC, sizeof(header->magic));
	header->header_checksum =
		crc32_z(0, (const u8 *)header,
			offsetof(struct snapshot_header, header_checksum));
}

/**
 * snapshot_writer__finish() - write the header, and all of it to the disk
 * @writer: of snapshot_writer__begin(); of no use any more
 *
 * Return: 0, or a positive errno: then the file is worth nothing.
 */
int snapshot_writer__finish(struct snapshot_writer *writer)
{
	struct snapshot_header header;

	fill_header(writer, &header);
	if (!writer->error && lseek(writer->fd, 0, SEEK_SET))
		writer->error = errno;
	write_all(writer, &header, sizeof(header));
	if (!writer->error && fdatasync(writer->fd))
		writer->error = errno;
	return writer->error;
}
