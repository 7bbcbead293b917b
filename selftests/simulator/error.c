// SPDX-License-Identifier: GPL-2.0
/*
 * The one way in which the simulator gives up.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "error.h"

/**
 * fatal() - say what is wrong and exit with status 2
 * @format: names the thing, the cause and the remedy
 */
void fatal(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fputs("simulator: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	exit(2);
}
