// SPDX-License-Identifier: GPL-2.0
/*
 * Messages, on standard error: standard output may be the guest's console.
 *
 * Both may be one pipe that nobody reads. Once the guest runs, a message waits for
 * space for a moment and is lost then, so that the end waits for nobody.
 */
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "nonblocking.h"

#define PATIENCE_MS	100

static int messages_fd = STDERR_FILENO;

/**
 * error__never_wait() - let no message wait for who reads it
 *
 * Context: Before there are threads; opens a file by its path.
 * Return: 0, or a negative errno after a message.
 */
int error__never_wait(void)
{
	int fd = nonblocking__of(STDERR_FILENO);

	if (fd == -EBADF)
		return 0;
	if (fd < 0)
		return vmm_error(-fd, "redirect it to a file", "standard error");
	messages_fd = fd;
	return 0;
}

/* One call, so that the lines of two threads do not mix. */
static void print(const char *line, size_t length)
{
	struct pollfd space = { messages_fd, POLLOUT, 0 };

	if (write(messages_fd, line, length) < 0 && errno == EAGAIN &&
	    poll(&space, 1, PATIENCE_MS) == 1 &&
	    write(messages_fd, line, length) < 0)
		return;
}

__attribute__((format(printf, 1, 2)))
static void print_line(const char *format, ...)
{
	char line[1024];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	if (length >= (int)sizeof(line))
		length = sizeof(line) - 1;
	print(line, length);
}

/**
 * vmm_error() - say what failed, why, and what can be done about it
 * @error: a positive errno value; 0 if errno has nothing to do with it
 * @remedy: what to do, as a command to the user; NULL if nobody knows
 * @format: the thing, in the manner of printf()
 *
 * Context: Any thread.
 * Return: -@error, or -1 if that is 0, for the caller to return.
 */
int vmm_error(int error, const char *remedy, const char *format, ...)
{
	char thing[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(thing, sizeof(thing), format, arguments);
	va_end(arguments);

	print_line("pvmm: %s%s%s%s%s\n", thing,
		   error ? ": " : "", error ? strerror(error) : "",
		   remedy ? "; " : "", remedy ? remedy : "");
	return error ? -error : -1;
}

/**
 * vmm_note() - tell the user something that is no error
 * @format: in the manner of printf()
 */
void vmm_note(const char *format, ...)
{
	char text[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	print_line("pvmm: %s\n", text);
}
