// SPDX-License-Identifier: GPL-2.0
/*
 * The set of states, an open-addressing hash table, and the edges between
 * them, of which only the mandatory ones are kept (machine_is_mandatory()).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "states.h"

#define FIRST_INDEX_BITS	16

struct edge {
	u32 from, to;
};

static struct state *states;
static u32 nr_states, states_space;
/* State number plus 1, or 0. At most half of the places are taken. */
static u32 *index_table;
static unsigned int index_bits;
static struct edge *edges;
static size_t nr_edges, edges_space;

static void *or_die(void *memory)
{
	if (!memory) {
		perror("checker: too many states for this machine's memory");
		exit(2);
	}
	return memory;
}

static u32 *index_place(u64 hash)
{
	u64 mask = (1ULL << index_bits) - 1;
	u64 place = hash & mask;

	while (index_table[place] &&
	       states[index_table[place] - 1].hash != hash)
		place = (place + 1) & mask;
	return &index_table[place];
}

static void grow_index(void)
{
	u32 i;

	index_bits = index_bits ? index_bits + 1 : FIRST_INDEX_BITS;
	free(index_table);
	index_table = or_die(calloc(1ULL << index_bits,
				    sizeof(*index_table)));
	for (i = 0; i < nr_states; i++)
		*index_place(states[i].hash) = i + 1;
}

u32 states_find_or_add(u64 hash, bool *added)
{
	u32 *place;

	if (!index_table || nr_states >= 1ULL << (index_bits - 1))
		grow_index();
	place = index_place(hash);
	*added = !*place;
	if (!*added)
		return *place - 1;

	if (nr_states == states_space) {
		states_space = states_space ? 2 * states_space : 1024;
		states = or_die(realloc(states, states_space *
						sizeof(*states)));
	}
	memset(&states[nr_states], 0, sizeof(*states));
	states[nr_states].hash = hash;
	states[nr_states].parent = STATE_NONE;
	*place = ++nr_states;
	return nr_states - 1;
}

struct state *state_get(u32 number)
{
	return &states[number];
}

u32 states_count(void)
{
	return nr_states;
}

void states_add_edge(u32 from, u32 to)
{
	if (nr_edges == edges_space) {
		edges_space = edges_space ? 2 * edges_space : 4096;
		edges = or_die(realloc(edges, edges_space *
					      sizeof(*edges)));
	}
	edges[nr_edges++] = (struct edge){ from, to };
}

/* Sort the edges by target: those to state s are at first[s]..first[s+1]. */
static u32 *sort_edges(size_t **first_of)
{
	size_t *first = or_die(calloc((size_t)nr_states + 2, sizeof(*first)));
	u32 *from = or_die(malloc((nr_edges + 1) * sizeof(*from)));
	size_t i;

	for (i = 0; i < nr_edges; i++)
		first[edges[i].to + 2]++;
	for (i = 2; i < (size_t)nr_states + 2; i++)
		first[i] += first[i - 1];
	for (i = 0; i < nr_edges; i++)
		from[first[edges[i].to + 1]++] = edges[i].from;
	*first_of = first;
	return from;
}

/*
 * From every state the good end must be reachable without luck. Spreads
 * @good backwards along the edges.
 *
 * Returns the first state without hope, or STATE_NONE.
 */
u32 states_first_hopeless(void)
{
	u32 *todo = or_die(malloc(((size_t)nr_states + 1) * sizeof(*todo)));
	u32 nr_todo = 0;
	size_t *first;
	u32 *from = sort_edges(&first);
	u32 i, state;
	size_t edge;

	for (i = 0; i < nr_states; i++)
		if (states[i].good)
			todo[nr_todo++] = i;
	while (nr_todo) {
		state = todo[--nr_todo];
		for (edge = first[state]; edge < first[state + 1]; edge++) {
			if (states[from[edge]].good)
				continue;
			states[from[edge]].good = true;
			todo[nr_todo++] = from[edge];
		}
	}
	free(todo);
	free(from);
	free(first);
	for (i = 0; i < nr_states; i++)
		if (!states[i].good)
			return i;
	return STATE_NONE;
}

void states_clear(void)
{
	free(states);
	free(index_table);
	free(edges);
	states = NULL;
	index_table = NULL;
	edges = NULL;
	nr_states = 0;
	states_space = 0;
	index_bits = 0;
	nr_edges = 0;
	edges_space = 0;
}
