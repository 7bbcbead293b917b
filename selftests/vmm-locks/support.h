/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests of the VMM's locks share.
 */
#ifndef VMM_LOCKS_SUPPORT_H
#define VMM_LOCKS_SUPPORT_H

#include <pthread.h>

#include "host/vmm/locks/lock_thread.h"

/* How long to wait for what happens at once if it happens at all. */
#define SUPPORT_PATIENCE_MS	10000

#define SUPPORT_TEXT_BYTES	4096

/**
 * struct support_thread - a thread that may take locks
 * @id: of pthreads
 * @body: what it does
 * @data: for @body
 * @name: in reports
 */
struct support_thread {
	pthread_t id;
	void (*body)(void *data);
	void *data;
	const char *name;
};

/**
 * support_publish() - set a word, after all that was done before
 * @word: read by support_see()
 * @value: its new value
 */
static inline void support_publish(u32 *word, u32 value)
{
	/* Pairs with support_see(). */
	smp_store_release(word, value);
}

/**
 * support_see() - read a word, before all that is done next
 * @word: written by support_publish(), or with more order
 *
 * Return: its value.
 */
static inline u32 support_see(const u32 *word)
{
	/* Pairs with support_publish(). */
	return smp_load_acquire(word);
}

void support_start(void);
void support_stop(void);
void support_thread_start(struct support_thread *thread, const char *name,
			  void (*body)(void *data), void *data);
void support_thread_join(struct support_thread *thread);
void support_run_threads(unsigned int threads, void (*body)(void *data),
			 void *data);
void support_sleep_us(unsigned int us);
u32 support_random(u32 *state);
bool support_becomes(const u32 *word, u32 value);
bool support_aborts(void (*violate)(void), char *text);

#endif /* VMM_LOCKS_SUPPORT_H */
