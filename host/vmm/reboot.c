// SPDX-License-Identifier: GPL-2.0
/*
 * Starting a guest again after a reset. As the machine begins anew, so does the VMM:
 * in a new process, since the old one may do no more than run a guest.
 *
 * Who wants to end the guest, or to have a snapshot, knows the parent, which passes
 * the signal on and waits for what the child makes of it. While there is no child to
 * pass it to, the signal is blocked.
 */
#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "reboot.h"

static const int passed_on[] = { SIGINT, SIGTERM, SIGHUP, SIGUSR2 };

static volatile pid_t child;
static volatile sig_atomic_t told_to_end;

static void pass_on(int number)
{
	if (number != SIGUSR2)
		told_to_end = 1;
	if (child > 0)
		kill(child, number);
}

static void set_handlers(void (*handler)(int number))
{
	struct sigaction action = { .sa_handler = handler };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(passed_on); i++)
		sigaction(passed_on[i], &action, NULL);
}

/* Returns the signals that were blocked before. */
static sigset_t block_signals(void)
{
	sigset_t signals, before;
	size_t i;

	sigemptyset(&signals);
	for (i = 0; i < ARRAY_SIZE(passed_on); i++)
		sigaddset(&signals, passed_on[i]);
	sigprocmask(SIG_BLOCK, &signals, &before);
	return before;
}

/* A child does not outlive its parent, and ends as if it had been told to. */
static void begin_child(pid_t parent, const sigset_t *signals)
{
	set_handlers(SIG_DFL);
	/* Until it takes snapshots. */
	signal(SIGUSR2, SIG_IGN);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(EXIT_VMM);
	sigprocmask(SIG_SETMASK, signals, NULL);
}

/* Returns the status of wait(2), or a negative value after a message. */
static int run_child(const struct options *options,
		     int (*run)(const struct options *options))
{
	pid_t parent = getpid();
	sigset_t before = block_signals();
	int status, error = 0;

	child = fork();
	if (!child) {
		begin_child(parent, &before);
		_exit(run(options));
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (child < 0)
		return vmm_error(errno, "raise the limit of processes", "fork");
	while (!error && waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			error = vmm_error(errno, NULL, "waitpid");
	child = 0;
	return error ?: status;
}

/**
 * run_again_after_reset() - run a guest until it ends in another way than a reset
 * @options: of the command line; a snapshot is restored only the first time
 * @run: runs it once, in a process of its own
 *
 * Context: A process with one thread.
 * Return: exit code.
 */
int run_again_after_reset(struct options *options,
			  int (*run)(const struct options *options))
{
	int status;

	set_handlers(pass_on);
	do {
		status = run_child(options, run);
		options->restore = NULL;
	} while (status >= 0 && WIFEXITED(status) &&
		 WEXITSTATUS(status) == EXIT_RESET && !told_to_end);
	if (status < 0 || !WIFEXITED(status) ||
	    WEXITSTATUS(status) == EXIT_RESET)
		return EXIT_VMM;
	return WEXITSTATUS(status);
}
