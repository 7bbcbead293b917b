// SPDX-License-Identifier: GPL-2.0
/*
 * The transport of virtio devices: registers in memory (virtio 1.2, section
 * 4.2.2), and an interrupt that is triggered by its level: the line is up while
 * there is something in the interrupt status that the driver has not
 * acknowledged. An edge gets lost if the guest moves the interrupt to another
 * CPU just then, since the I/O APIC forgets edges of lines that are masked.
 *
 * A queue that breaks sets DEVICE_NEEDS_RESET, and the device does nothing
 * more until the driver resets it.
 */
#include <linux/virtio_config.h>
#include <linux/virtio_mmio.h>
#include <linux/virtio_ring.h>
#include <string.h>

#include "virtio_mmio.h"

#define MAGIC			0x74726976	/* "virt" */
#define VERSION			2
#define VENDOR			0x4d4d5650	/* "PVMM" */

static struct virtqueue *selected(struct virtio_device *virtio)
{
	return virtio->selected < virtio->nr_queues ?
		&virtio->queues[virtio->selected] : NULL;
}

static u64 read_config(const struct virtio_device *virtio, u64 offset,
		       unsigned int size)
{
	u64 value = 0;

	if (offset < virtio->config_size)
		memcpy(&value, (const u8 *)virtio->config + offset,
		       min((size_t)size, virtio->config_size - offset));
	return value;
}

static u32 read_features(const struct virtio_device *virtio)
{
	return virtio->features_page < 2 ?
		virtio->features >> (32 * virtio->features_page) : 0;
}

static u32 read_register(struct virtio_device *virtio, u64 offset)
{
	struct virtqueue *queue = selected(virtio);

	switch (offset) {
	case VIRTIO_MMIO_MAGIC_VALUE:
		return MAGIC;
	case VIRTIO_MMIO_VERSION:
		return VERSION;
	case VIRTIO_MMIO_DEVICE_ID:
		return virtio->type;
	case VIRTIO_MMIO_VENDOR_ID:
		return VENDOR;
	case VIRTIO_MMIO_DEVICE_FEATURES:
		return read_features(virtio);
	case VIRTIO_MMIO_QUEUE_NUM_MAX:
		return queue ? VIRTQUEUE_MAX : 0;
	case VIRTIO_MMIO_QUEUE_READY:
		return queue && queue->ready;
	case VIRTIO_MMIO_INTERRUPT_STATUS:
		return virtio->interrupt_status;
	case VIRTIO_MMIO_STATUS:
		return virtio->status;
	case VIRTIO_MMIO_SHM_LEN_LOW:
	case VIRTIO_MMIO_SHM_LEN_HIGH:
		return UINT32_MAX;	/* none */
	default:
		return 0;
	}
}

static u64 virtio_read(struct device *device, struct transaction *transaction,
		       u64 offset, unsigned int size)
{
	struct virtio_device *virtio =
		container_of(device, struct virtio_device, device);

	(void)transaction;
	if (offset >= VIRTIO_MMIO_CONFIG)
		return read_config(virtio, offset - VIRTIO_MMIO_CONFIG, size);
	return size == sizeof(u32) ? read_register(virtio, offset) : 0;
}

static void set_low(u64 *address, u32 value)
{
	*address = (*address & ~(u64)UINT32_MAX) | value;
}

static void set_high(u64 *address, u32 value)
{
	*address = (*address & UINT32_MAX) | (u64)value << 32;
}

/* A queue that is in use stays where it is. */
static void write_queue(struct virtio_device *virtio, u64 offset, u32 value)
{
	struct virtqueue *queue = selected(virtio);

	if (!queue || (queue->ready && offset != VIRTIO_MMIO_QUEUE_READY))
		return;
	switch (offset) {
	case VIRTIO_MMIO_QUEUE_NUM:
		queue->size = value;
		break;
	case VIRTIO_MMIO_QUEUE_READY:
		queue->features = virtio->accepted;
		virtqueue__set_ready(queue, value & 1);
		break;
	case VIRTIO_MMIO_QUEUE_DESC_LOW:
		set_low(&queue->descriptors, value);
		break;
	case VIRTIO_MMIO_QUEUE_DESC_HIGH:
		set_high(&queue->descriptors, value);
		break;
	case VIRTIO_MMIO_QUEUE_AVAIL_LOW:
		set_low(&queue->available, value);
		break;
	case VIRTIO_MMIO_QUEUE_AVAIL_HIGH:
		set_high(&queue->available, value);
		break;
	case VIRTIO_MMIO_QUEUE_USED_LOW:
		set_low(&queue->used, value);
		break;
	case VIRTIO_MMIO_QUEUE_USED_HIGH:
		set_high(&queue->used, value);
		break;
	}
}

static void set_interrupt_status(struct virtio_device *virtio, u32 status)
{
	virtio->interrupt_status = status;
	irq__set(virtio->irq, status);
}

static void reset(struct virtio_device *virtio)
{
	unsigned int i;

	for (i = 0; i < virtio->nr_queues; i++)
		virtqueue__reset(&virtio->queues[i]);
	virtio->status = 0;
	set_interrupt_status(virtio, 0);
	virtio->accepted = 0;
	virtio->features_page = 0;
	virtio->accepted_page = 0;
	virtio->selected = 0;
	virtio->unfinished = 0;
	if (virtio->operations->reset)
		virtio->operations->reset(virtio);
}

static void write_status(struct virtio_device *virtio, u32 value)
{
	if (!value) {
		reset(virtio);
		return;
	}
	/* A driver that wants what is not offered finds this bit clear. */
	if ((virtio->accepted & ~virtio->features) ||
	    !(virtio->accepted & BIT(VIRTIO_F_VERSION_1)))
		value &= ~VIRTIO_CONFIG_S_FEATURES_OK;
	virtio->status = value | (virtio->status & VIRTIO_CONFIG_S_NEEDS_RESET);
}

static void write_features(struct virtio_device *virtio, u32 value)
{
	if (virtio->status & VIRTIO_CONFIG_S_FEATURES_OK)
		return;
	if (virtio->accepted_page == 0)
		set_low(&virtio->accepted, value);
	else if (virtio->accepted_page == 1)
		set_high(&virtio->accepted, value);
}

/**
 * virtio__is_driven() - tell whether the driver has the device do something
 * @virtio: any
 *
 * Return: true if so.
 */
bool virtio__is_driven(const struct virtio_device *virtio)
{
	return (virtio->status & VIRTIO_CONFIG_S_DRIVER_OK) &&
		!(virtio->status & VIRTIO_CONFIG_S_NEEDS_RESET);
}

static void notify(struct virtio_device *virtio, u32 queue)
{
	if (queue < virtio->nr_queues && virtio__is_driven(virtio))
		virtio__notify(virtio, queue);
}

static void write_register(struct virtio_device *virtio, u64 offset, u32 value)
{
	switch (offset) {
	case VIRTIO_MMIO_DEVICE_FEATURES_SEL:
		virtio->features_page = value;
		break;
	case VIRTIO_MMIO_DRIVER_FEATURES:
		write_features(virtio, value);
		break;
	case VIRTIO_MMIO_DRIVER_FEATURES_SEL:
		virtio->accepted_page = value;
		break;
	case VIRTIO_MMIO_QUEUE_SEL:
		virtio->selected = value;
		break;
	case VIRTIO_MMIO_QUEUE_NOTIFY:
		notify(virtio, value);
		break;
	case VIRTIO_MMIO_INTERRUPT_ACK:
		set_interrupt_status(virtio,
				     virtio->interrupt_status & ~value);
		break;
	case VIRTIO_MMIO_STATUS:
		write_status(virtio, value);
		break;
	default:
		write_queue(virtio, offset, value);
	}
}

static void virtio_write(struct device *device, struct transaction *transaction,
			 u64 offset, unsigned int size, u64 value)
{
	struct virtio_device *virtio =
		container_of(device, struct virtio_device, device);

	(void)transaction;
	/* No device here has a configuration that can be written. */
	if (offset < VIRTIO_MMIO_CONFIG && size == sizeof(u32))
		write_register(virtio, offset, value);
}

static void virtio_release(struct device *device)
{
	struct virtio_device *virtio =
		container_of(device, struct virtio_device, device);

	if (virtio->release)
		virtio->release(virtio);
}

static void virtio_exchange(struct device *device, struct state *state)
{
	struct virtio_device *virtio =
		container_of(device, struct virtio_device, device);
	unsigned int i;

	state__value(state, &virtio->accepted);
	state__value(state, &virtio->status);
	state__value(state, &virtio->interrupt_status);
	state__value(state, &virtio->features_page);
	state__value(state, &virtio->accepted_page);
	state__value(state, &virtio->selected);
	for (i = 0; i < virtio->nr_queues; i++) {
		virtio->queues[i].features = virtio->accepted;
		virtqueue__exchange(&virtio->queues[i], state);
	}
	if (virtio->operations->exchange)
		virtio->operations->exchange(virtio, state);
}

/* What was unfinished is not saved: all queues are looked at. */
static void virtio_resume(struct device *device)
{
	struct virtio_device *virtio =
		container_of(device, struct virtio_device, device);
	unsigned int i;

	set_interrupt_status(virtio, virtio->interrupt_status);
	if (!virtio__is_driven(virtio))
		return;
	for (i = 0; i < virtio->nr_queues; i++)
		virtio__serve_later(virtio, i);
	if (virtio->operations->resume)
		virtio->operations->resume(virtio);
}

static void virtio_work(struct device *device)
{
	virtio__work(container_of(device, struct virtio_device, device));
}

static const struct device_operations virtio_device_operations = {
	.read = virtio_read,
	.write = virtio_write,
	.work = virtio_work,
	.release = virtio_release,
	.exchange = virtio_exchange,
	.resume = virtio_resume,
};

/**
 * virtio__init() - make a virtio device
 * @virtio: to be set up
 * @definition: what it is
 * @memory: of its guest
 * @irq: its interrupt line
 */
void virtio__init(struct virtio_device *virtio,
		  const struct virtio_definition *definition,
		  struct guest_memory *memory, struct irq_line *irq)
{
	unsigned int i;

	*virtio = (struct virtio_device){
		.operations = definition->operations,
		.release = definition->release,
		.irq = irq,
		.type = definition->type,
		.features = definition->features | BIT(VIRTIO_F_VERSION_1) |
			BIT(VIRTIO_RING_F_INDIRECT_DESC) |
			BIT(VIRTIO_RING_F_EVENT_IDX),
		.config = definition->config,
		.config_size = definition->config_size,
		.nr_queues = definition->queues,
	};
	for (i = 0; i < virtio->nr_queues; i++)
		virtio->queues[i].memory = memory;
	device__init(&virtio->device, definition->name,
		     &virtio_device_operations);
}

/**
 * virtio__interrupt() - have the driver look
 * @virtio: which device
 * @reason: VIRTIO_MMIO_INT_VRING or VIRTIO_MMIO_INT_CONFIG
 *
 * Context: Under the lock of the device.
 */
void virtio__interrupt(struct virtio_device *virtio, u32 reason)
{
	set_interrupt_status(virtio, virtio->interrupt_status | reason);
}
