// SPDX-License-Identifier: GPL-2.0
/*
 * ACPI tables, read as a kernel reads them.
 */
#include <errno.h>

#include "../harness.h"
#include "../../host/vmm/boot/acpi.h"
#include "../../host/vmm/boot/aml.h"
#include "../../host/vmm/base/layout.h"
#include "fixture.h"

FIXTURE(acpi) {
	struct guest_memory memory;
	struct acpi_config config;
};

FIXTURE_SETUP(acpi)
{
	test_memory__alloc(&self->memory, 2 * MIB);
	self->config = (struct acpi_config){ .cpus = 8 };
}

FIXTURE_TEARDOWN(acpi)
{
	test_memory__free(&self->memory);
}

static u32 read_u32(const struct guest_memory *memory, u64 address)
{
	u32 value;

	memcpy(&value, guest_memory__at(memory, address, 4), 4);
	return value;
}

static u8 sum(const struct guest_memory *memory, u64 address, u32 length)
{
	const u8 *byte = guest_memory__at(memory, address, length);
	u8 total = 0;

	while (length--)
		total += *byte++;
	return total;
}

/* The address of a table that the XSDT lists; 0: not there, or damaged. */
static u64 find(const struct guest_memory *memory, const char *signature)
{
	u32 xsdt = read_u32(memory, LAYOUT_ACPI + 24);
	u32 length = read_u32(memory, xsdt + 4);
	u32 entry;

	if (sum(memory, xsdt, length))
		return 0;
	for (entry = xsdt + 36; entry < xsdt + length; entry += 8) {
		u32 table = read_u32(memory, entry);

		if (!memcmp(memory->base + table, signature, 4) &&
		    !sum(memory, table, read_u32(memory, table + 4)))
			return table;
	}
	return 0;
}

TEST_F(acpi, root_pointer)
{
	ASSERT_EQ(0, acpi__write_tables(&self->memory, &self->config));
	EXPECT_EQ(0, memcmp("RSD PTR ", self->memory.base + LAYOUT_ACPI, 8));
	EXPECT_EQ(0, sum(&self->memory, LAYOUT_ACPI, 20));
	EXPECT_EQ(0, sum(&self->memory, LAYOUT_ACPI, 36));
}

TEST_F(acpi, madt_lists_the_cpus)
{
	u64 madt, length;

	ASSERT_EQ(0, acpi__write_tables(&self->memory, &self->config));
	madt = find(&self->memory, "APIC");
	ASSERT_NE(0, madt);
	length = read_u32(&self->memory, madt + 4);
	/* Header and flags, an I/O APIC, and 8 bytes for each CPU. */
	EXPECT_EQ(44 + 12 + 8 * 8, length);
	EXPECT_EQ(7, self->memory.base[madt + length - 8 + 3]);
}

TEST_F(acpi, fadt_leads_to_the_dsdt)
{
	u64 fadt;
	u32 dsdt;

	ASSERT_EQ(0, acpi__write_tables(&self->memory, &self->config));
	fadt = find(&self->memory, "FACP");
	ASSERT_NE(0, fadt);
	EXPECT_EQ(276, read_u32(&self->memory, fadt + 4));
	dsdt = read_u32(&self->memory, fadt + 40);
	EXPECT_EQ(dsdt, read_u32(&self->memory, fadt + 140));
	EXPECT_EQ(0, memcmp("DSDT", self->memory.base + dsdt, 4));
	EXPECT_EQ(0, sum(&self->memory, dsdt,
			 read_u32(&self->memory, dsdt + 4)));
}

TEST_F(acpi, most_cpus_and_devices_fit)
{
	unsigned int i;

	self->config.cpus = ACPI_MAX_CPUS;
	self->config.devices = ACPI_MAX_DEVICES;
	for (i = 0; i < ACPI_MAX_DEVICES; i++)
		self->config.device[i] = (struct acpi_device){
			"LNRO0005", 0xd0000000 + i * 4096, 512, 0x620, 8, 16,
		};
	ASSERT_EQ(0, acpi__write_tables(&self->memory, &self->config));
	EXPECT_NE(0, find(&self->memory, "APIC"));
	EXPECT_NE(0, find(&self->memory, "FACP"));
	EXPECT_EQ(0, self->memory.base[LAYOUT_ACPI_END]);
}

TEST_F(acpi, too_many_are_refused)
{
	self->config.cpus = ACPI_MAX_CPUS + 1;
	EXPECT_EQ(-E2BIG, acpi__write_tables(&self->memory, &self->config));
}

TEST(aml_package_length)
{
	u8 buffer[64] = { 0 };
	struct aml aml = { .buffer = buffer, .size = sizeof(buffer) };

	aml__open_scope(&aml, "_SB_");
	aml__name_byte(&aml, "TEST", 5);
	aml__close(&aml);
	ASSERT_TRUE(aml__complete(&aml));
	/* 3 bytes of length, a name, and Name () with 7 bytes. */
	EXPECT_EQ(14, (buffer[1] & 0xf) | buffer[2] << 4 | buffer[3] << 12);
	EXPECT_EQ(2, buffer[1] >> 6);
	EXPECT_EQ(15, aml.length);
}

TEST(aml_that_does_not_fit)
{
	u8 *buffer = malloc(8);
	struct aml aml = { .buffer = buffer, .size = 8 };

	aml__open_device(&aml, "D000");
	aml__open_resources(&aml);
	aml__resource_memory(&aml, 1, 2);
	aml__close_resources(&aml);
	aml__close(&aml);
	EXPECT_FALSE(aml__complete(&aml));
	free(buffer);
}

TEST_HARNESS_MAIN
