// SPDX-License-Identifier: GPL-2.0
/*
 * What KVM has counted.
 *
 * Names and places are read at the start, when that is still allowed; at the end,
 * only the values are.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "../base/error.h"
#include "kvm_stats.h"

static bool read_at(int fd, void *buffer, size_t size, u64 offset)
{
	const struct iovec piece = { buffer, size };

	return preadv(fd, &piece, 1, offset) == (ssize_t)size;
}

static size_t descriptor_size(const struct kvm_stats *stats)
{
	return sizeof(struct kvm_stats_desc) + stats->header.name_size;
}

static int read_descriptors(struct kvm_stats *stats)
{
	const struct kvm_stats_header *header = &stats->header;
	size_t size;

	if (!read_at(stats->fd, &stats->header, sizeof(stats->header), 0))
		return -EIO;
	size = header->num_desc * descriptor_size(stats);
	stats->descriptors = malloc(size);
	if (!stats->descriptors)
		return -ENOMEM;
	return read_at(stats->fd, stats->descriptors, size, header->desc_offset) ?
		0 : -EIO;
}

/**
 * kvm_stats__open() - prepare to read the counters of a VM or of a vCPU
 * @stats: to be set up, all zero
 * @owner: file descriptor of the VM or of the vCPU
 *
 * A KVM that does not have them is no error.
 *
 * Context: Before the process is restricted.
 * Return: 0, or a negative errno after a message; kvm_stats__close() in any case.
 */
int kvm_stats__open(struct kvm_stats *stats, int owner)
{
	int error, fd = ioctl(owner, KVM_GET_STATS_FD, NULL);

	if (fd < 0)
		return 0;
	stats->fd = fd;
	error = read_descriptors(stats);
	if (error)
		return vmm_error(-error, "leave out --stats", "KVM_GET_STATS_FD");
	return 0;
}

/**
 * kvm_stats__close() - undo kvm_stats__open()
 * @stats: of it, or all zero
 */
void kvm_stats__close(struct kvm_stats *stats)
{
	free(stats->descriptors);
	if (stats->fd > 0)
		close(stats->fd);
}

static void write_values(FILE *file, const struct kvm_stats *stats,
			 const struct kvm_stats_desc *descriptor)
{
	u64 offset = stats->header.data_offset + descriptor->offset;
	unsigned int i;
	u64 value;

	if (descriptor->size > 1)
		fprintf(file, "[");
	for (i = 0; i < descriptor->size; i++) {
		if (!read_at(stats->fd, &value, sizeof(value), offset + i * sizeof(value)))
			value = 0;
		fprintf(file, "%s%llu", i ? "," : "", (unsigned long long)value);
	}
	if (descriptor->size > 1)
		fprintf(file, "]");
}

/**
 * kvm_stats__write() - write all counters as a JSON object
 * @file: where to
 * @stats: of kvm_stats__open(); without counters, the object is empty
 *
 * Names are KVM's, and so are units: times are in nanoseconds where the name
 * ends so, all others are numbers of events.
 */
void kvm_stats__write(FILE *file, const struct kvm_stats *stats)
{
	const char *separator = "";
	u32 i;

	fprintf(file, "{");
	for (i = 0; stats->descriptors && i < stats->header.num_desc; i++) {
		const struct kvm_stats_desc *descriptor = (const void *)
			(stats->descriptors + i * descriptor_size(stats));

		fprintf(file, "%s\"%s\": ", separator, descriptor->name);
		write_values(file, stats, descriptor);
		separator = ", ";
	}
	fprintf(file, "}");
}
