// SPDX-License-Identifier: GPL-2.0
/*
 * The command line. What is wrong ends the guest with a message.
 */
#include "../../../kernel/ticket_core.h"
#include "config.h"
#include "../machine/string.h"
#include "../machine/text.h"

#define WORD_SIZE	64

struct choice {
	const char *name;
	u32 value;
};

static const struct choice ring_choices[] = {
	{ "none", RING_NOBODY }, { "holder", RING_HOLDER }, { "waiter", RING_WAITER },
	{ NULL, 0 },
};

static const struct choice hold_choices[] = {
	{ "fixed", HOLD_FIXED }, { "exponential", HOLD_EXPONENTIAL },
	{ "rare", HOLD_RARE }, { NULL, 0 },
};

static const struct choice cpl_choices[] = {
	{ "auto", CPL_AUTO }, { "0", 0 }, { "3", 3 }, { NULL, 0 },
};

static const struct choice kick_choices[] = {
	{ "auto", KICK_AUTO }, { "ipi", KICK_IPI }, { "hypercall", KICK_HYPERCALL },
	{ NULL, 0 },
};

/* Either one of the choices, or a number within bounds. */
struct config_key {
	const char *name;
	size_t offset;
	const struct choice *choices;
	u32 min;
	u32 max;
};

#define NUMBER(name, min, max) \
	{ #name, offsetof(struct bench_config, name), NULL, min, max }
#define CHOICE(name, choices) \
	{ #name, offsetof(struct bench_config, name), choices, 0, 0 }

static const struct config_key keys[] = {
	NUMBER(threads, 1, MAX_CPUS),
	NUMBER(hold_ns, 0, 10000000),
	CHOICE(hold_is, hold_choices),
	NUMBER(think_ns, 0, 10000000),
	NUMBER(duration_ms, 1, MAX_WINDOWS * BENCH_WINDOW_MS),
	NUMBER(warmup_ms, 0, 60000),
	NUMBER(cooldown_ms, 0, 60000),
	NUMBER(lock_count, 1, MAX_LOCKS),
	NUMBER(random, 0, 1),
	NUMBER(irqs_off, 0, 0),
	CHOICE(ring, ring_choices),
	NUMBER(ring_us, 1, 10000000),
	NUMBER(ring_lock, 1, 64511),
	NUMBER(spin_ns, 0, 10000000),
	NUMBER(overtake, 0, 65535),
	NUMBER(costs, 0, 1),
	CHOICE(cpl, cpl_choices),
	CHOICE(kick, kick_choices),
};

static const struct config_key *find_key(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		if (!strcmp(keys[i].name, name))
			return &keys[i];
	}
	text_print("%s: no such key; there are lock", name);
	for (i = 0; i < ARRAY_SIZE(keys); i++)
		text_print(" %s", keys[i].name);
	fail("; give one of these");
}

static u32 parse_choice(const struct config_key *key, const char *value)
{
	const struct choice *choice;

	for (choice = key->choices; choice->name; choice++) {
		if (!strcmp(choice->name, value))
			return choice->value;
	}
	text_print("%s=%s: must be one of", key->name, value);
	for (choice = key->choices; choice->name; choice++)
		text_print(" %s", choice->name);
	fail("; give one of these");
}

static u32 parse_number(const struct config_key *key, const char *value)
{
	const char *digit;
	u64 number = 0;

	for (digit = value; *digit >= '0' && *digit <= '9'; digit++)
		number = number * 10 + *digit - '0';
	if (!*value || *digit || digit - value > 10 || number < key->min ||
	    number > key->max)
		fail("%s=%s: must be a number from %u to %u", key->name, value,
		     key->min, key->max);
	return number;
}

static void parse_lock(struct bench_config *config, const char *value)
{
	config->lock = bench_lock_find(value);
	if (config->lock)
		return;
	text_print("lock=%s: no such lock; there are", value);
	bench_lock_print_names();
	fail("; give one of these");
}

static void parse_word(struct bench_config *config, char *word)
{
	const struct config_key *key;
	char *value = word;
	u32 *field;

	while (*value && *value != '=')
		value++;
	if (!*value)
		fail("%s: value missing, write %s=value", word, word);
	*value++ = '\0';
	if (!strcmp(word, "lock")) {
		parse_lock(config, value);
		return;
	}
	key = find_key(word);
	field = (void *)((char *)config + key->offset);
	*field = key->choices ? parse_choice(key, value) : parse_number(key, value);
}

/* A lock says nothing that it does not know. */
static void check(const struct bench_config *config)
{
	if (config->costs && cpu_count < 2)
		fail("costs=1: takes two vCPUs");
	if (config->costs)
		return;
	if (!config->lock)
		fail("lock is missing");
	if (config->threads > cpu_count)
		fail("threads=%u: there are %u vCPUs", config->threads, cpu_count);
	if ((config->ring == RING_HOLDER && !config->lock->has_holder) ||
	    (config->ring == RING_WAITER && !config->lock->has_next))
		fail("ring=%s: lock=%s cannot say who that is",
		     config_ring_name(config), config->lock->name);
}

/**
 * config_ring_name() - who rings the doorbell
 * @config: a configuration
 *
 * Return: what it is called in configurations.
 */
const char *config_ring_name(const struct bench_config *config)
{
	return ring_choices[config->ring].name;
}

/**
 * config_hold_name() - how the times vary for which the lock is held
 * @config: a configuration
 *
 * Return: what it is called in configurations.
 */
const char *config_hold_name(const struct bench_config *config)
{
	return hold_choices[config->hold_is].name;
}

/**
 * config_parse() - read and check the command line
 * @config: to be filled in
 */
void config_parse(struct bench_config *config)
{
	const char *c = cpu_command_line;
	char word[WORD_SIZE];

	*config = (struct bench_config){
		.threads = cpu_count, .hold_ns = 1000, .think_ns = 2000,
		.duration_ms = 1000, .warmup_ms = 200, .lock_count = 1,
		.ring_us = 10000, .ring_lock = 1, .cpl = CPL_AUTO, .kick = KICK_AUTO,
		.spin_ns = TICKET_DEFAULT_SPIN_NS,
		.overtake = TICKET_DEFAULT_OVERTAKE_LIMIT,
	};
	while (*c) {
		unsigned int length = 0;

		while (*c == ' ')
			c++;
		while (*c && *c != ' ') {
			if (length == WORD_SIZE - 1)
				fail("the command line has a word that is too long");
			word[length++] = *c++;
		}
		word[length] = '\0';
		if (length)
			parse_word(config, word);
	}
	check(config);
}
