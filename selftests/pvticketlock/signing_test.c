// SPDX-License-Identifier: GPL-2.0
/*
 * Kernels that want modules signed, and what lockdown leaves of debugfs: what
 * Documentation/install.rst says about both. Nobody has signed the modules of a lab.
 *
 * SELFTEST_LOCKDOWN in the environment: lock this guest down, for good.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#include "fixture.h"
#include "takeover.h"

#define SIG_ENFORCE	"/sys/module/module/parameters/sig_enforce"
#define SECURITYFS	"/sys/kernel/security"
#define LOCKDOWN	SECURITYFS "/lockdown"
#define ONE_RUN		"lock=pvticket threads=1 duration_ms=10 warmup_ms=1"

FIXTURE(signing) {
	int log;
};

FIXTURE_SETUP(signing)
{
	ASSERT_EQ(0, unload_all());
	self->log = guest_log_open();
	ASSERT_LE(0, self->log);
}

FIXTURE_TEARDOWN(signing)
{
	EXPECT_EQ(0, unload_all());
}

/* See needs.c: a kernel that refuses modules is what this is about. */
bool tests_refusal(void)
{
	return true;
}

static bool signatures_are_enforced(void)
{
	char text[8] = "";

	guest_read(SIG_ENFORCE, text, sizeof(text));
	return text[0] == 'Y';
}

TEST_F(signing, unsigned_module_is_refused)
{
	if (!signatures_are_enforced())
		SKIP(return, "unsigned_module_is_refused: no module.sig_enforce=1");
	EXPECT_EQ(-EKEYREJECTED, guest_load("pvticketlock", ""));
	EXPECT_STREQ("Key was rejected by service", strerror(EKEYREJECTED));
	EXPECT_TRUE(guest_log_has(self->log,
				  "Loading of unsigned module is rejected"));
	EXPECT_FALSE(guest_is_loaded("pvticketlock"));
}

TEST_F(signing, unsigned_module_is_loaded)
{
	if (signatures_are_enforced())
		SKIP(return, "unsigned_module_is_loaded: module.sig_enforce=1");
	EXPECT_EQ(0, guest_load("pvticketlock", ""));
}

/* The last one: nothing unlocks a kernel. */
TEST_F(signing, what_lockdown_leaves)
{
	char text[256];

	if (!getenv("SELFTEST_LOCKDOWN"))
		SKIP(return, "what_lockdown_leaves: not in a guest of its own");
	if (mount("none", SECURITYFS, "securityfs", 0, NULL))
		ASSERT_EQ(EBUSY, errno);
	ASSERT_EQ(0, guest_load("pvticketlock", ""));
	ASSERT_EQ(0, guest_load("lockbench", ""));
	ASSERT_EQ(0, guest_write(DEBUGFS "pvticketlock/reset", "1"));
	ASSERT_EQ(0, guest_write(DEBUGFS "lockbench/run", ONE_RUN));

	ASSERT_EQ(0, guest_write(LOCKDOWN, "integrity"));
	EXPECT_LT(0, guest_read(DEBUGFS "pvticketlock/percpu", text,
				sizeof(text)));
	EXPECT_LE(0, guest_number(DEBUGFS "pvticketlock/taken_slow"));
	EXPECT_LT(0, guest_read(DEBUGFS "pvticketlock/takeover", text,
				sizeof(text)));
	EXPECT_LE(0, guest_read(DEBUGFS "pvticketlock/hot_locks", text,
				sizeof(text)));
	EXPECT_EQ(-EPERM, guest_write(DEBUGFS "pvticketlock/reset", "1"));
	EXPECT_EQ(-EPERM, inject_faults("1"));
	EXPECT_EQ(-EPERM, guest_write(DEBUGFS "lockbench/run", ONE_RUN));
	if (!why_no_takeover()) {
		EXPECT_EQ(0, guest_write(TAKEOVER, "1"));
		EXPECT_EQ(0, guest_write(TAKEOVER, "0"));
	}

	ASSERT_EQ(0, unload_all());
	EXPECT_EQ(-EPERM, guest_load("pvticketlock", ""));
	EXPECT_TRUE(guest_log_has(self->log,
				  "unsigned module loading is restricted"));
}

TEST_HARNESS_MAIN
