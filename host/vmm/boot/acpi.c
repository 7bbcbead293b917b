// SPDX-License-Identifier: GPL-2.0
/*
 * ACPI tables, as far as Linux needs them: RSDP -> XSDT -> FADT -> DSDT, and
 * MADT. ACPI specification 6.4, chapter 5.
 *
 * The FADT describes the registers of power.c. The I/O APIC has no overrides:
 * KVM's default routing connects line N to pin N.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "acpi.h"
#include "aml.h"
#include "../base/error.h"
#include "../base/layout.h"
#include "../devices/power.h"

#define TABLE_ALIGNMENT		16
#define DSDT_MAX		4096
#define FACS			(LAYOUT_ACPI + 64)
#define FIRST_TABLE		(LAYOUT_ACPI + 128)

struct acpi_header {
	char signature[4];
	u32 length;
	u8 revision;
	u8 checksum;
	char oem_id[6];
	char oem_table_id[8];
	u32 oem_revision;
	char creator_id[4];
	u32 creator_revision;
} __attribute__((packed));

struct acpi_rsdp {
	char signature[8];
	u8 checksum;
	char oem_id[6];
	u8 revision;
	u32 rsdt;
	u32 length;
	u64 xsdt;
	u8 extended_checksum;
	u8 reserved[3];
} __attribute__((packed));

struct acpi_xsdt {
	struct acpi_header header;
	u64 table[2];
} __attribute__((packed));

struct acpi_address {
	u8 space;
	u8 bits;
	u8 bit_offset;
	u8 access_size;
	u64 address;
} __attribute__((packed));

#define SPACE_IO		1

/* Revision 6. */
struct acpi_fadt {
	struct acpi_header header;
	u32 facs;
	u32 dsdt;
	u8 reserved1;
	u8 preferred_profile;
	u16 sci_interrupt;
	u32 smi_command;
	u8 acpi_enable[4];
	u32 pm1a_event;
	u32 pm1b_event;
	u32 pm1a_control;
	u32 pm1b_control;
	u32 pm2_control;
	u32 pm_timer;
	u32 gpe0;
	u32 gpe1;
	u8 pm1_event_length;
	u8 pm1_control_length;
	u8 pm2_control_length;
	u8 pm_timer_length;
	u8 gpe_lengths[4];
	u16 c2_latency;
	u16 c3_latency;
	u8 obsolete[6];
	u8 day_alarm;
	u8 month_alarm;
	u8 century;
	u16 boot_flags;
	u8 reserved2;
	u32 flags;
	struct acpi_address reset_register;
	u8 reset_value;
	u16 arm_boot_flags;
	u8 minor_revision;
	u64 x_facs;
	u64 x_dsdt;
	struct acpi_address x_pm1a_event;
	struct acpi_address x_pm1b_event;
	struct acpi_address x_pm1a_control;
	struct acpi_address x_pm1b_control;
	struct acpi_address x_pm2_control;
	struct acpi_address x_pm_timer;
	struct acpi_address x_gpe0;
	struct acpi_address x_gpe1;
	struct acpi_address sleep_control;
	struct acpi_address sleep_status;
	u64 hypervisor_vendor;
} __attribute__((packed));

#define BOOT_LEGACY_DEVICES	BIT(0)
#define BOOT_NO_VGA		BIT(2)
#define BOOT_NO_PCIE_ASPM	BIT(4)
#define FLAG_WBINVD		BIT(0)
#define FLAG_C1			BIT(2)
#define FLAG_NO_POWER_BUTTON	BIT(4)
#define FLAG_NO_SLEEP_BUTTON	BIT(5)
#define FLAG_TIMER_32_BITS	BIT(8)
#define FLAG_RESET_REGISTER	BIT(10)
/* Longer than these is "not supported". */
#define NO_C2			101
#define NO_C3			1001

/* Firmware's own table: no checksum, and 64-byte aligned. */
struct acpi_facs {
	char signature[4];
	u32 length;
	u8 unused[24];
	u8 version;
	u8 reserved[31];
} __attribute__((packed));

struct acpi_madt {
	struct acpi_header header;
	u32 lapic;
	u32 flags;
} __attribute__((packed));

#define MADT_PC_AT		1	/* has two PICs, too */

struct acpi_madt_lapic {
	u8 type;
	u8 length;
	u8 processor;
	u8 apic_id;
	u32 flags;
} __attribute__((packed));

struct acpi_madt_ioapic {
	u8 type;
	u8 length;
	u8 ioapic_id;
	u8 reserved;
	u32 address;
	u32 first_irq;
} __attribute__((packed));

struct acpi_madt_all {
	struct acpi_madt madt;
	struct acpi_madt_ioapic ioapic;
	struct acpi_madt_lapic lapic[ACPI_MAX_CPUS];
} __attribute__((packed));

static u8 checksum(const void *bytes, size_t length)
{
	const u8 *byte = bytes;
	u8 sum = 0;

	while (length--)
		sum += *byte++;
	return -sum;
}

static void set_header(struct acpi_header *header, const char *signature,
		       u8 revision)
{
	memcpy(header->signature, signature, sizeof(header->signature));
	header->revision = revision;
	memcpy(header->oem_id, "PVTKTL", sizeof(header->oem_id));
	memcpy(header->oem_table_id, "PVMM    ", sizeof(header->oem_table_id));
	header->oem_revision = 1;
	memcpy(header->creator_id, "PVMM", sizeof(header->creator_id));
	header->creator_revision = 1;
}

/* Where the next table goes. */
struct cursor {
	struct guest_memory *memory;
	u64 address;
};

/* Copy a finished table into the guest; returns its address, 0 if it is full. */
static u64 put_table(struct cursor *cursor, struct acpi_header *header,
		     size_t length)
{
	u64 address = cursor->address;
	void *target = guest_memory__at(cursor->memory, address, length);

	if (!target || length > LAYOUT_ACPI_END - address)
		return 0;
	header->length = length;
	header->checksum = 0;
	header->checksum = checksum(header, length);
	memcpy(target, header, length);
	cursor->address = (address + length + TABLE_ALIGNMENT - 1) &
		~(u64)(TABLE_ALIGNMENT - 1);
	return address;
}

static void describe_device(struct aml *aml, const struct acpi_device *device,
			    unsigned int number)
{
	char name[5];

	snprintf(name, sizeof(name), "D%03u", number % 1000);
	aml__open_device(aml, name);
	aml__name_string(aml, "_HID", device->hardware_id);
	aml__name_byte(aml, "_UID", number);
	aml__open_resources(aml);
	if (device->memory_size)
		aml__resource_memory(aml, device->memory, device->memory_size);
	if (device->ports)
		aml__resource_ports(aml, device->port, device->ports);
	if (device->irq)
		aml__resource_irq(aml, device->irq);
	aml__close_resources(aml);
	aml__close(aml);
}

/* Name (_S5, Package () {type, type, 0, 0}) */
static void describe_power_off(struct aml *aml)
{
	static const u8 package[] = {
		0x08, '_', 'S', '5', '_', 0x12, 0x08, 0x04,
		0x0a, POWER_SLEEP_TYPE_OFF, 0x0a, POWER_SLEEP_TYPE_OFF,
		0x00, 0x00,
	};

	aml__bytes(aml, package, sizeof(package));
}

static u64 put_dsdt(struct cursor *cursor, const struct acpi_config *config)
{
	u8 buffer[DSDT_MAX] = { 0 };
	struct acpi_header *header = (struct acpi_header *)buffer;
	struct aml aml = { .buffer = buffer, .size = sizeof(buffer),
			   .length = sizeof(*header) };
	unsigned int i;

	set_header(header, "DSDT", 2);
	describe_power_off(&aml);
	aml__open_scope(&aml, "_SB_");
	for (i = 0; i < config->devices; i++)
		describe_device(&aml, &config->device[i], i);
	aml__close(&aml);
	return aml__complete(&aml) ? put_table(cursor, header, aml.length) : 0;
}

static struct acpi_address io_address(u64 port, u8 bytes)
{
	return (struct acpi_address){
		.space = SPACE_IO,
		.bits = 8 * bytes,
		.access_size = bytes == 4 ? 3 : bytes,
		.address = port,
	};
}

static u64 put_fadt(struct cursor *cursor, u64 dsdt)
{
	struct acpi_fadt fadt = {
		.facs = FACS,
		.dsdt = dsdt,
		.x_dsdt = dsdt,
		.sci_interrupt = LAYOUT_SCI_IRQ,
		.pm1a_event = POWER_EVENT,
		.pm1_event_length = POWER_EVENT_LENGTH,
		.pm1a_control = POWER_CONTROL,
		.pm1_control_length = POWER_CONTROL_LENGTH,
		.pm_timer = POWER_TIMER,
		.pm_timer_length = POWER_TIMER_LENGTH,
		.c2_latency = NO_C2,
		.c3_latency = NO_C3,
		.boot_flags = BOOT_LEGACY_DEVICES | BOOT_NO_VGA |
			BOOT_NO_PCIE_ASPM,
		.flags = FLAG_WBINVD | FLAG_C1 | FLAG_NO_POWER_BUTTON |
			FLAG_NO_SLEEP_BUTTON | FLAG_TIMER_32_BITS |
			FLAG_RESET_REGISTER,
		.reset_register = io_address(POWER_RESET, 1),
		.reset_value = POWER_RESET_VALUE,
		.x_pm1a_event = io_address(POWER_EVENT, POWER_EVENT_LENGTH),
		.x_pm1a_control = io_address(POWER_CONTROL,
					     POWER_CONTROL_LENGTH),
		.x_pm_timer = io_address(POWER_TIMER, POWER_TIMER_LENGTH),
	};

	set_header(&fadt.header, "FACP", 6);
	return put_table(cursor, &fadt.header, sizeof(fadt));
}

static u64 put_madt(struct cursor *cursor, unsigned int cpus)
{
	struct acpi_madt_all all = {
		.madt = { .lapic = LAYOUT_LAPIC, .flags = MADT_PC_AT },
		.ioapic = { .type = 1, .length = sizeof(all.ioapic),
			    .address = LAYOUT_IOAPIC },
	};
	unsigned int i;

	set_header(&all.madt.header, "APIC", 4);
	for (i = 0; i < cpus; i++)
		all.lapic[i] = (struct acpi_madt_lapic){
			.length = sizeof(all.lapic[i]),
			.processor = i,
			.apic_id = i,
			.flags = 1,	/* enabled */
		};
	return put_table(cursor, &all.madt.header,
			 offsetof(struct acpi_madt_all, lapic) +
			 cpus * sizeof(all.lapic[0]));
}

static void put_facs(struct guest_memory *memory, u64 address)
{
	struct acpi_facs facs = { .length = sizeof(facs), .version = 2 };

	memcpy(facs.signature, "FACS", sizeof(facs.signature));
	memcpy(guest_memory__at(memory, address, sizeof(facs)), &facs,
	       sizeof(facs));
}

static void put_rsdp(struct guest_memory *memory, u64 xsdt)
{
	struct acpi_rsdp rsdp = {
		.revision = 2,
		.length = sizeof(rsdp),
		.xsdt = xsdt,
	};

	memcpy(rsdp.signature, "RSD PTR ", sizeof(rsdp.signature));
	memcpy(rsdp.oem_id, "PVTKTL", sizeof(rsdp.oem_id));
	/* The first checksum covers what there was in revision 0. */
	rsdp.checksum = checksum(&rsdp, offsetof(struct acpi_rsdp, length));
	rsdp.extended_checksum = checksum(&rsdp, sizeof(rsdp));
	memcpy(guest_memory__at(memory, LAYOUT_ACPI, sizeof(rsdp)), &rsdp,
	       sizeof(rsdp));
}

/**
 * acpi__write_tables() - write the tables into guest memory
 * @memory: at least GUEST_MEMORY_MIN
 * @config: CPUs and devices of the guest
 *
 * Return: 0, or a negative errno after a message.
 */
int acpi__write_tables(struct guest_memory *memory,
		       const struct acpi_config *config)
{
	struct cursor cursor = { memory, FIRST_TABLE };
	struct acpi_xsdt xsdt = { 0 };
	u64 dsdt, address;

	if (config->cpus > ACPI_MAX_CPUS || config->devices > ACPI_MAX_DEVICES)
		return vmm_error(E2BIG, "use fewer", "ACPI: %u CPUs, %u devices",
				 config->cpus, config->devices);
	dsdt = put_dsdt(&cursor, config);
	xsdt.table[0] = put_fadt(&cursor, dsdt);
	xsdt.table[1] = put_madt(&cursor, config->cpus);
	set_header(&xsdt.header, "XSDT", 1);
	address = put_table(&cursor, &xsdt.header, sizeof(xsdt));
	if (!dsdt || !xsdt.table[0] || !xsdt.table[1] || !address)
		return vmm_error(ENOSPC, "use fewer devices", "ACPI tables");
	put_facs(memory, FACS);
	put_rsdp(memory, address);
	return 0;
}
