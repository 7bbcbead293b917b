// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz target: a kernel image that is anything. libFuzzer hands it over in a
 * buffer that is exactly as large, so that AddressSanitizer sees who reads
 * beyond it.
 */
#include "../../../host/vmm/boot/loader.h"
#include "../fixture.h"
#include "../images.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static struct guest_memory memory;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	test_memory__alloc(&memory, 4 * MIB);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct loader_input input = {
		.kernel = data, .kernel_size = size,
		.initrd = "initrd", .initrd_size = 6, .command_line = "quiet",
	};
	struct loader_result result;

	if (!loader__load(&memory, &input, &result) &&
	    (result.entry < result.kernel_start ||
	     result.entry >= result.kernel_end ||
	     result.initrd_start < result.kernel_end))
		abort();
	return 0;
}
