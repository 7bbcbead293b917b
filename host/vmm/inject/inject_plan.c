// SPDX-License-Identifier: GPL-2.0
/*
 * A plan of preemptions: reading it, and answering rings by it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "inject_plan.h"

static const char * const who_names[] = {
	[INJECT_HOLDER] = "holder",
	[INJECT_WAITER] = "waiter",
};

static const char * const mode_names[] = {
	[INJECT_PARK] = "park",
	[INJECT_HOG] = "hog",
};

/* Returns the index of the text among the names, or -1. */
static int find_name(const char * const *names, size_t number, const char *text)
{
	size_t i;

	for (i = 0; i < number; i++)
		if (names[i] && !strcmp(names[i], text))
			return i;
	return -1;
}

/* Returns what follows a number within bounds; NULL if there is none. */
static char *take_number(char *text, u64 least, u64 most, u64 *number)
{
	char *end;

	errno = 0;
	*number = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || errno || *number < least ||
	    *number > most)
		return NULL;
	return end;
}

static bool read_number(char *text, u64 least, u64 most, u64 *number)
{
	char *end = take_number(text, least, most, number);

	return end && !*end;
}

static const char *parse_for(struct inject_rule *rule, char *text)
{
	u64 unit, number;
	char *end = take_number(text, 1, INJECT_MAX_NS, &number);

	if (end && !strcmp(end, "us"))
		unit = 1000;
	else if (end && !strcmp(end, "ms"))
		unit = 1000000;
	else
		return "give for=TIME as 500us or 5ms";
	if (number > INJECT_MAX_NS / unit)
		return "give for=TIME of at most 10000ms";
	rule->for_ns = number * unit;
	return NULL;
}

static const char *parse_every(struct inject_rule *rule, char *text)
{
	if (!read_number(text, 1, UINT32_MAX, &rule->every))
		return "give every=K with a number from 1 on";
	return NULL;
}

static const char *parse_at(struct inject_rule *rule, char *text)
{
	u64 last = 0;

	for (;;) {
		if (rule->nr_counts == INJECT_MAX_COUNTS)
			return "give at most 32 numbers with at=";
		text = take_number(text, last + 1, UINT32_MAX, &last);
		if (!text || (*text && *text != '+'))
			return "give at=N+N+... with ascending numbers from 1 on";
		rule->counts[rule->nr_counts++] = last;
		if (!*text)
			return NULL;
		text++;
	}
}

static const char *parse_jitter(struct inject_rule *rule, char *text)
{
	u64 number;

	if (!read_number(text, 0, 100, &number))
		return "give jitter=P in percent, from 0 to 100";
	rule->jitter = number;
	return NULL;
}

static const char *parse_mode(struct inject_rule *rule, char *text)
{
	int mode = find_name(mode_names, ARRAY_SIZE(mode_names), text);

	if (mode < 0)
		return "give mode=park or mode=hog";
	rule->mode = mode;
	return NULL;
}

static const char *parse_key(struct inject_rule *rule, u32 *given, char *text)
{
	static const struct {
		const char *name;
		const char *(*parse)(struct inject_rule *rule, char *text);
	} keys[] = {
		{ "for", parse_for }, { "every", parse_every },
		{ "at", parse_at }, { "jitter", parse_jitter },
		{ "mode", parse_mode },
	};
	char *value = strchr(text, '=');
	size_t i;

	if (value)
		*value++ = '\0';
	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		if (!value || strcmp(text, keys[i].name))
			continue;
		if (*given & BIT(i))
			return "give each key of a rule once";
		*given |= BIT(i);
		return keys[i].parse(rule, value);
	}
	return "a rule has the keys for=, every=, at=, jitter= and mode=";
}

/* "holder:1" */
static const char *parse_subject(struct inject_rule *rule, char *text)
{
	char *lock = text ? strchr(text, ':') : NULL;
	u64 number;
	int who;

	if (!lock)
		return "begin a rule with holder:LOCK or waiter:LOCK";
	*lock++ = '\0';
	who = find_name(who_names, ARRAY_SIZE(who_names), text);
	if (who < 0 || !read_number(lock, 1, INJECT_MAX_LOCK, &number))
		return "begin a rule with holder:LOCK or waiter:LOCK, a lock from 1 to 65535";
	rule->who = who;
	rule->lock = number;
	return NULL;
}

static const char *parse_rule(struct inject_rule *rule, char *text)
{
	char *position = NULL, *part = strtok_r(text, ",", &position);
	const char *wrong = parse_subject(rule, part);
	u32 given = 0;

	while (!wrong && (part = strtok_r(NULL, ",", &position)))
		wrong = parse_key(rule, &given, part);
	if (wrong)
		return wrong;
	if (!rule->for_ns)
		return "say for how long, with for=TIME";
	if (rule->every && rule->nr_counts)
		return "give either every= or at=";
	if (!rule->every && !rule->nr_counts)
		rule->every = 1;
	return NULL;
}

static struct inject_rule *find_rule(struct inject_plan *plan,
				     enum inject_who who, u32 lock)
{
	unsigned int i;

	for (i = 0; i < plan->rules; i++)
		if (plan->rule[i].who == who && plan->rule[i].lock == lock)
			return &plan->rule[i];
	return NULL;
}

/**
 * inject_plan__parse() - read a plan
 * @plan: to be filled in; of no use if this fails
 * @text: see above; is cut to pieces
 *
 * Return: what to do about what is wrong, or NULL.
 */
const char *inject_plan__parse(struct inject_plan *plan, char *text)
{
	char *position = NULL, *part;

	*plan = (struct inject_plan){ 0 };
	for (part = strtok_r(text, ";", &position); part;
	     part = strtok_r(NULL, ";", &position)) {
		struct inject_rule rule = { 0 };
		const char *wrong = parse_rule(&rule, part);

		if (wrong)
			return wrong;
		if (find_rule(plan, rule.who, rule.lock))
			return "give one rule for the holder or waiter of a lock";
		if (plan->rules == INJECT_MAX_RULES)
			return "give at most 16 rules";
		plan->rule[plan->rules++] = rule;
	}
	return plan->rules ? NULL : "give a rule, such as holder:1,for=5ms";
}

/*
 * The output function of SplitMix64. Steele, Lea and Flood, "Fast splittable
 * pseudorandom number generators", OOPSLA 2014.
 */
static u64 mix(u64 value)
{
	value += 0x9e3779b97f4a7c15ULL;
	value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
	value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
	return value ^ (value >> 31);
}

/* What random numbers are for. */
enum draw { DRAW_DISTANCE, DRAW_TIME };

/* The value, up to jitter percent more or less; never 0. */
static u64 vary(const struct inject_plan *plan, const struct inject_rule *rule,
		enum draw draw, u64 value)
{
	u64 number = (u64)(rule - plan->rule) << 1 | draw;
	u64 random = mix(mix(mix(plan->seed) ^ number) ^ rule->planned);
	u64 most = value * rule->jitter / 100;
	u64 varied = value - most + random % (2 * most + 1);

	return varied ?: 1;
}

/* Which ring comes next, after as many answers as there have been. */
static void advance(const struct inject_plan *plan, struct inject_rule *rule)
{
	if (rule->every)
		rule->next += vary(plan, rule, DRAW_DISTANCE, rule->every);
	else
		rule->next = rule->planned < rule->nr_counts ?
			rule->counts[rule->planned] : 0;
}

/**
 * inject_plan__start() - begin with a plan
 * @plan: of inject_plan__parse(), or one that has been followed before
 * @seed: of its random numbers
 */
void inject_plan__start(struct inject_plan *plan, u64 seed)
{
	unsigned int i;

	plan->seed = seed;
	for (i = 0; i < plan->rules; i++) {
		plan->rule[i].rings = 0;
		plan->rule[i].next = 0;
		plan->rule[i].planned = 0;
		advance(plan, &plan->rule[i]);
	}
}

/**
 * inject_plan__ring() - count a ring, and answer it
 * @plan: that has been started
 * @ring: of INJECT_RING(), or anything else
 * @answer: to be filled in
 *
 * Context: One call at a time.
 * Return: whether the plan has an answer.
 */
bool inject_plan__ring(struct inject_plan *plan, u32 ring,
		       struct inject_answer *answer)
{
	struct inject_rule *rule = find_rule(plan, ring >> 24,
					     ring & 0xffffff);

	if (!rule || ++rule->rings != rule->next)
		return false;
	answer->rule = rule - plan->rule;
	answer->for_ns = vary(plan, rule, DRAW_TIME, rule->for_ns);
	rule->planned++;
	advance(plan, rule);
	return true;
}

/**
 * inject_plan__uses() - tell whether any rule preempts in this way
 * @plan: may be empty
 * @mode: the way
 *
 * Return: whether one does.
 */
bool inject_plan__uses(const struct inject_plan *plan, enum inject_mode mode)
{
	unsigned int i;

	for (i = 0; i < plan->rules; i++)
		if (plan->rule[i].mode == mode)
			return true;
	return false;
}

/**
 * inject_who__name() - name a kind of vCPU as a plan does
 * @who: the kind
 *
 * Return: the name.
 */
const char *inject_who__name(enum inject_who who)
{
	return who_names[who];
}

/**
 * inject_mode__name() - name a way to preempt as a plan does
 * @mode: the way
 *
 * Return: the name.
 */
const char *inject_mode__name(enum inject_mode mode)
{
	return mode_names[mode];
}
