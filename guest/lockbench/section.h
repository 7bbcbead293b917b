/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The critical section of every benchmark here, in a kernel, without one, and in a
 * process: what a lock protects, and how it is noticed that it does not.
 *
 * On any platform of the lock core, by sources that have declared work().
 */
#ifndef LOCKBENCH_SECTION_H
#define LOCKBENCH_SECTION_H

#include "../../kernel/platform/platform.h"

/**
 * struct bench_protected - what a lock protects
 * @sections: critical sections that have ended
 * @owner: whoever began the last one
 */
struct bench_protected {
	u64 sections;
	u32 owner;
};

/*
 * Work, and see whether nobody else was in here meanwhile: whether another one wrote
 * its name, or has come to the end of a section. An increment of the counter spans
 * the whole section, so that one which is lost shows in the end, too.
 */
static __always_inline bool bench_section(struct bench_protected *protected,
					  u32 owner, u64 iterations)
{
	u64 sections = READ_ONCE(protected->sections);
	bool excluded;

	WRITE_ONCE(protected->owner, owner);
	work(iterations);
	excluded = READ_ONCE(protected->owner) == owner &&
		   READ_ONCE(protected->sections) == sections;
	WRITE_ONCE(protected->sections, sections + 1);
	return excluded;
}

#endif /* LOCKBENCH_SECTION_H */
