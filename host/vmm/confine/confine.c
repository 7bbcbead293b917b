// SPDX-License-Identifier: GPL-2.0
/*
 * Which files a process may reach, with Landlock: none but those that are open. The
 * seccomp filters say the same of all system calls that they know; this is for what
 * they do not.
 *
 * Landlock restricts the thread that asks for it and those that it starts from then
 * on, so it comes before the threads of vCPUs.
 */
#include <errno.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../base/error.h"
#include "../base/types.h"
#include "confine.h"

/* All kinds of access that the first version of Landlock knows. */
#define ALL_ACCESS	(LANDLOCK_ACCESS_FS_EXECUTE |			\
			 LANDLOCK_ACCESS_FS_WRITE_FILE |		\
			 LANDLOCK_ACCESS_FS_READ_FILE |			\
			 LANDLOCK_ACCESS_FS_READ_DIR |			\
			 LANDLOCK_ACCESS_FS_REMOVE_DIR |		\
			 LANDLOCK_ACCESS_FS_REMOVE_FILE |		\
			 LANDLOCK_ACCESS_FS_MAKE_CHAR |			\
			 LANDLOCK_ACCESS_FS_MAKE_DIR |			\
			 LANDLOCK_ACCESS_FS_MAKE_REG |			\
			 LANDLOCK_ACCESS_FS_MAKE_SOCK |			\
			 LANDLOCK_ACCESS_FS_MAKE_FIFO |			\
			 LANDLOCK_ACCESS_FS_MAKE_BLOCK |		\
			 LANDLOCK_ACCESS_FS_MAKE_SYM)

/**
 * confine__to_open_files() - allow no files but those that are open, for ever
 *
 * Context: Before the threads that are to be restricted, too, are started.
 * Return: 0, also on a kernel without Landlock; or a negative errno after a message.
 */
int confine__to_open_files(void)
{
	const struct landlock_ruleset_attr attributes = {
		.handled_access_fs = ALL_ACCESS,
	};
	int rules = syscall(SYS_landlock_create_ruleset, &attributes,
			    sizeof(attributes), 0);
	int error = 0;

	if (rules < 0 && (errno == ENOSYS || errno == EOPNOTSUPP))
		return 0;
	if (rules < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    syscall(SYS_landlock_restrict_self, rules, 0))
		error = vmm_error(errno, "use --no-seccomp, at your own risk",
				  "Landlock");
	if (rules >= 0)
		close(rules);
	return error;
}
