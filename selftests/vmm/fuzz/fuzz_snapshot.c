// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz target: a snapshot that is anything; see records.h. Most have a header that
 * is right, as otherwise all but a few would fail at its checksum. What is not
 * refused is loaded into a machine without KVM, which then has to cope with a
 * driver.
 */
#include <zlib.h>

#include "../../../host/vmm/snapshot/machine_identity.h"
#include "../../../host/vmm/devices/rtc.h"
#include "../../../host/vmm/devices/serial.h"
#include "../driver.h"
#include "../fixture.h"
#include "records.h"
#include "../virtio_devices.h"

#define MEMORY		(64 * KIB)
#define QUEUES		6
#define TURNS_MAX	4
#define FILE_MAX	(256 * KIB)
#define PAGES_MAX	20
#define HEADER_SUMMED	offsetof(struct snapshot_header, header_checksum)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static struct guest_memory memory;
static struct counted_irq irq;
static struct event_loop loop;
static struct chardev line;
static struct serial serial;
static struct rtc rtc;
static struct virtio_block block;
static struct virtio_console console;
static struct device *devices[4];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	test_locks__init();
	test_thread__enter("fuzzer");
	test_memory__alloc(&memory, MEMORY);
	counted_irq__init(&irq);
	test_console__init(&console, &loop, &memory, &irq.line);
	devices[3] = &console.virtio.device;
	test_disk__init(&block, &memory, &irq.line, RECORDS_DISK_SIZE);
	devices[2] = &block.virtio.device;
	if (chardev__open(&line, &loop, "null"))
		abort();
	serial__init(&serial, &line, &irq.line);
	devices[0] = &serial.device;
	rtc__init(&rtc);
	devices[1] = &rtc.device;
	return 0;
}

static u32 checksum(const void *data, size_t size)
{
	return crc32_z(0, data, size);
}

/* A file, in a buffer that is exactly as large. */
static struct snapshot_image make_file(const void *data, size_t size)
{
	u8 *file = malloc(size);

	memcpy(file, data, size);
	return (struct snapshot_image){ file, size };
}

/* The same with a header, whose place is free. */
static struct snapshot_image add_header(struct snapshot_header *header,
					size_t size)
{
	*header = (struct snapshot_header){
		.version = SNAPSHOT_VERSION,
		.checksum = checksum(header + 1, size - sizeof(*header)),
		.size = size,
	};
	memcpy(header->magic, SNAPSHOT_MAGIC, sizeof(header->magic));
	header->header_checksum = checksum(header, HEADER_SUMMED);
	return make_file(header, size);
}

/* The section of a record; returns how much of the input is its own. */
static size_t add_section(const struct record *record, const uint8_t *data,
			  size_t size, struct snapshot_section *section)
{
	bool pages = record->kind == SNAPSHOT_MEMORY;
	size_t given = pages ? 0 : record->size;

	*section = (struct snapshot_section){
		record->kind, record->number,
		pages ? record->size % PAGES_MAX * PAGE_SIZE : record->size,
	};
	memset(section + 1, 0xa5, section->size + SNAPSHOT_ALIGNMENT);
	if (given > size)
		given = size;
	memcpy(section + 1, data, given);
	return given;
}

static struct snapshot_image make_records(const uint8_t *data, size_t size)
{
	static u64 file[FILE_MAX / sizeof(u64)];
	size_t end = sizeof(struct snapshot_header);
	struct snapshot_section *section;
	struct record record;

	while (size >= sizeof(record) && end < FILE_MAX / 2) {
		size_t own;

		memcpy(&record, data, sizeof(record));
		section = (void *)((u8 *)file + end);
		own = sizeof(record) + add_section(&record, data + sizeof(record),
						   size - sizeof(record), section);
		data += own;
		size -= own;
		end += sizeof(*section) + section->size +
			-section->size % SNAPSHOT_ALIGNMENT;
	}
	return add_header((void *)file, end);
}

static struct snapshot_image make_input(const uint8_t *data, size_t size)
{
	return make_file(data, size);
}

static struct snapshot_image make_body(const uint8_t *data, size_t size)
{
	static u64 file[FILE_MAX / sizeof(u64)];
	struct snapshot_header *header = (void *)file;

	memcpy(header + 1, data, size);
	return add_header(header, sizeof(*header) + size);
}

static bool load_device(struct device *device,
			const struct snapshot_section *section)
{
	struct state state = {
		.data = (u8 *)snapshot_section__data(section),
		.size = section->size, .loads = true,
	};

	device__exchange(device, &state);
	return !state.wrong;
}

/* As a guest would go on. */
static void use_devices(void)
{
	struct transaction transaction = { 0 };
	struct driver driver;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(devices); i++) {
		driver__init(&driver, NULL, &memory);
		device__resume(devices[i], &driver.worker);
		driver__end(&driver, TURNS_MAX);
	}
	for (i = 0; i < SERIAL_PORTS; i++)
		serial.device.operations->read(&serial.device, &transaction, i, 1);
	rtc.device.operations->read(&rtc.device, &transaction, 1, 1);
	driver__init(&driver, &block.virtio, &memory);
	driver__notify(&driver, 0);
	driver__end(&driver, TURNS_MAX);
	driver__init(&driver, &console.virtio, &memory);
	for (i = 0; i < QUEUES; i++)
		driver__notify(&driver, i);
	driver__end(&driver, TURNS_MAX);
}

static void load(const struct snapshot_image *image)
{
	const struct options options = { .cpus = 2, .memory = MEMORY };
	const struct snapshot_section *section = NULL;

	machine_identity__check(image, &options);
	if (guest_memory__load(&memory, image))
		return;
	while ((section = snapshot_image__next(image, section)))
		if (section->kind == SNAPSHOT_DEVICE &&
		    section->number < ARRAY_SIZE(devices) &&
		    !load_device(devices[section->number], section))
			return;
	use_devices();
}

/* Devices begin anew, with nothing of what was loaded before. */
static void reset_devices(void)
{
	struct driver driver;

	serial__init(&serial, &line, &irq.line);
	rtc__init(&rtc);
	driver__init(&driver, &block.virtio, &memory);
	driver__stop(&driver);
	driver__init(&driver, &console.virtio, &memory);
	driver__stop(&driver);
	memset(memory.base, 0, MEMORY);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct snapshot_image (* const make[])(const uint8_t *data,
						      size_t size) = {
		[INPUT_RECORDS] = make_records,
		[INPUT_BODY] = make_body,
		[INPUT_FILE] = make_input,
	};
	struct snapshot_image image;

	if (!size || size > FILE_MAX / 2)
		return 0;
	image = make[data[0] % INPUT_KINDS](data + 1, size - 1);
	reset_devices();
	if (!snapshot_image__check(&image, "snapshot"))
		load(&image);
	free((void *)image.data);
	return 0;
}
