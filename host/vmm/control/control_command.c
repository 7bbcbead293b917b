// SPDX-License-Identifier: GPL-2.0
/*
 * Commands of the control socket.
 *
 * Of JSON, a command needs no more than an object with one string in it. Everything
 * else is refused: what is not understood is not guessed at.
 */
#include <stdbool.h>
#include <string.h>

#include "control_command.h"

/* In a string of JSON. */
#define REMEDY	"send one line such as {\\\"command\\\": \\\"status\\\"}"

/* What is left of a line. */
struct text {
	const char *position;
	const char *end;
};

static void skip_blanks(struct text *text)
{
	while (text->position < text->end &&
	       strchr(" \t\r", *text->position) && *text->position)
		text->position++;
}

static bool skip(struct text *text, char wanted)
{
	skip_blanks(text);
	if (text->position == text->end || *text->position != wanted)
		return false;
	text->position++;
	return true;
}

static bool is_of_names(char character)
{
	return (character >= 'a' && character <= 'z') || character == '_' ||
		character == '-';
}

/* A string of lower-case letters, which needs no escapes here or in a reply. */
static bool read_name(struct text *text, char name[CONTROL_NAME_SIZE])
{
	size_t length = 0;

	if (!skip(text, '"'))
		return false;
	while (text->position < text->end && is_of_names(*text->position)) {
		if (length == CONTROL_NAME_SIZE - 1)
			return false;
		name[length++] = *text->position++;
	}
	name[length] = '\0';
	return length && text->position < text->end && *text->position++ == '"';
}

/**
 * control_command__parse() - read a command
 * @line: from a peer; any bytes
 * @length: of it, without the end of the line
 * @name: is set to the command's name
 *
 * Return: NULL, or why it is none; then @name is the empty string.
 */
const struct control_fault *
control_command__parse(const char *line, size_t length,
		       char name[CONTROL_NAME_SIZE])
{
	static const struct control_fault no_object = {
		"it is not an object with a string in it", REMEDY,
	}, unknown_key = {
		"it has a key other than 'command'", REMEDY,
	}, more = {
		"something follows the command", REMEDY,
	};
	struct text text = { line, line + length };
	char key[CONTROL_NAME_SIZE];
	const struct control_fault *fault = NULL;

	if (!skip(&text, '{') || !read_name(&text, key) || !skip(&text, ':'))
		fault = &no_object;
	else if (strcmp(key, "command"))
		fault = &unknown_key;
	else if (!read_name(&text, name))
		fault = &no_object;
	else if (!skip(&text, '}') || (skip_blanks(&text), text.position != text.end))
		fault = &more;
	if (fault)
		name[0] = '\0';
	return fault;
}

/**
 * control_command__refuse() - reply that something was not done
 * @reply: where to
 * @what: the thing
 * @why: the cause
 * @remedy: what to do
 *
 * All of them go into strings of JSON as they are.
 */
void control_command__refuse(FILE *reply, const char *what, const char *why,
			     const char *remedy)
{
	fprintf(reply,
		"{\"ok\": false, \"what\": \"%s\", \"why\": \"%s\", \"remedy\": \"%s\"}",
		what, why, remedy);
}
