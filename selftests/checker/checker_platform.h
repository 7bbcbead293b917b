/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The lock core under the checker: the platform whose every shared access,
 * halt and kick is a step that the explorer schedules. See machine.h.
 *
 * The core is compiled unmodified against this header. It must not touch
 * shared memory in any other way; plain_access.c reports it if it does.
 */
#ifndef CHECKER_PLATFORM_H
#define CHECKER_PLATFORM_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t s64;

#define likely(condition)	__builtin_expect(!!(condition), 1)
#define unlikely(condition)	__builtin_expect(!!(condition), 0)
#ifndef __always_inline
#define __always_inline		inline __attribute__((__always_inline__))
#endif
#define __aligned(bytes)	__attribute__((__aligned__(bytes)))

#define __section(name)	__attribute__((__section__(name)))
#define __weak			__attribute__((__weak__))
#define __printf(format, first)	__attribute__((__format__(printf, format, first)))

#define __acquires(lock)
#define __releases(lock)
#define __acquire(lock)		((void)0)
#define __release(lock)		((void)0)

#define CHECKER_STRING(text)	#text
#define CHECKER_LINE(line)	CHECKER_STRING(line)
/* Where an access is in the source, for the printed schedule. */
#define CHECKER_SITE		(__FILE__ ":" CHECKER_LINE(__LINE__))

u64 checker_load(const void *address, size_t size, const char *site);
void checker_store(void *address, size_t size, u64 value,
		   const char *site);
u64 checker_xadd(void *address, size_t size, u64 value,
		 const char *site);
/* Returns what was there; equal to @expected if the exchange was done. */
u64 checker_cmpxchg(void *address, size_t size, u64 expected,
		    u64 desired, const char *site);
void checker_mb(const char *site);

/* A value of any scalar type as the number that its bytes make, and back. */
#define CHECKER_BITS(type, scalar)					\
({									\
	union { type typed; u64 bits; } __bits = { .bits = 0 };	\
									\
	__bits.typed = (scalar);					\
	__bits.bits;							\
})
#define CHECKER_TYPED(type, number)					\
({									\
	union { u64 bits; type typed; } __typed = { .bits = (number) };	\
									\
	__typed.typed;							\
})
/* The type of what a pointer points to, without const. */
#define CHECKER_TYPE(pointer)	__typeof__(({ *(pointer); }))

#define READ_ONCE(object)						\
	CHECKER_TYPED(CHECKER_TYPE(&(object)),				\
		      checker_load(&(object), sizeof(object), CHECKER_SITE))
#define WRITE_ONCE(object, value)					\
	checker_store(&(object), sizeof(object),			\
		      CHECKER_BITS(CHECKER_TYPE(&(object)), value),	\
		      CHECKER_SITE)
/* On x86-TSO every load is an acquire, and every store a release. */
#define smp_load_acquire(pointer)	READ_ONCE(*(pointer))
#define smp_store_release(pointer, value)	WRITE_ONCE(*(pointer), value)
#define smp_mb()			checker_mb(CHECKER_SITE)
#define xadd(pointer, value)						\
	CHECKER_TYPED(CHECKER_TYPE(pointer),				\
		      checker_xadd(pointer, sizeof(*(pointer)), value,	\
				   CHECKER_SITE))
#define cmpxchg(pointer, expected, desired)				\
	CHECKER_TYPED(CHECKER_TYPE(pointer),				\
		checker_cmpxchg(pointer, sizeof(*(pointer)),		\
			CHECKER_BITS(CHECKER_TYPE(pointer), expected),	\
			CHECKER_BITS(CHECKER_TYPE(pointer), desired),	\
			CHECKER_SITE))
#define try_cmpxchg(pointer, expected, desired)				\
({									\
	CHECKER_TYPE(pointer) __expected = *(expected);			\
	CHECKER_TYPE(pointer) __seen =					\
		cmpxchg(pointer, __expected, desired);			\
									\
	*(expected) = __seen;						\
	__seen == __expected;						\
})

bool ticket_pv_enabled(void);
unsigned int platform_cpu(void);
unsigned int platform_nr_cpus(void);
bool platform_may_halt(void);
unsigned long platform_irq_save(void);
void platform_irq_restore(unsigned long flags);
void checker_halt(unsigned long flags, const char *site);
void checker_kick(unsigned int cpu, const char *site);
void *platform_zalloc(size_t size);
void platform_free(void *memory);

#define platform_halt(flags)	checker_halt(flags, CHECKER_SITE)
#define platform_kick(cpu)	checker_kick(cpu, CHECKER_SITE)

/*
 * Local, thus no step. A loop around it reads memory, and a loop that reads
 * the same again comes back to a state that is known already.
 */
static inline void platform_relax(void)
{
}

/* Who measures a halt learns nothing; how long a wait takes, see below. */
static inline u64 platform_clock_ns(void)
{
	return 0;
}

/*
 * A pause takes one cycle, or very many. What a waiter remembers of the clock
 * stays the same, so that it comes back to a state that is known already.
 */
#define platform_cycles()		((u64)0)
#define platform_cycles_per_us()	((u64)1000)
#define platform_elapsed(then)		((void)(then), checker_elapsed())
u64 checker_elapsed(void);

/* How many bits a ticket of the kernel's word has, in this scenario. */
unsigned int checker_ticket_bits(void);

#define PLATFORM_EXPORT(symbol)	_Static_assert(1, #symbol)

#define PLATFORM_DECLARE_STATISTICS

/* Names the field, so that a misspelt one does not compile. */
#define platform_statistics_add(field, amount)				\
	((void)offsetof(struct ticket_statistics, field), (void)(amount))

#endif /* CHECKER_PLATFORM_H */
