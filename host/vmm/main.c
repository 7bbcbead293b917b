// SPDX-License-Identifier: GPL-2.0
/*
 * pvmm: runs a Linux guest under KVM.
 */
#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "guest.h"
#include "reboot.h"
#include "vm/cpuid.h"
#include "vm/options.h"

static int check_options(const struct options *options)
{
	if (options->bare && (options->kernel || options->restore || options->reboot ||
			      options->snapshot_to))
		return vmm_error(EINVAL, "leave out the others",
				 "--bare with --kernel, --restore, --reboot or --snapshot-to");
	if (!options->kernel && !options->bare && (!options->restore || options->reboot))
		return vmm_error(EINVAL, "see --help", "--kernel or --bare is missing");
	if (options->snapshot_end && !options->snapshot_to)
		return vmm_error(EINVAL, "say where with --snapshot-to",
				 "--snapshot-end");
	return 0;
}

int main(int argc, char **argv)
{
	struct options options;
	int error = options__parse(&options, argc, argv);

	if (error)
		return error > 0 ? EXIT_GUEST_OK : EXIT_USAGE;
	if (options.cpuid && !strcmp(options.cpuid, "list")) {
		cpuid__list();
		return EXIT_GUEST_OK;
	}
	if (check_options(&options))
		return EXIT_USAGE;
	return options.reboot ? run_again_after_reset(&options, guest__run) :
		guest__run(&options);
}
