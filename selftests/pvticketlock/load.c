// SPDX-License-Identifier: GPL-2.0
/*
 * System calls that contend for the kernel's spinlocks: files in one directory,
 * processes, pipes, and mappings, in turn from process to process.
 *
 * Each process counts its rounds. One that waits forever stops counting.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kselftest.h"
#include "guest.h"
#include "load.h"

#define LOAD_DIRECTORY	"/tmp/load"
#define LOAD_FILES	8
#define LOAD_MESSAGES	32
#define LOAD_MAPPING	(64 * 1024)
#define POLL_MS		100

static pid_t *children;
static unsigned long *rounds;
static unsigned int count;

static void use_files(unsigned int number)
{
	unsigned int i;
	char path[64];
	int file;

	for (i = 0; i < LOAD_FILES; i++) {
		snprintf(path, sizeof(path), LOAD_DIRECTORY "/%u.%u", number,
			 i);
		file = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
		if (file >= 0)
			close(file);
		unlink(path);
	}
}

static void use_processes(unsigned int number)
{
	pid_t child = fork();

	if (!child)
		_exit(number & 1);
	if (child > 0)
		waitpid(child, NULL, 0);
}

static void use_pipes(unsigned int number)
{
	static int ends[2] = { -1, -1 };
	unsigned int i;
	char byte = number;

	if (ends[0] < 0 && pipe(ends))
		_exit(1);
	for (i = 0; i < LOAD_MESSAGES; i++)
		if (write(ends[1], &byte, 1) != 1 ||
		    read(ends[0], &byte, 1) != 1)
			_exit(1);
}

static void use_mappings(unsigned int number)
{
	char *memory = mmap(NULL, LOAD_MAPPING, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		_exit(1);
	memset(memory, number, LOAD_MAPPING);
	munmap(memory, LOAD_MAPPING);
}

static void run(unsigned int number)
{
	static void (* const uses[])(unsigned int number) = {
		use_files, use_processes, use_pipes, use_mappings,
	};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		uses[number % ARRAY_SIZE(uses)](number);
		__atomic_fetch_add(&rounds[number], 1, __ATOMIC_RELAXED);
	}
}

/**
 * load_start() - start the processes
 * @processes: how many
 *
 * Return: 0 or a negative errno.
 */
int load_start(unsigned int processes)
{
	count = 0;
	mkdir(LOAD_DIRECTORY, 0700);
	children = calloc(processes, sizeof(*children));
	rounds = mmap(NULL, processes * sizeof(*rounds),
		      PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (!children || rounds == MAP_FAILED)
		return -ENOMEM;
	while (count < processes) {
		pid_t child = fork();

		if (child < 0)
			return -errno;
		if (!child)
			run(count);
		children[count++] = child;
	}
	return 0;
}

static unsigned long rounds_of(unsigned int number)
{
	return __atomic_load_n(&rounds[number], __ATOMIC_RELAXED);
}

/**
 * load_goes_on() - does every process still get on?
 *
 * Return: false if one of them has ended, or does no round for a long time.
 */
bool load_goes_on(void)
{
	unsigned int i, waited;

	for (i = 0; i < count; i++) {
		unsigned long before = rounds_of(i);

		for (waited = 0; rounds_of(i) == before; waited += POLL_MS) {
			if (waited > LOAD_PATIENCE_MS ||
			    waitpid(children[i], NULL, WNOHANG)) {
				fprintf(stderr,
					"# load: process %u is stuck or dead after %lu rounds\n",
					i, before);
				return false;
			}
			guest_sleep_ms(POLL_MS);
		}
	}
	return true;
}

/**
 * load_stop() - end the processes
 *
 * Return: 0, or -ECHILD if one of them had ended by itself.
 */
int load_stop(void)
{
	int error = 0;
	unsigned int i;
	int status;

	for (i = 0; i < count; i++)
		kill(children[i], SIGKILL);
	for (i = 0; i < count; i++)
		if (waitpid(children[i], &status, 0) != children[i] ||
		    !WIFSIGNALED(status))
			error = -ECHILD;
	free(children);
	children = NULL;
	count = 0;
	return error;
}
