/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the kernel's queued spinlock uses of the kernel, on any platform of the
 * lock core (kernel/platform/): CPUs, halts and kicks are those of the
 * platform, so the two locks run on the same machine.
 *
 * The kernel's names and meanings, on x86. Per-CPU variables are in one section,
 * of which each CPU has a copy; see rivals.c.
 */
#ifndef RIVALS_KERNEL_API_H
#define RIVALS_KERNEL_API_H

#include "../../kernel/platform/platform.h"

#define CONFIG_64BIT			1
#define CONFIG_PARAVIRT			1
#define CONFIG_PARAVIRT_SPINLOCKS	1
#define CONFIG_QUEUED_SPINLOCKS		1
#ifndef CONFIG_NR_CPUS
#define CONFIG_NR_CPUS			1024
#endif
#ifndef __LITTLE_ENDIAN
#define __LITTLE_ENDIAN			1234
#endif
#define BITS_PER_LONG			64
#ifndef PAGE_SIZE
#define PAGE_SIZE			4096UL
#endif
#define SMP_CACHE_BYTES			64

/* Iterations until a waiter halts: in the kernel, of asm/spinlock.h. */
#ifndef SPIN_THRESHOLD
#define SPIN_THRESHOLD			32768
#endif

#define __init
#define __initdata
#define __lockfunc
#define __read_mostly
#define __visible			__attribute__((__externally_visible__))
#ifndef __attribute_const__
#define __attribute_const__		__attribute__((__const__))
#endif
#ifndef __pure
#define __pure				__attribute__((__pure__))
#endif
#define EXPORT_SYMBOL(symbol)		_Static_assert(1, #symbol)
#define early_param(name, function)					\
	static __attribute__((__unused__, __section__("rival_unused")))	\
	int (*const function##_unused)(char *) = (function)

#define BUG()				platform_abort()
#define BUILD_BUG_ON(condition)		_Static_assert(!(condition), #condition)
#define debug_locks_silent		false
#define WARN(condition, format, ...)					\
do {									\
	if (condition) {						\
		platform_print(format, ##__VA_ARGS__);			\
		platform_abort();					\
	}								\
} while (0)
#define kcsan_release()			do { } while (0)
#define trace_contention_begin(lock, flags)	((void)(lock))
#define trace_contention_end(lock, error)	((void)(lock))

#define CONCATENATE_(a, b)		a ## b
#define CONCATENATE(a, b)		CONCATENATE_(a, b)
#define COUNT_ARGS_(_0, _1, _2, _3, _4, _5, _6, _7, _8, n, ...)	n
#define COUNT_ARGS(...)	COUNT_ARGS_(, ##__VA_ARGS__, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define __stringify_(...)		#__VA_ARGS__
#define __stringify(...)		__stringify_(__VA_ARGS__)
#ifndef ALIGN
#define ALIGN(value, to)		(((value) + (to) - 1) & ~((to) - 1))
#endif

/* Assembly. */
#define LOCK_PREFIX			"lock; "
#define CC_SET(flag)
#define CC_OUT(flag)			"=@cc" #flag
#define ASM_ENDBR
#define ASM_RET				"ret\n\t"
#define FRAME_BEGIN
#define FRAME_END
#define DEFINE_ASM_FUNC(name, instructions, section)			\
	asm(".pushsection " #section ", \"ax\"\n"			\
	    ".globl " #name "\n"					\
	    ".type " #name ", @function\n"				\
	    ".balign 16\n"						\
	    #name ":\n\t"						\
	    instructions						\
	    ASM_RET							\
	    ".size " #name ", . - " #name "\n"				\
	    ".popsection")
/* All registers but the result's; the kernel's code may call it with any stack. */
#define __PV_CALLEE_SAVE_REGS_THUNK(function, section)			\
	asm(".pushsection " section ", \"ax\"\n"			\
	    ".globl __raw_callee_save_" #function "\n"			\
	    ".type __raw_callee_save_" #function ", @function\n"	\
	    "__raw_callee_save_" #function ":\n\t"			\
	    "push %rbp; mov %rsp, %rbp\n\t"				\
	    "push %rcx; push %rdx; push %rsi; push %rdi\n\t"		\
	    "push %r8; push %r9; push %r10; push %r11\n\t"		\
	    "and $-16, %rsp\n\t"					\
	    "call " #function "\n\t"					\
	    "lea -64(%rbp), %rsp\n\t"					\
	    "pop %r11; pop %r10; pop %r9; pop %r8\n\t"			\
	    "pop %rdi; pop %rsi; pop %rdx; pop %rcx\n\t"		\
	    "pop %rbp; ret\n"						\
	    ".size __raw_callee_save_" #function ", . - __raw_callee_save_" #function "\n" \
	    ".popsection")

/* Memory ordering and atomics; READ_ONCE() and the like are the platform's. */
#define barrier()			asm volatile("" ::: "memory")
#define cpu_relax()			platform_relax()
#define prefetchw(address)		__builtin_prefetch(address, 1)
#define smp_rmb()			barrier()
#define smp_wmb()			barrier()
#define smp_mb__before_atomic()		barrier()
/* Fully ordered: an exchange, as in the kernel. */
#define smp_store_mb(object, value)					\
	((void)__atomic_exchange_n(&(object), value, __ATOMIC_SEQ_CST))
#define smp_cond_load_relaxed(pointer, condition)			\
({									\
	__typeof__(*(pointer)) VAL;					\
									\
	for (;;) {							\
		VAL = READ_ONCE(*(pointer));				\
		if (condition)						\
			break;						\
		cpu_relax();						\
	}								\
	VAL;								\
})
#define smp_cond_load_acquire(pointer, condition)			\
({									\
	__typeof__(*(pointer)) __loaded =				\
		smp_cond_load_relaxed(pointer, condition);		\
									\
	barrier();							\
	__loaded;							\
})

#define xchg(pointer, value)						\
	__atomic_exchange_n(pointer, value, __ATOMIC_SEQ_CST)
#define xchg_relaxed(pointer, value)	xchg(pointer, value)
#define cmpxchg_acquire(pointer, old, new)	cmpxchg(pointer, old, new)
#define cmpxchg_release(pointer, old, new)	cmpxchg(pointer, old, new)
#define cmpxchg_relaxed(pointer, old, new)	cmpxchg(pointer, old, new)
#define try_cmpxchg_acquire(pointer, old, new)	try_cmpxchg(pointer, old, new)
#define try_cmpxchg_relaxed(pointer, old, new)	try_cmpxchg(pointer, old, new)

typedef struct {
	int counter;
} atomic_t;

#define ATOMIC_INIT(value)		{ (value) }
#define atomic_read(atomic)		READ_ONCE((atomic)->counter)
#define atomic_cmpxchg(atomic, old, new)				\
	cmpxchg(&(atomic)->counter, (int)(old), (int)(new))
#define atomic_cmpxchg_acquire(atomic, old, new)	atomic_cmpxchg(atomic, old, new)
#define atomic_cmpxchg_relaxed(atomic, old, new)	atomic_cmpxchg(atomic, old, new)
/* *old may be unsigned. */
#define atomic_try_cmpxchg(atomic, old, new)				\
	try_cmpxchg(&(atomic)->counter, (int *)(old), (int)(new))
#define atomic_try_cmpxchg_acquire(atomic, old, new)	atomic_try_cmpxchg(atomic, old, new)
#define atomic_try_cmpxchg_relaxed(atomic, old, new)	atomic_try_cmpxchg(atomic, old, new)
#define atomic_cond_read_relaxed(atomic, condition)			\
	smp_cond_load_relaxed(&(atomic)->counter, condition)
#define atomic_cond_read_acquire(atomic, condition)			\
	smp_cond_load_acquire(&(atomic)->counter, condition)

/* Waiters neither take turns by test-and-set, nor can that be switched on. */
#define DECLARE_STATIC_KEY_TRUE(name)	_Static_assert(1, #name)
#define DECLARE_STATIC_KEY_FALSE(name)	_Static_assert(1, #name)
#define static_branch_likely(key)	false
#define pv_vcpu_is_preempted(cpu)	((void)(cpu), false)

/* CPUs. */
#define RIVAL_PER_CPU_SIZE		512

extern char rival_cpu_areas[CONFIG_NR_CPUS][RIVAL_PER_CPU_SIZE];
extern char __start_rival_per_cpu[], __stop_rival_per_cpu[];

#define smp_processor_id()		platform_cpu()
#define num_possible_cpus()		platform_nr_cpus()
#define DEFINE_PER_CPU_ALIGNED(type, name)				\
	__attribute__((__section__("rival_per_cpu"), __aligned__(SMP_CACHE_BYTES))) \
	type name
/* The compiler shall not know which object it is in. */
#define per_cpu_ptr(variable, cpu)					\
({									\
	char *__base = rival_cpu_areas[cpu];				\
	unsigned long __offset = (unsigned long)(variable) -		\
				 (unsigned long)__start_rival_per_cpu;	\
									\
	asm("" : "+r" (__base));					\
	(__typeof__(variable))(__base + __offset);			\
})
#define this_cpu_ptr(variable)		per_cpu_ptr(variable, smp_processor_id())
#define __this_cpu_dec(variable)	((void)(*this_cpu_ptr(&(variable)) -= 1))

/* Memory for the table of waiters; once, of 2^@shift entries. */
#define HASH_EARLY			0
#define HASH_ZERO			0

void *rival_hash(const char *name, unsigned long entry_bytes,
		 unsigned long entries, unsigned int *shift);

#define alloc_large_system_hash(name, bytes, entries, scale, flags, shift,	\
				mask, low, high)				\
	rival_hash(name, bytes, entries, shift)

/* As kvm_wait() and kvm_kick_cpu() do it. */
static inline void pv_wait(u8 *pointer, u8 value)
{
	unsigned long flags;

	if (!platform_may_halt())
		return;
	flags = platform_irq_save();
	if (READ_ONCE(*pointer) == value)
		platform_halt(flags);
	platform_irq_restore(flags);
}

static inline void pv_kick(int cpu)
{
	platform_kick(cpu);
}

#endif /* RIVALS_KERNEL_API_H */
