// SPDX-License-Identifier: GPL-2.0
/*
 * Files of costs, as pvlab measure-costs writes them: a line has a name and a
 * number, and what follows a # is for people.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../error.h"
#include "costs.h"

#define MOST_ENTRIES	64
#define NAME_BYTES	32
#define FILE_BYTES	65536
#define LINE_BYTES	256

static struct {
	char name[NAME_BYTES];
	double ns;
} measured[MOST_ENTRIES];

static size_t nr_measured;

static void read_line(const char *path, u32 number, char *line)
{
	char name[NAME_BYTES], rest[2];
	double ns;
	int words;

	line[strcspn(line, "#")] = '\0';
	words = sscanf(line, "%31s %lf %1s", name, &ns, rest);
	if (words <= 0)
		return;
	if (words != 2 || !(ns >= 0) || ns > NS_PER_SEC)
		fatal("%s:%u: not a name and nanoseconds; pvlab measure-costs makes such files",
		      path, number);
	if (costs_measured(name, &ns))
		fatal("%s:%u: %s is there twice", path, number, name);
	if (nr_measured == MOST_ENTRIES)
		fatal("%s:%u: more than %d entries", path, number, MOST_ENTRIES);
	strcpy(measured[nr_measured].name, name);
	measured[nr_measured++].ns = ns;
}

static void read_text(const char *path, const char *text)
{
	char line[LINE_BYTES];
	u32 number;

	nr_measured = 0;
	for (number = 1; *text; number++) {
		size_t length = strcspn(text, "\n");

		if (length >= sizeof(line))
			fatal("%s:%u: longer than %d characters", path, number,
			      LINE_BYTES - 1);
		memcpy(line, text, length);
		line[length] = '\0';
		read_line(path, number, line);
		text += length;
		text += *text == '\n';
	}
}

/**
 * costs_read_file() - read a file of costs
 * @path: the file
 */
void costs_read_file(const char *path)
{
	static char text[FILE_BYTES];
	FILE *file = fopen(path, "r");
	size_t length;

	if (!file)
		fatal("--costs %s: cannot be opened; pvlab measure-costs makes one", path);
	length = fread(text, 1, sizeof(text) - 1, file);
	if (!feof(file))
		fatal("--costs %s: cannot be read, or is too long", path);
	fclose(file);
	text[length] = '\0';
	read_text(path, text);
}

/**
 * costs_read_built_in() - use the costs that the simulator was built with
 */
void costs_read_built_in(void)
{
	read_text("built-in costs", costs_built_in);
}

/**
 * costs_measured() - look an entry up in the file of costs
 * @name: its name
 * @ns: set to its value, if it is there
 *
 * Return: false if it is not.
 */
bool costs_measured(const char *name, double *ns)
{
	size_t i;

	for (i = 0; i < nr_measured; i++) {
		if (!strcmp(measured[i].name, name)) {
			*ns = measured[i].ns;
			return true;
		}
	}
	return false;
}
