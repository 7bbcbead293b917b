/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the slow path needs to know about a lock word.
 *
 * The algorithm (ticket_algorithm.h) is written once, over the operations of a
 * struct ticket_layout. There are two: that of struct ticket_lock, and that of
 * the kernel's own spinlock. Each is a constant of one file, and everything is
 * inlined, so no function pointer is left in the compiled code.
 */
#ifndef TICKET_LAYOUT_H
#define TICKET_LAYOUT_H

#include "ticket_types.h"

/**
 * struct ticket_layout - the operations on one kind of lock word
 *
 * A lock is free, or held, or open (released while the first in line is
 * halted, so that anybody may take it), or its first in line's turn has come.
 * It is marked (slow) if the first in line has to be kicked: held and marked,
 * it becomes open by its release.
 *
 * @is_free: nobody holds the lock or waits for it
 * @is_open: nobody holds it, and it is marked
 * @is_slow: it is marked
 * @is_contended: somebody is in line
 * @first: the ticket of the first in line, if there is one
 * @ahead: how many owners come before @want; 0: it is the turn of @want,
 *	even if the lock is open
 * @taken: a free word, held by somebody without a ticket
 * @overtaken: an open word, held by somebody without a ticket, still marked
 * @opening: a held word, marked
 * @closed: a marked word without its mark; an open one becomes a turn
 * @draw: join the line; returns the caller's ticket. Fully ordered.
 * @claim: make a turn ownership. Fully ordered if it does anything.
 * @release: the owner's unlock, whatever the word says; the last access to
 *	the lock. Fully ordered.
 */
struct ticket_layout {
	bool (*is_free)(u32 word);
	bool (*is_open)(u32 word);
	bool (*is_slow)(u32 word);
	bool (*is_contended)(u32 word);
	ticket_t (*first)(u32 word);
	u32 (*ahead)(u32 word, ticket_t want);
	u32 (*taken)(u32 word);
	u32 (*overtaken)(u32 word);
	u32 (*opening)(u32 word);
	u32 (*closed)(u32 word);
	ticket_t (*draw)(u32 *lock);
	void (*claim)(u32 *lock);
	void (*release)(u32 *lock);
};

#endif /* TICKET_LAYOUT_H */
