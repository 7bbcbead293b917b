// SPDX-License-Identifier: GPL-2.0
/*
 * The modules that the tests load, and where they are.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "kselftest.h"
#include "guest.h"

/* Where the lab, and nobody else, puts the modules. */
#define MODULE_DIRECTORY	"/modules"

/* A lab's host may be busy with anything; tests that are not of this say so. */
#define TAKE_YOUR_TIME		"takeover_stop_ms=600000 "

/* Where DKMS and others put them, below /lib/modules/RELEASE. */
static const char * const directories[] = { "updates/dkms", "updates", "extra" };
static const char * const suffixes[] = { "", ".xz", ".zst", ".gz" };

/* Of finit_module(), from Linux 5.17 on. */
#ifndef MODULE_INIT_COMPRESSED_FILE
#define MODULE_INIT_COMPRESSED_FILE	4
#endif

/**
 * guest_is_lab() - is this a guest of the lab?
 *
 * Return: whether it is, which means that nobody but the tests uses it.
 */
bool guest_is_lab(void)
{
	return !access(MODULE_DIRECTORY, F_OK);
}

static int find_module(const char *directory, const char *module,
		       char path[GUEST_PATH_MAX])
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(suffixes); i++) {
		snprintf(path, GUEST_PATH_MAX, "%s/%s.ko%s", directory, module,
			 suffixes[i]);
		if (!access(path, R_OK))
			return 0;
	}
	return -ENOENT;
}

/**
 * guest_module_file() - find a module
 * @module: its name
 * @path: for the path of its file, in MODULE_DIRECTORY of the environment if it
 *        is there, else where the lab has it, else among those of the kernel
 *
 * Return: 0 or -ENOENT.
 */
int guest_module_file(const char *module, char path[GUEST_PATH_MAX])
{
	const char *chosen = getenv("MODULE_DIRECTORY");
	char directory[GUEST_PATH_MAX / 2];
	struct utsname kernel;
	unsigned int i;

	if (chosen || guest_is_lab())
		return find_module(chosen ? chosen : MODULE_DIRECTORY, module,
				   path);
	uname(&kernel);
	for (i = 0; i < ARRAY_SIZE(directories); i++) {
		snprintf(directory, sizeof(directory), "/lib/modules/%s/%s",
			 kernel.release, directories[i]);
		if (!find_module(directory, module, path))
			return 0;
	}
	return -ENOENT;
}

/**
 * guest_load() - load a module
 * @module: its name
 * @parameters: as on insmod's command line
 *
 * Return: 0 or a negative errno.
 */
int guest_load(const char *module, const char *parameters)
{
	char all[512], path[GUEST_PATH_MAX];
	int error = 0;
	int file, flags;

	error = guest_module_file(module, path);
	if (error) {
		fprintf(stderr, "# %s.ko: not found\n", module);
		return error;
	}
	flags = strcmp(path + strlen(path) - 3, ".ko") ?
		MODULE_INIT_COMPRESSED_FILE : 0;
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0) {
		fprintf(stderr, "# %s: %s\n", path, strerror(errno));
		return -errno;
	}
	snprintf(all, sizeof(all), "%s%s",
		 strcmp(module, "pvticketlock") ? "" : TAKE_YOUR_TIME,
		 parameters);
	if (syscall(SYS_finit_module, file, all, flags))
		error = -errno;
	close(file);
	return error;
}

/**
 * guest_unload() - unload a module if nobody uses it
 * @module: its name
 *
 * Return: 0 or a negative errno: -ENOENT if it is not loaded, -EAGAIN if it
 * is in use.
 */
int guest_unload(const char *module)
{
	return syscall(SYS_delete_module, module, O_NONBLOCK) ? -errno : 0;
}

/**
 * guest_is_loaded() - is a module loaded?
 * @module: its name
 *
 * Return: whether it is.
 */
bool guest_is_loaded(const char *module)
{
	char path[256];

	snprintf(path, sizeof(path), "/sys/module/%s/initstate", module);
	return !access(path, F_OK);
}
