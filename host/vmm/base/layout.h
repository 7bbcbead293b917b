/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where things are in the guest-physical address space and among its ports.
 */
#ifndef PVMM_LAYOUT_H
#define PVMM_LAYOUT_H

/* RAM that the boot protocol uses; free again for the kernel afterwards. */
#define LAYOUT_GDT		0x500ULL
#define LAYOUT_BOOT_PARAMS	0x7000ULL
#define LAYOUT_STACK		0x8ff0ULL
#define LAYOUT_PAGE_TABLES	0x9000ULL	/* 6 pages */
#define LAYOUT_COMMAND_LINE	0x20000ULL
#define LAYOUT_COMMAND_LINE_MAX	0x10000ULL
/* What a bare image has to say, up to a NUL; printed when it has ended. */
#define LAYOUT_BARE_TEXT	0x30000ULL
#define LAYOUT_BARE_TEXT_SIZE	0x60000ULL
#define LAYOUT_LOW_END		0x9fc00ULL
/* Where kernels look for ACPI's root pointer. */
#define LAYOUT_ACPI		0xe0000ULL
#define LAYOUT_ACPI_END		0x100000ULL
#define LAYOUT_KERNEL_MIN	0x100000ULL

/* The hole below 4 GiB. */
#define LAYOUT_VIRTIO		0xd0000000ULL
#define LAYOUT_VIRTIO_STRIDE	0x1000ULL
#define LAYOUT_DOORBELL		0xd0100000ULL
#define LAYOUT_IOAPIC		0xfec00000ULL
#define LAYOUT_LAPIC		0xfee00000ULL
/* Below the 16 MiB of firmware and APICs that KVM wants for itself on Intel. */
#define LAYOUT_IDENTITY_MAP	0xfffbc000ULL
#define LAYOUT_TSS		0xfffbd000ULL

/* Ports. */
#define LAYOUT_RTC		0x70
#define LAYOUT_SERIAL		0x3f8
#define LAYOUT_POWER		0x600
#define LAYOUT_DOORBELL_PORT	0x620

/* Interrupt lines of the I/O APIC. */
#define LAYOUT_SERIAL_IRQ	4
#define LAYOUT_SCI_IRQ		9
#define LAYOUT_VIRTIO_IRQ	16	/* and those after it */
#define LAYOUT_MAX_IRQ		23

#endif /* PVMM_LAYOUT_H */
