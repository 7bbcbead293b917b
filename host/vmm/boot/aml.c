// SPDX-License-Identifier: GPL-2.0
/*
 * ACPI machine language: ACPI specification 6.4, chapter 20 (AML) and section
 * 6.4 (resources). A package gets a length of three bytes even where fewer
 * would do, so that it can be filled in when the package is closed.
 */
#include <string.h>

#include "aml.h"

#define OP_NAME		0x08
#define OP_BYTE		0x0a
#define OP_STRING	0x0d
#define OP_SCOPE	0x10
#define OP_BUFFER	0x11
#define OP_WORD		0x0b
#define OP_EXTENDED	0x5b
#define OP_DEVICE	0x82
#define LENGTH_BYTES	3
#define RESOURCE_PORTS	0x47
#define RESOURCE_MEMORY	0x86
#define RESOURCE_IRQ	0x89
#define RESOURCE_END	0x79
#define IRQ_CONSUMER	0x01

/**
 * aml__byte() - append a byte
 * @aml: where to; what does not fit is only counted
 * @value: the byte
 */
void aml__byte(struct aml *aml, u8 value)
{
	if (aml->length < aml->size)
		aml->buffer[aml->length] = value;
	aml->length++;
}

/**
 * aml__bytes() - append bytes
 * @aml: where to
 * @bytes: what
 * @length: how many
 */
void aml__bytes(struct aml *aml, const void *bytes, size_t length)
{
	const u8 *byte = bytes;

	while (length--)
		aml__byte(aml, *byte++);
}

/**
 * aml__u16() - append two bytes, the lower one first
 * @aml: where to
 * @value: the number
 */
void aml__u16(struct aml *aml, u16 value)
{
	aml__byte(aml, value);
	aml__byte(aml, value >> 8);
}

/**
 * aml__u32() - append four bytes, the lowest one first
 * @aml: where to
 * @value: the number
 */
void aml__u32(struct aml *aml, u32 value)
{
	aml__u16(aml, value);
	aml__u16(aml, value >> 16);
}

/* A package whose length is not known yet. */
static void open_package(struct aml *aml)
{
	aml->open[aml->depth++] = aml->length;
	aml__bytes(aml, "\0\0\0", LENGTH_BYTES);
}

static void open_named(struct aml *aml, const char *name)
{
	open_package(aml);
	aml__bytes(aml, name, strlen(name));
}

/**
 * aml__open_scope() - begin Scope (name)
 * @aml: where to
 * @name: as AML writes it: a backslash, or four characters
 */
void aml__open_scope(struct aml *aml, const char *name)
{
	aml__byte(aml, OP_SCOPE);
	open_named(aml, name);
}

/**
 * aml__open_device() - begin Device (name)
 * @aml: where to
 * @name: four characters
 */
void aml__open_device(struct aml *aml, const char *name)
{
	aml__byte(aml, OP_EXTENDED);
	aml__byte(aml, OP_DEVICE);
	open_named(aml, name);
}

/**
 * aml__close() - end what was opened last
 * @aml: where to
 */
void aml__close(struct aml *aml)
{
	size_t start = aml->open[--aml->depth];
	size_t length = aml->length - start;

	if (aml->length > aml->size)
		return;
	/* Bits 7-6: how many bytes follow; bits 3-0: the lowest of the length. */
	aml->buffer[start] = (LENGTH_BYTES - 1) << 6 | (length & 0xf);
	aml->buffer[start + 1] = length >> 4;
	aml->buffer[start + 2] = length >> 12;
}

static void begin_name(struct aml *aml, const char *name)
{
	aml__byte(aml, OP_NAME);
	aml__bytes(aml, name, strlen(name));
}

/**
 * aml__name_byte() - Name (name, value)
 * @aml: where to
 * @name: four characters
 * @value: the number
 */
void aml__name_byte(struct aml *aml, const char *name, u8 value)
{
	begin_name(aml, name);
	aml__byte(aml, OP_BYTE);
	aml__byte(aml, value);
}

/**
 * aml__name_string() - Name (name, "value")
 * @aml: where to
 * @name: four characters
 * @value: the text
 */
void aml__name_string(struct aml *aml, const char *name, const char *value)
{
	begin_name(aml, name);
	aml__byte(aml, OP_STRING);
	aml__bytes(aml, value, strlen(value) + 1);
}

/**
 * aml__open_resources() - begin Name (_CRS, ResourceTemplate ())
 * @aml: where to
 */
void aml__open_resources(struct aml *aml)
{
	begin_name(aml, "_CRS");
	aml__byte(aml, OP_BUFFER);
	open_package(aml);
	/* The size of the buffer comes first. */
	aml__byte(aml, OP_WORD);
	aml__u16(aml, 0);
}

/**
 * aml__close_resources() - end the resources
 * @aml: where to
 */
void aml__close_resources(struct aml *aml)
{
	size_t size_at = aml->open[aml->depth - 1] + LENGTH_BYTES + 1;
	size_t size;

	aml__byte(aml, RESOURCE_END);
	aml__byte(aml, 0);	/* no checksum */
	size = aml->length - size_at - 2;
	if (aml->length <= aml->size) {
		aml->buffer[size_at] = size;
		aml->buffer[size_at + 1] = size >> 8;
	}
	aml__close(aml);
}

/**
 * aml__resource_memory() - Memory32Fixed (ReadWrite, start, length)
 * @aml: where to
 * @start: guest-physical address
 * @length: bytes
 */
void aml__resource_memory(struct aml *aml, u32 start, u32 length)
{
	aml__byte(aml, RESOURCE_MEMORY);
	aml__u16(aml, 9);
	aml__byte(aml, 1);	/* writable */
	aml__u32(aml, start);
	aml__u32(aml, length);
}

/**
 * aml__resource_ports() - IO (Decode16, start, start, 1, length)
 * @aml: where to
 * @start: the first port
 * @length: how many
 */
void aml__resource_ports(struct aml *aml, u16 start, u8 length)
{
	aml__byte(aml, RESOURCE_PORTS);
	aml__byte(aml, 1);	/* 16 address lines */
	aml__u16(aml, start);
	aml__u16(aml, start);
	aml__byte(aml, 1);
	aml__byte(aml, length);
}

/**
 * aml__resource_irq() - Interrupt (ResourceConsumer, Level, ActiveHigh) {irq}
 * @aml: where to
 * @irq: line of the I/O APIC
 */
void aml__resource_irq(struct aml *aml, u32 irq)
{
	aml__byte(aml, RESOURCE_IRQ);
	aml__u16(aml, 6);
	aml__byte(aml, IRQ_CONSUMER);
	aml__byte(aml, 1);
	aml__u32(aml, irq);
}

/**
 * aml__complete() - check that everything was closed and did fit
 * @aml: what has been written
 *
 * Return: true if so.
 */
bool aml__complete(const struct aml *aml)
{
	return !aml->depth && aml->length <= aml->size;
}
