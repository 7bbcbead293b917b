/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ranks of locks, checked at run time.
 *
 * Every lock belongs to a class, and every class has a rank. A thread acquires
 * locks in strictly ascending order of ranks; equal is a violation, too. Then
 * no set of threads can wait for each other in a circle. And it takes one
 * thread on one path to find a violation, whatever the others do at the time,
 * while a deadlock needs the right interleaving.
 *
 * The order is that of "MonitorU: vSMP" (Agesen, 2010); who uses the locks
 * keeps one table of all its classes (host/vmm/locks/lock_ranks.h).
 *
 * With LOCK_RANK_CHECK, the checker knows what each thread holds and where it
 * took it. A violation prints all of it and aborts, before the thread waits.
 * Without, the functions here are empty.
 */
#ifndef LOCK_RANK_H
#define LOCK_RANK_H

#include "../../../kernel/platform/platform.h"

/* Higher than every rank: a thread that waits at it serves no crosscall. */
#define LOCK_RANK_NONE	0x10000U

/**
 * struct lock_class - what locks of one kind have in common
 * @name: for reports
 * @rank: position in the order, from 1 to 65535
 */
struct lock_class {
	const char *name;
	u16 rank;
};

#define LOCK_SITE_TEXT(line)	#line
#define LOCK_SITE_LINE(line)	LOCK_SITE_TEXT(line)
/* Where in the source a lock is taken. */
#define LOCK_SITE		(__FILE__ ":" LOCK_SITE_LINE(__LINE__))

#ifdef LOCK_RANK_CHECK

void lock_rank_check(const struct lock_class *class, const char *site);
void lock_rank_push(const struct lock_class *class, const void *lock,
		    const char *site);
void lock_rank_pop(const struct lock_class *class, const void *lock);
void lock_rank_assert_held(const struct lock_class *class, const void *lock,
			   const char *site);
void lock_rank_assert_below(const struct lock_class *class, const char *site);
void lock_rank_assert_none(const char *site);
void __noreturn lock_rank_report(const char *format, const char *first,
				 const char *second);

#else

static inline void lock_rank_check(const struct lock_class *class,
				   const char *site)
{
	(void)class;
	(void)site;
}

static inline void lock_rank_push(const struct lock_class *class,
				  const void *lock, const char *site)
{
	(void)class;
	(void)lock;
	(void)site;
}

static inline void lock_rank_pop(const struct lock_class *class,
				 const void *lock)
{
	(void)class;
	(void)lock;
}

static inline void lock_rank_assert_held(const struct lock_class *class,
					 const void *lock, const char *site)
{
	(void)class;
	(void)lock;
	(void)site;
}

static inline void lock_rank_assert_below(const struct lock_class *class,
					  const char *site)
{
	(void)class;
	(void)site;
}

static inline void lock_rank_assert_none(const char *site)
{
	(void)site;
}

#endif /* LOCK_RANK_CHECK */

#endif /* LOCK_RANK_H */
