// SPDX-License-Identifier: GPL-2.0
/*
 * Messages, on standard error: standard output may be the guest's console.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "error.h"

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

	/* One call, so that the lines of two threads do not mix. */
	fprintf(stderr, "pvmm: %s%s%s%s%s\n", thing,
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
	fprintf(stderr, "pvmm: %s\n", text);
}
