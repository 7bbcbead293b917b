// SPDX-License-Identifier: GPL-2.0
/*
 * Reading a run's configuration: words key=value, separated by blanks. What
 * is wrong is told in the kernel log, in one line.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bits.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/stddef.h>
#include <linux/string.h>

#include "config.h"
#include "doorbell.h"

#define MAX_HOLD_NS	10000000
#define MAX_DURATION_MS	600000
#define MAX_WARMUP_MS	60000
#define MAX_LOCKS	1024
#define MAX_RING_US	10000000

/* The number of threads if none is given, until the CPUs are known. */
#define ONE_PER_CPU	0x10000

/* By enum doorbell_who. */
static const char * const ring_names[] = { "none", "holder", "waiter" };

struct config_key {
	const char *name;
	int (*parse)(struct bench_config *config, const struct config_key *key,
		     char *value);
	size_t offset;
	u32 min;
	u32 max;
};

static int parse_number(struct bench_config *config,
			const struct config_key *key, char *value)
{
	u32 *field = (void *)config + key->offset;

	if (!kstrtou32(value, 10, field) && *field >= key->min &&
	    *field <= key->max)
		return 0;
	pr_warn("%s=%s: must be a number from %u to %u\n", key->name, value,
		key->min, key->max);
	return -EINVAL;
}

static int parse_lock(struct bench_config *config, const struct config_key *key,
		      char *value)
{
	config->lock = bench_lock_find(value);
	if (config->lock)
		return 0;
	pr_warn("%s=%s: no such lock; the file locks lists all\n", key->name,
		value);
	return -EINVAL;
}

static int parse_cpus(struct bench_config *config, const struct config_key *key,
		      char *value)
{
	if (!cpulist_parse(value, &config->cpus) &&
	    !cpumask_empty(&config->cpus) &&
	    cpumask_subset(&config->cpus, cpu_online_mask))
		return 0;
	pr_warn("%s=%s: must be a list of online CPUs, which are %*pbl\n",
		key->name, value, cpumask_pr_args(cpu_online_mask));
	return -EINVAL;
}

static int parse_ring(struct bench_config *config, const struct config_key *key,
		      char *value)
{
	int who = match_string(ring_names, ARRAY_SIZE(ring_names), value);

	if (who >= 0) {
		config->ring = who;
		return 0;
	}
	pr_warn("%s=%s: must be none, holder or waiter\n", key->name, value);
	return -EINVAL;
}

#define NUMBER(name, min, max) \
	{ #name, parse_number, offsetof(struct bench_config, name), min, max }

static const struct config_key keys[] = {
	{ "lock", parse_lock },
	{ "cpus", parse_cpus },
	NUMBER(threads, 0, ONE_PER_CPU - 1),
	NUMBER(hold_ns, 0, MAX_HOLD_NS),
	NUMBER(think_ns, 0, MAX_HOLD_NS),
	NUMBER(duration_ms, 10, MAX_DURATION_MS),
	NUMBER(warmup_ms, 0, MAX_WARMUP_MS),
	NUMBER(cooldown_ms, 0, MAX_WARMUP_MS),
	NUMBER(irqs_off, 0, 1),
	NUMBER(lock_count, 1, MAX_LOCKS),
	NUMBER(random, 0, 1),
	{ "ring", parse_ring },
	NUMBER(ring_us, 1, MAX_RING_US),
	NUMBER(ring_lock, 1, DOORBELL_MAX_LOCK - MAX_LOCKS),
};

static const struct config_key *find_key(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		if (!strcmp(keys[i].name, name))
			return &keys[i];
	}
	return NULL;
}

static void warn_unknown_key(const char *name)
{
	char known[192] = "";
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		strlcat(known, " ", sizeof(known));
		strlcat(known, keys[i].name, sizeof(known));
	}
	pr_warn("%s: no such key; there are%s\n", name, known);
}

/* One word; @given has a bit for each key that was there already. */
static int parse_word(struct bench_config *config, unsigned long *given,
		      char *word)
{
	char *name = strsep(&word, "=");
	const struct config_key *key = find_key(name);

	if (!key) {
		warn_unknown_key(name);
		return -EINVAL;
	}
	if (!word || !*word) {
		pr_warn("%s: value missing, write %s=value\n", name, name);
		return -EINVAL;
	}
	if (*given & BIT(key - keys)) {
		pr_warn("%s=%s: %s was given before\n", name, word, name);
		return -EINVAL;
	}
	*given |= BIT(key - keys);
	return key->parse(config, key, word);
}

/* Leave only the first @count CPUs. */
static void trim_cpus(struct cpumask *cpus, unsigned int count)
{
	unsigned int cpu;

	for_each_cpu(cpu, cpus) {
		if (count)
			count--;
		else
			cpumask_clear_cpu(cpu, cpus);
	}
}

/* A lock says nothing that it does not know. */
static int check_ring(const struct bench_config *config)
{
	const char *ring = ring_names[config->ring];
	const char *name = config->lock->name;

	if (config->ring == DOORBELL_HOLDER && !config->lock->has_holder) {
		pr_warn("ring=%s: lock=%s has no holder\n", ring, name);
		return -EINVAL;
	}
	if (config->ring == DOORBELL_WAITER && !config->lock->has_next) {
		pr_warn("ring=%s: lock=%s cannot say who is next in line; ticket locks can\n",
			ring, name);
		return -EINVAL;
	}
	if (config->ring && !doorbell_find()) {
		pr_warn("ring=%s: this machine has no doorbell; run it with pvmm\n",
			ring);
		return -EINVAL;
	}
	return 0;
}

static int check_config(struct bench_config *config)
{
	unsigned int cpus = cpumask_weight(&config->cpus);

	if (!config->lock) {
		pr_warn("lock is missing; the file locks lists all\n");
		return -EINVAL;
	}
	if (config->threads == ONE_PER_CPU)
		config->threads = cpus;
	if (!config->threads || config->threads > cpus) {
		pr_warn("threads=%u: must be from 1 to %u, one per CPU of %*pbl\n",
			config->threads, cpus, cpumask_pr_args(&config->cpus));
		return -EINVAL;
	}
	trim_cpus(&config->cpus, config->threads);
	return check_ring(config);
}

/**
 * bench_ring_name() - who rings the doorbell
 * @config: a configuration
 *
 * Return: what it is called in configurations.
 */
const char *bench_ring_name(const struct bench_config *config)
{
	return ring_names[config->ring];
}

/**
 * bench_config_parse() - read and check a configuration
 * @config: where to put it; all zeroes
 * @line: the text, which is changed
 *
 * Return: 0, or -EINVAL after having logged why.
 */
int bench_config_parse(struct bench_config *config, char *line)
{
	unsigned long given = 0;
	char *word;

	cpumask_copy(&config->cpus, cpu_online_mask);
	config->threads = ONE_PER_CPU;
	config->hold_ns = 1000;
	config->think_ns = 2000;
	config->duration_ms = 1000;
	config->warmup_ms = 200;
	config->lock_count = 1;
	config->ring_us = 10000;
	config->ring_lock = 1;

	while ((word = strsep(&line, " \t\n"))) {
		int error = *word ? parse_word(config, &given, word) : 0;

		if (error)
			return error;
	}
	return check_config(config);
}
