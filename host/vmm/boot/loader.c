// SPDX-License-Identifier: GPL-2.0
/*
 * The 64-bit boot protocol of Linux (Documentation/x86/boot.rst), for a
 * bzImage, and for the ELF kernel that is packed inside: that one is entered
 * at the same instruction as after unpacking, only without the time for it.
 *
 * Everything in the files is checked before it is used as an offset or as a
 * size. Nothing is written outside of guest memory, nor read outside of the
 * files, whatever they contain.
 */
#include <asm/bootparam.h>
#include <elf.h>
#include <errno.h>
#include <string.h>

#include "../base/error.h"
#include "../base/layout.h"
#include "loader.h"

#define SETUP_HEADER_OFFSET	0x1f1
#define SECTOR_SIZE		512
#define BOOT_FLAG		0xaa55
#define HEADER_MAGIC		0x53726448	/* "HdrS" */
#define PROTOCOL_2_12		0x020c
#define ENTRY_64_OFFSET		0x200
#define LOADER_UNDEFINED	0xff
#define INITRD_MAX		0x7fffffffULL
#define WANT_BZIMAGE	"give a bzImage or an ELF kernel for x86-64 with --kernel"

/* A kernel that has been found in the file and checked. */
struct kernel {
	struct setup_header header;
	struct loader_result where;
};

static int bad_kernel(const char *what)
{
	return vmm_error(ENOEXEC, WANT_BZIMAGE, "kernel image: %s", what);
}

static int too_large(const char *what, u64 bytes)
{
	return vmm_error(ENOMEM, "give the guest more with --mem",
			 "%s: needs %llu KiB of guest memory where there is no room",
			 what, (unsigned long long)(bytes / KIB));
}

/* Whether [start, start + length) is RAM that a kernel may occupy. */
static bool kernel_fits(const struct guest_memory *memory, u64 start, u64 length)
{
	return start >= LAYOUT_KERNEL_MIN &&
		guest_memory__at(memory, start, length);
}

static int check_header(const struct setup_header *header)
{
	if (header->boot_flag != BOOT_FLAG || header->header != HEADER_MAGIC)
		return bad_kernel("neither a bzImage nor an ELF file");
	if (header->version < PROTOCOL_2_12)
		return bad_kernel("its boot protocol is older than 2.12");
	if (!(header->xloadflags & XLF_KERNEL_64))
		return bad_kernel("it has no 64-bit entry point");
	return 0;
}

static int load_bzimage(struct guest_memory *memory,
			const struct loader_input *input, struct kernel *kernel)
{
	struct setup_header *header = &kernel->header;
	size_t setup_size, size;
	u64 length;
	int error;

	if (input->kernel_size < SETUP_HEADER_OFFSET + sizeof(*header))
		return bad_kernel("shorter than its header");
	memcpy(header, (const u8 *)input->kernel + SETUP_HEADER_OFFSET,
	       sizeof(*header));
	error = check_header(header);
	if (error)
		return error;

	setup_size = ((header->setup_sects ?: 4) + 1) * SECTOR_SIZE;
	if (setup_size >= input->kernel_size)
		return bad_kernel("it ends within its setup code");
	size = input->kernel_size - setup_size;
	if (size < ENTRY_64_OFFSET)
		return bad_kernel("it ends before its 64-bit entry point");
	if (header->syssize * 16ULL > size + 15)
		return bad_kernel("it is shorter than its header says");

	length = size > header->init_size ? size : header->init_size;
	if (!kernel_fits(memory, header->pref_address, length))
		return too_large("kernel image", length);
	memcpy(guest_memory__at(memory, header->pref_address, size),
	       (const u8 *)input->kernel + setup_size, size);

	kernel->where.kernel_start = header->pref_address;
	kernel->where.kernel_end = header->pref_address + length;
	kernel->where.entry = header->pref_address + ENTRY_64_OFFSET;
	return 0;
}

/* The program header number i; its bytes have been checked to be there. */
static Elf64_Phdr program_header(const struct loader_input *input,
				 const Elf64_Ehdr *elf, unsigned int i)
{
	Elf64_Phdr header;

	memcpy(&header, (const u8 *)input->kernel + elf->e_phoff +
	       i * sizeof(header), sizeof(header));
	return header;
}

static int load_segment(struct guest_memory *memory,
			const struct loader_input *input,
			const Elf64_Phdr *segment, struct loader_result *where)
{
	u8 *target;

	if (segment->p_offset > input->kernel_size ||
	    segment->p_filesz > input->kernel_size - segment->p_offset)
		return bad_kernel("a segment reaches beyond the end of the file");
	if (segment->p_filesz > segment->p_memsz)
		return bad_kernel("a segment is larger in the file than in memory");
	if (!kernel_fits(memory, segment->p_paddr, segment->p_memsz))
		return too_large("kernel image", segment->p_memsz);

	/* Guest memory is still zero, and so is what follows p_filesz. */
	target = guest_memory__at(memory, segment->p_paddr, segment->p_memsz);
	memcpy(target, (const u8 *)input->kernel + segment->p_offset,
	       segment->p_filesz);
	where->kernel_start = min(where->kernel_start, segment->p_paddr);
	if (segment->p_paddr + segment->p_memsz > where->kernel_end)
		where->kernel_end = segment->p_paddr + segment->p_memsz;
	return 0;
}

static int check_elf(const struct loader_input *input, const Elf64_Ehdr *elf)
{
	if (elf->e_ident[EI_CLASS] != ELFCLASS64 ||
	    elf->e_machine != EM_X86_64)
		return bad_kernel("an ELF file, but not for x86-64");
	if (elf->e_phentsize != sizeof(Elf64_Phdr) ||
	    elf->e_phoff > input->kernel_size ||
	    elf->e_phnum * sizeof(Elf64_Phdr) >
	    input->kernel_size - elf->e_phoff)
		return bad_kernel("its program headers are not in the file");
	return 0;
}

static int load_elf(struct guest_memory *memory,
		    const struct loader_input *input, struct kernel *kernel)
{
	struct loader_result *where = &kernel->where;
	unsigned int i;
	Elf64_Ehdr elf;
	int error;

	if (input->kernel_size < sizeof(elf))
		return bad_kernel("shorter than its header");
	memcpy(&elf, input->kernel, sizeof(elf));
	error = check_elf(input, &elf);
	if (error)
		return error;

	where->kernel_start = UINT64_MAX;
	for (i = 0; i < elf.e_phnum; i++) {
		Elf64_Phdr segment = program_header(input, &elf, i);

		if (segment.p_type != PT_LOAD || !segment.p_memsz)
			continue;
		error = load_segment(memory, input, &segment, where);
		if (error)
			return error;
	}
	if (elf.e_entry < where->kernel_start || elf.e_entry >= where->kernel_end)
		return bad_kernel("its entry point is not in any segment");
	where->entry = elf.e_entry;

	kernel->header = (struct setup_header){
		.boot_flag = BOOT_FLAG,
		.header = HEADER_MAGIC,
		.version = PROTOCOL_2_12,
		.loadflags = LOADED_HIGH,
		.initrd_addr_max = INITRD_MAX,
		.cmdline_size = LAYOUT_COMMAND_LINE_MAX - 1,
	};
	return 0;
}

/* As high as possible, where the kernel does not have to move it. */
static int load_initrd(struct guest_memory *memory,
		       const struct loader_input *input, struct kernel *kernel)
{
	u64 end = min(guest_memory__low_size(memory),
		      kernel->header.initrd_addr_max + 1ULL);
	u64 start;

	if (!input->initrd || !input->initrd_size)
		return 0;
	end &= ~(PAGE_SIZE - 1);
	if (input->initrd_size > end)
		return too_large("initrd", input->initrd_size);
	start = (end - input->initrd_size) & ~(PAGE_SIZE - 1);
	if (start < kernel->where.kernel_end || start < LAYOUT_KERNEL_MIN)
		return too_large("initrd", input->initrd_size);

	memcpy(guest_memory__at(memory, start, input->initrd_size),
	       input->initrd, input->initrd_size);
	kernel->where.initrd_start = start;
	kernel->header.ramdisk_image = start;
	kernel->header.ramdisk_size = input->initrd_size;
	return 0;
}

static int load_command_line(struct guest_memory *memory,
			     const struct loader_input *input,
			     struct kernel *kernel)
{
	size_t length = strlen(input->command_line);

	if (length > kernel->header.cmdline_size ||
	    length >= LAYOUT_COMMAND_LINE_MAX)
		return vmm_error(E2BIG, "give a shorter one with --append",
				 "command line: %zu characters; the kernel takes %u",
				 length, kernel->header.cmdline_size);
	memcpy(guest_memory__at(memory, LAYOUT_COMMAND_LINE, length + 1),
	       input->command_line, length + 1);
	kernel->header.cmd_line_ptr = LAYOUT_COMMAND_LINE;
	return 0;
}

static void add_ram(struct boot_params *params, u64 start, u64 end)
{
	params->e820_table[params->e820_entries++] = (struct boot_e820_entry){
		.addr = start,
		.size = end - start,
		.type = 1,
	};
}

static void fill_boot_params(struct guest_memory *memory,
			     const struct kernel *kernel)
{
	struct boot_params *params =
		guest_memory__at(memory, LAYOUT_BOOT_PARAMS, sizeof(*params));
	struct memory_region regions[2];
	unsigned int number = guest_memory__regions(memory, regions);

	memset(params, 0, sizeof(*params));
	params->hdr = kernel->header;
	params->hdr.type_of_loader = LOADER_UNDEFINED;
	params->acpi_rsdp_addr = LAYOUT_ACPI;
	add_ram(params, 0, LAYOUT_LOW_END);
	add_ram(params, LAYOUT_KERNEL_MIN, regions[0].length);
	if (number > 1)
		add_ram(params, regions[1].start,
			regions[1].start + regions[1].length);
}

/**
 * loader__load() - put what is to be booted into guest memory
 * @memory: all zero, at least GUEST_MEMORY_MIN
 * @input: contents of the files
 * @result: where to enter the kernel, and where everything is
 *
 * Return: 0, or a negative errno after a message; guest memory may then hold
 * parts of the kernel.
 */
int loader__load(struct guest_memory *memory, const struct loader_input *input,
		 struct loader_result *result)
{
	struct kernel kernel = { 0 };
	bool elf = input->kernel_size >= SELFMAG &&
		!memcmp(input->kernel, ELFMAG, SELFMAG);
	int error;

	error = elf ? load_elf(memory, input, &kernel) :
		load_bzimage(memory, input, &kernel);
	if (!error)
		error = load_initrd(memory, input, &kernel);
	if (!error)
		error = load_command_line(memory, input, &kernel);
	if (error)
		return error;

	fill_boot_params(memory, &kernel);
	*result = kernel.where;
	return 0;
}
