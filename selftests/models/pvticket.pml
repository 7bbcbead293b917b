/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A model of the lock, written from Documentation/lock.rst.
 *
 * CPUS processors take the lock ROUNDS times each. The word of the lock is
 * read and replaced as a whole. Tickets count modulo TICKETS and begin near
 * the end, so that they wrap around. What a waiter says about itself in the
 * waiter table goes through a store buffer of one entry, as on x86.
 *
 * Claims: assertions on exclusion, order, overtaking, use of a freed lock, and
 * the state at the end; no invalid end state, that is, nobody halts forever;
 * and ltl all_done: with fair processors everybody gets the lock.
 *
 * The variants below leave something out, and must fail: run-models.
 */
#ifndef CPUS
#define CPUS	3
#endif
#ifndef ROUNDS
#define ROUNDS	1
#endif
/* How often the first in line may be overtaken. */
#ifndef LIMIT
#define LIMIT	1
#endif
#ifndef CLAIMED_LIMIT
#define CLAIMED_LIMIT	LIMIT
#endif
/* Interrupts, each CPU; one may also be any other spurious end of a halt. */
#ifndef IRQS
#define IRQS	0
#endif
/* As many CPUs do not get them. */
#ifndef UNDISTURBED
#define UNDISTURBED	0
#endif

#define TICKETS		8
#define FIRST		6
#define NEXT(t)		(((t) + 1) & (TICKETS - 1))
#define BEFORE(t)	(((t) + TICKETS - 1) & (TICKETS - 1))

/* (head, SP | tail, P) in one byte */
#define WORD(h, s, t, p)	((h) | (s) << 3 | (t) << 4 | (p) << 7)
#define HEAD(w)		((w) & 7)
#define SP(w)		(((w) >> 3) & 1)
#define TAIL(w)		(((w) >> 4) & 7)
#define P(w)		(((w) >> 7) & 1)
#define PARITY(t)	((t) & 1)
#define FREE(w)		(HEAD(w) == TAIL(w) && !SP(w))
#define OPEN(w)		(SP(w) && PARITY(HEAD(w)) != P(w))

#define ABSENT	0
#define AWAKE	1
#define HALTED	2
#define KICKED	3
#define LEFT	4

#ifdef NO_LIMIT
#define MAY_OVERTAKE(w)	true
#else
#define MAY_OVERTAKE(w)	(overtaken[w] < LIMIT)
#endif

byte word = WORD(FIRST, 0, FIRST, 0);
bool freed;

/* The waiter table: by ticket. */
byte state[TICKETS];
byte waiting_cpu[TICKETS];
byte overtaken[TICKETS];

/* Store buffers: a state that is not yet in the table. */
bool buffered[CPUS];
byte buffered_ticket[CPUS];
byte buffered_state[CPUS];

bool token[CPUS];
bool irqs_on[CPUS];
bool halting[CPUS];
bool interrupted[CPUS];
byte irqs[CPUS];

/* What the claims are about. */
byte owners;
byte serving = FIRST;
byte overtakings;
byte references = CPUS * ROUNDS;
byte done;

#define drained		(!buffered[id])

inline store_state(t, s)
{
	atomic {
		drained;
		buffered[id] = true;
		buffered_ticket[id] = t;
		buffered_state[id] = s;
	}
}

inline read_word()
{
	atomic {
		assert(!freed);
		r = word;
	}
}

/* Locked instructions wait for the store buffer. */
inline replace_word(new)
{
	atomic {
		drained;
		assert(!freed);
		ok = (word == r);
		if
		:: ok -> word = new
		:: else
		fi
	}
}

inline got_lock_with_ticket()
{
	atomic {
		assert(owners == 0);
		owners++;
		assert(ticket == serving);
		serving = NEXT(serving);
		overtakings = 0;
	}
}

inline got_lock_without_ticket()
{
	atomic {
		assert(owners == 0);
		owners++;
		overtakings++;
		assert(overtakings <= CLAIMED_LIMIT)
	}
}

inline add_to_head()
{
	atomic {
		drained;
		assert(!freed);
		r = word;
		word = WORD(NEXT(HEAD(word)), SP(word), TAIL(word), P(word));
	}
}

inline kick(t)
{
	if
	:: state[t] == HALTED ->
		atomic {
			drained;
			ok = (state[t] == HALTED);
			if
			:: ok -> state[t] = KICKED
			:: else
			fi
		}
		if
		:: ok -> token[waiting_cpu[t]] = true
		:: else
		fi
	:: else
	fi
}

/* One that was kicked and does not run yet: the one behind it, too. */
inline kick_next()
{
#ifdef WRONG_TICKET
	w = HEAD(r);
#else
	w = NEXT(HEAD(r));
#endif
	if
	:: state[w] == KICKED && overtaken[w] > 0 -> kick(NEXT(w))
	:: else -> kick(w)
	fi
}

inline unlock()
{
#ifdef KICK_FIRST
	read_word();
	if
	:: SP(r) -> kick_next()
	:: else
	fi;
	add_to_head();
#else
	add_to_head();
#ifdef READ_AFTER_RELEASE
	r = r & ~8;
	atomic {
		assert(!freed);
		r = r | (word & 8);
	}
#endif
	if
	:: SP(r) -> kick_next()
	:: else
	fi
#endif
}

/* 2: without a ticket, while those in line sleep. Sets owned. */
inline lock_unqueued()
{
	looks = 0;
	do
	:: looks == 2 || LIMIT == 0 -> break
	:: else ->
		looks++;
		read_word();
		if
		:: FREE(r) ->
			ticket = TAIL(r);
			replace_word(WORD(HEAD(r), 0, NEXT(TAIL(r)), 0));
			if
			:: ok -> got_lock_with_ticket(); owned = true; break
			:: else
			fi
		:: !FREE(r) && !SP(r) -> break
		:: SP(r) && !OPEN(r)
		:: OPEN(r) && !MAY_OVERTAKE(HEAD(r)) -> break
		:: OPEN(r) && MAY_OVERTAKE(HEAD(r)) ->
			w = HEAD(r);
			replace_word(WORD(BEFORE(w), 1, TAIL(r),
					  PARITY(BEFORE(w))));
			if
			:: ok && MAY_OVERTAKE(w) ->
				overtaken[w]++;
				got_lock_without_ticket();
				owned = true
			:: ok && !MAY_OVERTAKE(w) -> unlock()
			:: !ok
			fi;
			break
		fi
	od
}

/* Out of turn, and out of the line. Sets owned and left. */
inline leave()
{
	w = HEAD(r);
	replace_word(WORD(BEFORE(w), 1, TAIL(r), PARITY(BEFORE(w))));
	if
	:: ok && MAY_OVERTAKE(w) ->
		overtaken[w]++;
		got_lock_without_ticket();
#ifndef LEFT_NOT_SAID
		store_state(ticket, LEFT);
#endif
		owned = true;
		left = true
	:: ok && !MAY_OVERTAKE(w) -> unlock()
	:: !ok
	fi
}

/* One look of one who has a ticket. Sets owned, and left if it is not in line. */
inline look()
{
	read_word();
	if
	:: HEAD(r) == ticket && !OPEN(r) -> owned = true
	:: HEAD(r) == ticket && OPEN(r) ->
		replace_word(WORD(ticket, 0, TAIL(r), 0));
		owned = ok
#ifdef CLEAR_BY_ANY
	:: HEAD(r) != ticket && SP(r) && !OPEN(r) ->
		replace_word(WORD(HEAD(r), 0, TAIL(r), 0))
#else
	:: HEAD(r) == BEFORE(ticket) && SP(r) && !OPEN(r) ->
		replace_word(WORD(HEAD(r), 0, TAIL(r), 0))
	:: HEAD(r) != ticket && HEAD(r) != BEFORE(ticket) && SP(r) && !OPEN(r)
#endif
	:: HEAD(r) != ticket && OPEN(r) ->
		if
		:: published && LIMIT > 0 && MAY_OVERTAKE(HEAD(r)) -> leave()
		:: else
		fi
	:: HEAD(r) != ticket && !SP(r)
	fi
}

/* Sets SP if first in line; must_halt if it is not the waiter's turn. */
inline last_look()
{
	do
	:: read_word();
		if
#ifndef NO_RECHECK
		:: HEAD(r) == ticket -> must_halt = false; break
#else
		:: HEAD(r) == ticket -> must_halt = true; break
#endif
		:: HEAD(r) == BEFORE(ticket) && !SP(r) ->
			replace_word(WORD(HEAD(r), 1, TAIL(r), PARITY(HEAD(r))));
			if
			:: ok -> must_halt = true; break
			:: else
			fi
		:: HEAD(r) != ticket &&
		   (HEAD(r) != BEFORE(ticket) || SP(r)) ->
			must_halt = true;
			break
		fi
	od
}

inline publish()
{
	if
	:: !published -> waiting_cpu[ticket] = id; overtaken[ticket] = 0
	:: else
	fi;
	published = true;
	store_state(ticket, HALTED)
}

inline halt_once()
{
	irqs_on[id] = false;
#ifdef FLAG_FIRST
	last_look();
	publish();
	drained;
#else
	publish();
#ifndef NO_BARRIER_A
	drained;
#endif
#ifdef IRQS_LATE
	irqs_on[id] = irqs_were_on;
#endif
	last_look();
#endif
	if
	:: must_halt ->
		atomic {
			irqs_on[id] = irqs_were_on;
			halting[id] = true
		}
		atomic {
			token[id] || interrupted[id];
			token[id] = false;
			interrupted[id] = false;
			halting[id] = false
		}
	:: else
	fi;
	store_state(ticket, AWAKE);
	irqs_on[id] = irqs_were_on
}

/* Takes the first in line, which has left, out of it. */
inline pass_over()
{
	store_state(NEXT(ticket), ABSENT);
	do
	:: read_word();
		replace_word(WORD(NEXT(HEAD(r)), SP(r), TAIL(r), P(r)));
		if
		:: ok -> break
		:: else
		fi
	od;
	ticket = NEXT(ticket);
	serving = NEXT(serving)
}

inline mark()
{
	do
	:: read_word();
		if
		:: SP(r) -> break
		:: else ->
			replace_word(WORD(HEAD(r), 1, TAIL(r), PARITY(HEAD(r))));
			if
			:: ok -> break
			:: else
			fi
		fi
	od
}

/* 5: the next in line has left, or has halted too early to set SP itself. */
inline see_to_next()
{
	do
	:: read_word();
		if
		:: TAIL(r) == NEXT(ticket) -> break
		:: else ->
			drained;
			if
#ifndef LEFT_AWAITED
			:: state[NEXT(ticket)] == LEFT -> pass_over()
#endif
			:: state[NEXT(ticket)] == HALTED ||
			   state[NEXT(ticket)] == KICKED -> mark(); break
			:: else -> break
			fi
		fi
	od
}

inline lock_queued()
{
	atomic {
		drained;
		assert(!freed);
		ticket = TAIL(word);
		word = WORD(HEAD(word), SP(word), NEXT(TAIL(word)), P(word))
	}
	published = false;
	left = false;
	do
	:: look();
		if
		:: owned -> break
		:: else -> halt_once()
		fi
	od;
	if
	:: left
	:: else ->
		if
		:: published -> store_state(ticket, ABSENT)
		:: else
		fi;
		got_lock_with_ticket();
#ifndef NO_SEE_TO_NEXT
		see_to_next()
#endif
	fi
}

proctype cpu(byte id)
{
	byte r, w, ticket, looks, rounds;
	bool ok, owned, left, published, must_halt, irqs_were_on, last;

	if
	:: irqs_were_on = true
	:: irqs_were_on = false
	fi;
	irqs_on[id] = irqs_were_on;
	do
	:: rounds == ROUNDS -> break
	:: else ->
		rounds++;
		owned = false;
		/* 1: a free lock */
		read_word();
		if
		:: FREE(r) ->
			ticket = TAIL(r);
			replace_word(WORD(HEAD(r), 0, NEXT(TAIL(r)), 0));
			if
			:: ok -> got_lock_with_ticket(); owned = true
			:: else
			fi
		:: else
		fi;
		if
		:: !owned -> lock_unqueued()
		:: else
		fi;
		if
		:: !owned -> lock_queued()
		:: else
		fi;
		/* the critical section */
		atomic {
			references--;
			last = (references == 0);
			assert(owners == 1)
		}
		owners--;
		unlock();
		if
		:: last -> freed = true
		:: else
		fi
	od;
	irqs_on[id] = false;
	drained;
	done++
}

/* Store buffers reach the table; interrupts come, and may eat a kick. */
proctype machine()
{
	byte i;

end:	do
	:: d_step { buffered[0] -> state[buffered_ticket[0]] = buffered_state[0]; buffered[0] = false }
	:: d_step { buffered[1] -> state[buffered_ticket[1]] = buffered_state[1]; buffered[1] = false }
#if CPUS > 2
	:: d_step { buffered[2] -> state[buffered_ticket[2]] = buffered_state[2]; buffered[2] = false }
#endif
	:: atomic { done == CPUS ->
		assert(HEAD(word) == TAIL(word) && !SP(word) && !P(word));
		i = 0;
		do
		:: i < TICKETS -> assert(state[i] == ABSENT); i++
		:: else -> break
		od }
		break
	od
}

#if IRQS > 0
proctype interrupts(byte id)
{
end:	do
	:: d_step {
		irqs_on[id] && irqs[id] < IRQS ->
		irqs[id]++;
		token[id] = false;
		interrupted[id] = halting[id]
	   }
	od
}
#endif

init {
	byte i;

	atomic {
		run machine();
		for (i : 0 .. CPUS - 1) {
			run cpu(i);
#if IRQS > 0
			if
			:: i >= UNDISTURBED -> run interrupts(i)
			:: else
			fi
#endif
		}
	}
}

ltl all_done { <> (done == CPUS) }
