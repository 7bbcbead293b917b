// SPDX-License-Identifier: GPL-2.0
/*
 * What the tests of the VMM's locks share.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../tsan_options.h"
#include "support.h"

#define SPIN_NS		5000
#define MAX_THREADS	64
#define US_PER_MS	1000
#define NSEC_PER_USEC	1000

static noreturn void fail(const char *what)
{
	fprintf(stderr, "vmm-locks: %s\n", what);
	exit(1);
}

/**
 * support_start() - prepare locks, and the calling thread for their use
 */
void support_start(void)
{
	if (locks_init(SPIN_NS) || lock_thread_enter("main"))
		fail("cannot prepare locks: no memory");
}

/**
 * support_stop() - undo support_start()
 */
void support_stop(void)
{
	lock_thread_exit();
	locks_exit();
}

static void *run_thread(void *data)
{
	struct support_thread *thread = data;

	if (lock_thread_enter(thread->name))
		fail("too many threads");
	thread->body(thread->data);
	lock_thread_exit();
	return NULL;
}

/**
 * support_thread_start() - start a thread that may take locks
 * @thread: until it is joined
 * @name: in reports
 * @body: what it does
 * @data: for @body
 */
void support_thread_start(struct support_thread *thread, const char *name,
			  void (*body)(void *data), void *data)
{
	*thread = (struct support_thread){
		.body = body, .data = data, .name = name,
	};
	if (pthread_create(&thread->id, NULL, run_thread, thread))
		fail("cannot create a thread");
}

/**
 * support_thread_join() - wait for the end of a thread
 * @thread: the thread
 */
void support_thread_join(struct support_thread *thread)
{
	pthread_join(thread->id, NULL);
}

/**
 * support_run_threads() - run threads that do the same, until they return
 * @threads: how many
 * @body: what they do
 * @data: for @body, shared
 */
void support_run_threads(unsigned int threads, void (*body)(void *data),
			 void *data)
{
	struct support_thread thread[MAX_THREADS];
	unsigned int i;

	for (i = 0; i < threads; i++)
		support_thread_start(&thread[i], "worker", body, data);
	for (i = 0; i < threads; i++)
		support_thread_join(&thread[i]);
}

/**
 * support_sleep_us() - sleep
 * @us: microseconds, less than a second
 */
void support_sleep_us(unsigned int us)
{
	const struct timespec time = { .tv_nsec = us * NSEC_PER_USEC };

	nanosleep(&time, NULL);
}

/**
 * support_random() - the next random number
 * @state: not 0
 *
 * Return: xorshift32 (Marsaglia, "Xorshift RNGs", 2003).
 */
u32 support_random(u32 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/**
 * support_becomes() - wait until a word has a value
 * @word: written by another thread
 * @value: the value
 *
 * Return: whether it has, in time.
 */
bool support_becomes(const u32 *word, u32 value)
{
	unsigned int i;

	for (i = 0; i < SUPPORT_PATIENCE_MS; i++) {
		if (support_see(word) == value)
			return true;
		support_sleep_us(US_PER_MS);
	}
	return false;
}

/* What a child does whose end is of interest. */
static noreturn void run_violation(void (*violate)(void), int errors)
{
	/* An abort is what is expected; it needs no core dump. */
	signal(SIGABRT, SIG_DFL);
	dup2(errors, STDERR_FILENO);
	violate();
	_exit(0);
}

static void read_all(int file, char *text)
{
	size_t length = 0;
	ssize_t got;

	while (length < SUPPORT_TEXT_BYTES - 1) {
		got = read(file, text + length,
			   SUPPORT_TEXT_BYTES - 1 - length);
		if (got <= 0)
			break;
		length += got;
	}
	text[length] = '\0';
}

/**
 * support_aborts() - does something abort?
 * @violate: done in a child process; the caller has one thread
 * @text: room for SUPPORT_TEXT_BYTES; what it has printed to standard error
 *
 * Return: whether it does.
 */
bool support_aborts(void (*violate)(void), char *text)
{
	int status = 0;
	int files[2];
	pid_t child;

	if (pipe(files))
		fail("cannot create a pipe");
	child = fork();
	if (child < 0)
		fail("cannot fork");
	if (!child)
		run_violation(violate, files[1]);
	close(files[1]);
	read_all(files[0], text);
	close(files[0]);
	waitpid(child, &status, 0);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}
