// SPDX-License-Identifier: GPL-2.0
/*
 * Loading, using and unloading the modules in a loop, on busy CPUs.
 */
#include <signal.h>
#include <sys/prctl.h>

#include "fixture.h"

#define RELOADS		4
#define MAX_BURNERS	64

FIXTURE(reload) {
	pid_t burners[MAX_BURNERS];
	unsigned int count;
};

static void burn(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		__asm__ __volatile__("pause");
}

FIXTURE_SETUP(reload)
{
	ASSERT_EQ(0, unload_all());
	for (; self->count < guest_cpus() && self->count < MAX_BURNERS;
	     self->count++) {
		self->burners[self->count] = fork();
		if (!self->burners[self->count])
			burn();
	}
}

FIXTURE_TEARDOWN(reload)
{
	unsigned int i;

	for (i = 0; i < self->count; i++) {
		kill(self->burners[i], SIGKILL);
		waitpid(self->burners[i], NULL, 0);
	}
	EXPECT_EQ(0, unload_all());
}

TEST_F(reload, under_load)
{
	unsigned int rounds = RELOADS * factor();
	unsigned int i;

	for (i = 0; i < rounds; i++) {
		ASSERT_EQ(0, load_all(i % 2 ? HALT_SOON : ""));
		ASSERT_EQ(0, guest_write(DEBUGFS "pvticketlock_test/contention",
					 "50"));
		ASSERT_EQ(0, unload_all());
	}
}

TEST_HARNESS_MAIN
