// SPDX-License-Identifier: GPL-2.0
/*
 * A guest without an operating system, which is as hostile as its command line
 * says. It is entered by the 64-bit boot protocol, on one vCPU, with the first
 * 4 GiB mapped one to one.
 */
#include <linux/virtio_blk.h>
#include <linux/virtio_config.h>
#include <linux/virtio_mmio.h>
#include <linux/virtio_ring.h>
#include <stdint.h>

#include "tiny_guest.h"

#define COMMAND_LINE	((const char *)0x20000)
#define SERIAL		0x3f8
#define DOORBELL	0x620
#define VIRTIO		0xd0000000UL

/* Of the queue in use. */
#define DESCRIPTORS	((struct vring_desc *)0x1000000)
#define AVAILABLE	((struct vring_avail *)TINY_GUEST_AVAILABLE)
#define USED		((struct vring_used *)0x1020000)
#define HEADER		((struct virtio_blk_outhdr *)TINY_GUEST_HEADER)
#define STATUS		0x1041000
#define QUEUE_SIZE	256

#define GIB		(1UL << 30)

static void outb(uint16_t port, uint8_t value)
{
	asm volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static void outl(uint16_t port, uint32_t value)
{
	asm volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

static void outsb(uint16_t port, const char *text, unsigned long length)
{
	asm volatile("rep outsb" : "+S"(text), "+c"(length) : "d"(port)
		     : "memory");
}

static uint8_t inb(uint16_t port)
{
	uint8_t value;

	asm volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

/* In the page of the first virtio device. */
static void write_register(unsigned long offset, uint32_t value)
{
	*(volatile uint32_t *)(VIRTIO + offset) = value;
}

/* Have a queue of the first virtio device served from now on. */
static void start_queue(unsigned int queue)
{
	write_register(VIRTIO_MMIO_STATUS, 0);
	write_register(VIRTIO_MMIO_DRIVER_FEATURES_SEL, 1);
	write_register(VIRTIO_MMIO_DRIVER_FEATURES, 1);
	write_register(VIRTIO_MMIO_STATUS, VIRTIO_CONFIG_S_FEATURES_OK);
	write_register(VIRTIO_MMIO_QUEUE_SEL, queue);
	write_register(VIRTIO_MMIO_QUEUE_NUM, QUEUE_SIZE);
	write_register(VIRTIO_MMIO_QUEUE_DESC_LOW, (unsigned long)DESCRIPTORS);
	write_register(VIRTIO_MMIO_QUEUE_AVAIL_LOW, (unsigned long)AVAILABLE);
	write_register(VIRTIO_MMIO_QUEUE_USED_LOW, (unsigned long)USED);
	write_register(VIRTIO_MMIO_QUEUE_READY, 1);
	write_register(VIRTIO_MMIO_STATUS, VIRTIO_CONFIG_S_FEATURES_OK |
		       VIRTIO_CONFIG_S_DRIVER_OK);
}

static void describe(unsigned int index, unsigned long address,
		     uint32_t length, uint16_t flags)
{
	DESCRIPTORS[index] = (struct vring_desc){ address, length, flags,
						  index + 1 };
}

static void offer_all(void)
{
	AVAILABLE->idx = QUEUE_SIZE;
}

/*
 * A disk whose sector N holds what asks for sector N + 1: a header for it, and
 * the index that offers one buffer more.
 */
static void feed_itself(void)
{
	start_queue(0);
	*HEADER = (struct virtio_blk_outhdr){ .type = VIRTIO_BLK_T_IN };
	describe(0, TINY_GUEST_HEADER, sizeof(*HEADER), VRING_DESC_F_NEXT);
	describe(1, TINY_GUEST_HEADER, sizeof(*HEADER),
		 VRING_DESC_F_NEXT | VRING_DESC_F_WRITE);
	describe(2, TINY_GUEST_AVAILABLE, 4,
		 VRING_DESC_F_NEXT | VRING_DESC_F_WRITE);
	/* The rest of the sector. */
	describe(3, STATUS + 8, 512 - 4 - sizeof(*HEADER),
		 VRING_DESC_F_NEXT | VRING_DESC_F_WRITE);
	describe(4, STATUS, 1, VRING_DESC_F_WRITE);
	AVAILABLE->idx = 1;
	write_register(VIRTIO_MMIO_QUEUE_NOTIFY, 0);
}

/* A full ring of buffers that are as large as they may be. */
static void offer_huge_buffers(void)
{
	unsigned int i;

	start_queue(0);
	describe(0, TINY_GUEST_HEADER, sizeof(*HEADER), VRING_DESC_F_NEXT);
	for (i = 1; i < 4; i++)
		describe(i, GIB, GIB, VRING_DESC_F_NEXT);
	describe(4, STATUS, 1, VRING_DESC_F_WRITE);
	offer_all();
	write_register(VIRTIO_MMIO_QUEUE_NOTIFY, 0);
}

/* To a console that nobody reads. */
static void print_for_ever(void)
{
	static const char text[] = "The quick brown fox jumps over the lazy dog.\n";

	for (;;)
		outsb(SERIAL, text, sizeof(text) - 1);
}

static void transmit_for_ever(void)
{
	start_queue(1);
	describe(0, GIB, GIB, 0);
	offer_all();
	write_register(VIRTIO_MMIO_QUEUE_NOTIFY, 1);
}

/* Be preempted, for as long as the plan says. */
static void ring(void)
{
	outl(DOORBELL, 0x01000001);
}

static void reset(void)
{
	outb(0x60c, 1);
}

static const struct {
	char letter;
	void (*run)(void);
} kinds[] = {
	{ TINY_GUEST_FEEDS_ITSELF, feed_itself },
	{ TINY_GUEST_OFFERS_HUGE_BUFFERS, offer_huge_buffers },
	{ TINY_GUEST_PRINTS, print_for_ever },
	{ TINY_GUEST_TRANSMITS, transmit_for_ever },
	{ TINY_GUEST_RINGS, ring },
	{ TINY_GUEST_RESETS, reset },
};

void start(void);

void start(void)
{
	unsigned int i;

	if (COMMAND_LINE[0] != TINY_GUEST_IS_SILENT)
		outb(SERIAL, 'G');
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].letter == COMMAND_LINE[0])
			kinds[i].run();
	if (COMMAND_LINE[0] == TINY_GUEST_SPINS)
		for (;;)
			inb(SERIAL + 7);
	for (;;)
		asm volatile("hlt");
}
