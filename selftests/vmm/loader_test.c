// SPDX-License-Identifier: GPL-2.0
/*
 * Loading kernels: where everything goes, and what is refused.
 */
#include <errno.h>

#include "../harness.h"
#include "../../host/vmm/base/layout.h"
#include "../../host/vmm/boot/loader.h"
#include "fixture.h"
#include "images.h"

FIXTURE(loader) {
	struct guest_memory memory;
	unsigned char *image;
	struct setup_header *header;
	Elf64_Phdr *segment;
	struct loader_input input;
	struct loader_result result;
};

FIXTURE_SETUP(loader)
{
	test_memory__alloc(&self->memory, IMAGE_MEMORY);
	self->image = malloc(IMAGE_BZIMAGE_SIZE);
	self->header = image_bzimage(self->image);
	self->input = (struct loader_input){
		.kernel = self->image, .kernel_size = IMAGE_BZIMAGE_SIZE,
		.command_line = "quiet",
	};
}

FIXTURE_TEARDOWN(loader)
{
	free(self->image);
	test_memory__free(&self->memory);
}

static void use_elf(struct _test_data_loader *self)
{
	self->segment = image_elf(self->image);
	self->input.kernel_size = IMAGE_ELF_SIZE;
}

#define LOAD()	loader__load(&self->memory, &self->input, &self->result)

static struct boot_params *params(struct _test_data_loader *self)
{
	return (void *)(self->memory.base + LAYOUT_BOOT_PARAMS);
}

TEST_F(loader, bzimage)
{
	ASSERT_EQ(0, LOAD());
	EXPECT_EQ(IMAGE_LOAD + 0x200, self->result.entry);
	EXPECT_EQ(0x90, self->memory.base[IMAGE_LOAD]);
	EXPECT_EQ(0, self->memory.base[IMAGE_LOAD - 1]);
	EXPECT_EQ(0xaa55, params(self)->hdr.boot_flag);
	EXPECT_EQ(0xff, params(self)->hdr.type_of_loader);
	EXPECT_EQ(LAYOUT_ACPI, params(self)->acpi_rsdp_addr);
	EXPECT_STREQ("quiet", (char *)self->memory.base +
		     params(self)->hdr.cmd_line_ptr);
}

TEST_F(loader, elf)
{
	use_elf(self);
	ASSERT_EQ(0, LOAD());
	EXPECT_EQ(IMAGE_LOAD + 16, self->result.entry);
	EXPECT_EQ(0x90, self->memory.base[IMAGE_LOAD]);
	EXPECT_EQ(0, self->memory.base[IMAGE_LOAD + IMAGE_ELF_SIZE -
				       IMAGE_ELF_CODE]);
	EXPECT_EQ(IMAGE_LOAD + 0x2000, self->result.kernel_end);
}

TEST_F(loader, memory_map)
{
	struct boot_e820_entry *map = params(self)->e820_table;

	ASSERT_EQ(0, LOAD());
	ASSERT_EQ(2, params(self)->e820_entries);
	EXPECT_EQ(0, map[0].addr);
	EXPECT_EQ(LAYOUT_LOW_END, map[0].size);
	EXPECT_EQ(LAYOUT_KERNEL_MIN, map[1].addr);
	EXPECT_EQ(IMAGE_MEMORY - LAYOUT_KERNEL_MIN, map[1].size);
}

TEST_F(loader, initrd_at_the_end)
{
	self->input.initrd = "disk";
	self->input.initrd_size = 4;
	ASSERT_EQ(0, LOAD());
	EXPECT_EQ(IMAGE_MEMORY - PAGE_SIZE, self->result.initrd_start);
	EXPECT_EQ(4, params(self)->hdr.ramdisk_size);
	EXPECT_EQ(0, memcmp("disk", self->memory.base +
			    params(self)->hdr.ramdisk_image, 4));
}

TEST_F(loader, initrd_over_the_kernel)
{
	size_t size = IMAGE_MEMORY - IMAGE_LOAD;
	void *initrd = calloc(1, size);

	self->input.initrd = initrd;
	self->input.initrd_size = size;
	EXPECT_EQ(-ENOMEM, LOAD());
	free(initrd);
}

TEST_F(loader, initrd_larger_than_memory)
{
	size_t size = 2 * IMAGE_MEMORY;
	void *initrd = calloc(1, size);

	self->input.initrd = initrd;
	self->input.initrd_size = size;
	EXPECT_EQ(-ENOMEM, LOAD());
	free(initrd);
}

TEST_F(loader, command_line_too_long)
{
	char *line = malloc(4096);

	memset(line, 'x', 4095);
	line[4095] = '\0';
	self->input.command_line = line;
	EXPECT_EQ(-E2BIG, LOAD());
	free(line);
}

TEST_F(loader, every_shorter_bzimage_is_refused)
{
	size_t size;

	for (size = 0; size < IMAGE_BZIMAGE_SIZE - 16; size += 61) {
		/* Exactly that large, for AddressSanitizer. */
		void *image = malloc(size ?: 1);

		memcpy(image, self->image, size);
		self->input.kernel = image;
		self->input.kernel_size = size;
		EXPECT_EQ(-ENOEXEC, LOAD());
		free(image);
	}
}

TEST_F(loader, no_magic)
{
	self->header->header = 0;
	EXPECT_EQ(-ENOEXEC, LOAD());
}

TEST_F(loader, old_protocol)
{
	self->header->version = 0x20b;
	EXPECT_EQ(-ENOEXEC, LOAD());
}

TEST_F(loader, no_64_bit_entry)
{
	self->header->xloadflags = 0;
	EXPECT_EQ(-ENOEXEC, LOAD());
}

TEST_F(loader, setup_code_beyond_the_end)
{
	self->header->setup_sects = 255;
	EXPECT_EQ(-ENOEXEC, LOAD());
}

TEST_F(loader, kernel_beyond_memory)
{
	self->header->init_size = IMAGE_MEMORY;
	EXPECT_EQ(-ENOMEM, LOAD());
}

TEST_F(loader, load_address_that_overflows)
{
	self->header->pref_address = UINT64_MAX - 100;
	EXPECT_EQ(-ENOMEM, LOAD());
}

TEST_F(loader, kernel_over_low_memory)
{
	self->header->pref_address = LAYOUT_BOOT_PARAMS;
	EXPECT_EQ(-ENOMEM, LOAD());
}

TEST_F(loader, elf_segment_beyond_the_file)
{
	use_elf(self);
	self->segment->p_filesz++;
	EXPECT_EQ(-ENOEXEC, LOAD());
}

TEST_F(loader, elf_segment_offset_that_overflows)
{
	use_elf(self);
	self->segment->p_offset = UINT64_MAX - 10;
	EXPECT_EQ(-ENOEXEC, LOAD());
}

TEST_F(loader, elf_segment_smaller_in_memory)
{
	use_elf(self);
	self->segment->p_memsz = 1;
	EXPECT_EQ(-ENOEXEC, LOAD());
}

TEST_F(loader, elf_segment_beyond_memory)
{
	use_elf(self);
	self->segment->p_memsz = IMAGE_MEMORY;
	EXPECT_EQ(-ENOMEM, LOAD());
}

TEST_F(loader, elf_without_segments)
{
	use_elf(self);
	self->segment->p_type = PT_NOTE;
	EXPECT_EQ(-ENOEXEC, LOAD());
}

TEST_F(loader, elf_headers_beyond_the_file)
{
	use_elf(self);
	((Elf64_Ehdr *)self->image)->e_phnum = 0xffff;
	EXPECT_EQ(-ENOEXEC, LOAD());
}

TEST_F(loader, elf_for_another_machine)
{
	use_elf(self);
	((Elf64_Ehdr *)self->image)->e_machine = EM_AARCH64;
	EXPECT_EQ(-ENOEXEC, LOAD());
}

TEST_HARNESS_MAIN
