// SPDX-License-Identifier: GPL-2.0
/*
 * What the image has to say.
 */
#include <stdarg.h>

#include "cpu.h"
#include "text.h"

static char *position;
static char *end;

/**
 * text_init() - begin
 * @area: all zero, so that what is there always ends with a NUL
 * @size: its size
 */
void text_init(char *area, size_t size)
{
	position = area;
	end = area + size - 1;
}

static void print_character(char c)
{
	if (position < end)
		*position++ = c;
}

static void print_string(const char *string)
{
	while (*string)
		print_character(*string++);
}

static void print_number(u64 number, unsigned int base, unsigned int width)
{
	char digits[64];
	unsigned int length = 0;

	do {
		digits[length++] = "0123456789abcdef"[number % base];
		number /= base;
	} while (number || length < width);
	while (length)
		print_character(digits[--length]);
}

/* %s, %u, %lu, %x, %lx; zeroes in front as in %03lu. */
static void print(const char *format, va_list arguments)
{
	for (; *format; format++) {
		unsigned int width = 0;
		bool is_long;

		if (*format != '%') {
			print_character(*format);
			continue;
		}
		while (*++format >= '0' && *format <= '9')
			width = width * 10 + *format - '0';
		is_long = *format == 'l';
		format += is_long;
		if (*format == 's')
			print_string(va_arg(arguments, const char *));
		else
			print_number(is_long ? va_arg(arguments, u64) :
				     va_arg(arguments, u32),
				     *format == 'x' ? 16 : 10, width);
	}
}

/**
 * text_print() - say something
 * @format: with %s, %u, %lu, %x and %lx
 *
 * Context: One vCPU at a time.
 */
void text_print(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print(format, arguments);
	va_end(arguments);
}

/**
 * fail() - say what is wrong, and end the guest as failed
 * @format: as for text_print()
 */
void fail(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print(format, arguments);
	va_end(arguments);
	print_character('\n');
	cpu_end(1);
}
