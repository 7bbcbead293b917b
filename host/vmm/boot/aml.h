/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Writes ACPI machine language into a bounded buffer.
 */
#ifndef PVMM_AML_H
#define PVMM_AML_H

#include "../base/types.h"

#define AML_NESTING	4

struct aml {
	u8 *buffer;
	size_t size;
	size_t length;		/* more than size: it did not fit */
	size_t open[AML_NESTING];
	unsigned int depth;
};

void aml__byte(struct aml *aml, u8 value);
void aml__bytes(struct aml *aml, const void *bytes, size_t length);
void aml__u16(struct aml *aml, u16 value);
void aml__u32(struct aml *aml, u32 value);
void aml__open_scope(struct aml *aml, const char *name);
void aml__open_device(struct aml *aml, const char *name);
void aml__close(struct aml *aml);
void aml__name_byte(struct aml *aml, const char *name, u8 value);
void aml__name_string(struct aml *aml, const char *name, const char *value);
void aml__open_resources(struct aml *aml);
void aml__close_resources(struct aml *aml);
void aml__resource_memory(struct aml *aml, u32 start, u32 length);
void aml__resource_ports(struct aml *aml, u16 start, u8 length);
void aml__resource_irq(struct aml *aml, u32 irq);
bool aml__complete(const struct aml *aml);

#endif /* PVMM_AML_H */
