/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Kernel images that are as small as they can be.
 */
#ifndef VMM_TEST_IMAGES_H
#define VMM_TEST_IMAGES_H

#include <asm/bootparam.h>
#include <elf.h>
#include <string.h>

#define IMAGE_MEMORY		(8ULL << 20)
#define IMAGE_LOAD		0x200000ULL
#define IMAGE_SETUP_HEADER	0x1f1
#define IMAGE_BZIMAGE_SIZE	4096
#define IMAGE_ELF_SIZE		1024
#define IMAGE_ELF_CODE		512

/* One setup sector; the rest is the kernel. */
static inline struct setup_header *image_bzimage(unsigned char *image)
{
	struct setup_header *header = (void *)(image + IMAGE_SETUP_HEADER);

	memset(image, 0x90, IMAGE_BZIMAGE_SIZE);
	memset(header, 0, sizeof(*header));
	header->setup_sects = 1;
	header->boot_flag = 0xaa55;
	header->header = 0x53726448;
	header->version = 0x20f;
	header->loadflags = LOADED_HIGH;
	header->xloadflags = XLF_KERNEL_64;
	header->syssize = (IMAGE_BZIMAGE_SIZE - 1024) / 16;
	header->pref_address = IMAGE_LOAD;
	header->init_size = 0x10000;
	header->initrd_addr_max = 0x7fffffff;
	header->cmdline_size = 2047;
	return header;
}

/* One segment, with its entry point 16 bytes into it. */
static inline Elf64_Phdr *image_elf(unsigned char *image)
{
	Elf64_Ehdr *elf = (void *)image;
	Elf64_Phdr *segment = (void *)(image + sizeof(*elf));

	memset(image, 0, IMAGE_ELF_SIZE);
	memset(image + IMAGE_ELF_CODE, 0x90, IMAGE_ELF_SIZE - IMAGE_ELF_CODE);
	memcpy(elf->e_ident, ELFMAG, SELFMAG);
	elf->e_ident[EI_CLASS] = ELFCLASS64;
	elf->e_machine = EM_X86_64;
	elf->e_entry = IMAGE_LOAD + 16;
	elf->e_phoff = sizeof(*elf);
	elf->e_phentsize = sizeof(*segment);
	elf->e_phnum = 1;
	segment->p_type = PT_LOAD;
	segment->p_offset = IMAGE_ELF_CODE;
	segment->p_paddr = IMAGE_LOAD;
	segment->p_filesz = IMAGE_ELF_SIZE - IMAGE_ELF_CODE;
	segment->p_memsz = 0x2000;
	return segment;
}

#endif /* VMM_TEST_IMAGES_H */
