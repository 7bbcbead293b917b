// SPDX-License-Identifier: GPL-2.0
/*
 * Loading and unloading pvticketlock.ko, and its parameters.
 */
#include <stdio.h>
#include <string.h>

#include "fixture.h"

#define RELOADS		10

FIXTURE(module) {
	int log;
};

FIXTURE_SETUP(module)
{
	ASSERT_EQ(0, unload_all());
	self->log = guest_log_open();
	ASSERT_LE(0, self->log);
}

FIXTURE_TEARDOWN(module)
{
	EXPECT_EQ(0, unload_all());
}

/* The first line of a file, without its end. */
static const char *line_of(const char *path)
{
	static char text[256];

	if (guest_read(path, text, sizeof(text)) < 0)
		return "(cannot be read)";
	text[strcspn(text, "\n")] = '\0';
	return text;
}

TEST_F(module, loads_and_unloads_again_and_again)
{
	unsigned int i;

	for (i = 0; i < RELOADS; i++) {
		ASSERT_EQ(0, guest_load("pvticketlock", ""));
		ASSERT_EQ(0, access(DEBUGFS "pvticketlock/taken_slow", F_OK));
		ASSERT_EQ(0, guest_unload("pvticketlock"));
		ASSERT_NE(0, access(DEBUGFS "pvticketlock", F_OK));
	}
}

TEST_F(module, says_which_backend_and_why)
{
	char expected[64];

	snprintf(expected, sizeof(expected), "backend %s: waiters %s",
		 guest_backend(),
		 guest_waiters_halt() ? "spin" : "only spin (");
	ASSERT_EQ(0, guest_load("pvticketlock", ""));
	EXPECT_STREQ("auto", line_of(PARAMETERS "backend"));
	EXPECT_TRUE(guest_log_has(self->log, expected));
}

TEST_F(module, spins_where_the_kernel_would)
{
	if (!guest_why_spin())
		SKIP(return, "spins_where_the_kernel_would: it would halt");
	if (!guest_has_pv_unhalt() && !guest_is_xen())
		SKIP(return, "spins_where_the_kernel_would: nobody could kick");
	ASSERT_EQ(0, guest_load("pvticketlock", ""));
	EXPECT_TRUE(guest_log_has(self->log, guest_why_spin()));
}

/* Only where a CPU is never taken away may waiters get in line. */
TEST_F(module, nobody_queues_who_cannot_be_kicked)
{
	ASSERT_EQ(0, guest_load("pvticketlock", "backend=native"));
	EXPECT_TRUE(guest_log_has(self->log, guest_has_realtime_hint() ?
				  "in the order of their tickets" :
				  "in no order"));
}

TEST_F(module, native_backend_on_request)
{
	ASSERT_EQ(0, guest_load("pvticketlock", "backend=native"));
	EXPECT_STREQ("native", line_of(PARAMETERS "backend"));
	EXPECT_TRUE(guest_log_has(self->log, "backend native: waiters only spin"));
}

TEST_F(module, kvm_backend_with_pv_unhalt)
{
	if (!guest_has_pv_unhalt())
		SKIP(return, "kvm_backend_with_pv_unhalt: the host does not offer it");
	ASSERT_EQ(0, guest_load("pvticketlock", "backend=kvm"));
	if (guest_why_spin())
		EXPECT_TRUE(guest_log_has(self->log,
					  "backend=kvm: as requested, but"));
	EXPECT_TRUE(guest_log_has(self->log, "backend kvm: waiters spin"));
}

TEST_F(module, no_kvm_backend_without_pv_unhalt)
{
	if (guest_has_pv_unhalt())
		SKIP(return, "no_kvm_backend_without_pv_unhalt: the host offers it");
	EXPECT_EQ(-ENODEV, guest_load("pvticketlock", "backend=kvm"));
	EXPECT_TRUE(guest_log_has(self->log, "use backend=auto"));
	EXPECT_FALSE(guest_is_loaded("pvticketlock"));
}

TEST_F(module, xen_backend_under_xen_alone)
{
	bool expected = guest_is_xen();

	EXPECT_EQ(expected ? 0 : -ENODEV,
		  guest_load("pvticketlock", "backend=xen"));
	EXPECT_TRUE(guest_log_has(self->log,
				  expected ? "backend xen: waiters spin" :
				  "use backend=auto"));
	EXPECT_EQ(expected, guest_is_loaded("pvticketlock"));
}

TEST_F(module, unknown_backend_is_refused)
{
	EXPECT_EQ(-EINVAL, guest_load("pvticketlock", "backend=nonsense"));
	EXPECT_TRUE(guest_log_has(self->log,
				  "backend=nonsense: unknown backend; use auto, kvm"));
	EXPECT_FALSE(guest_is_loaded("pvticketlock"));
	EXPECT_NE(0, access(DEBUGFS "pvticketlock", F_OK));
}

TEST_F(module, unknown_parameter_is_reported)
{
	ASSERT_EQ(0, guest_load("pvticketlock", "nonsense=1"));
	EXPECT_TRUE(guest_log_has(self->log,
				  "unknown parameter 'nonsense' ignored"));
}

TEST_F(module, bad_values_are_refused_at_load)
{
	static const char * const bad[] = {
		"spin_ns=99", "spin_ns=10000001", "spin_ns=-1", "spin_ns=soon",
		"spin_ns=", "overtake=-1", "overtake=65536", "overtake=few",
		"stats=maybe",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_GT(0, guest_load("pvticketlock", bad[i])) {
			TH_LOG("accepted: %s", bad[i]);
			guest_unload("pvticketlock");
		}
	}
}

TEST_F(module, extreme_values_are_accepted_at_load)
{
	static const char * const good[] = {
		"spin_ns=100", "spin_ns=10000000", "overtake=0",
		"overtake=65535", "stats=0", "stats=1", "stats",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		EXPECT_EQ(0, guest_load("pvticketlock", good[i])) {
			TH_LOG("refused: %s", good[i]);
		}
		guest_unload("pvticketlock");
	}
}

TEST_F(module, parameters_change_at_run_time)
{
	ASSERT_EQ(0, guest_load("pvticketlock", "spin_ns=20000 overtake=7"));
	EXPECT_EQ(20000, guest_number(PARAMETERS "spin_ns"));
	EXPECT_EQ(7, guest_number(PARAMETERS "overtake"));

	EXPECT_EQ(0, guest_write(PARAMETERS "spin_ns", "30000"));
	EXPECT_EQ(30000, guest_number(PARAMETERS "spin_ns"));
	EXPECT_EQ(0, guest_write(PARAMETERS "overtake", "0"));
	EXPECT_EQ(0, guest_number(PARAMETERS "overtake"));
	EXPECT_EQ(0, guest_write(PARAMETERS "stats", "0"));
	EXPECT_STREQ("N", line_of(PARAMETERS "stats"));
	EXPECT_EQ(0, guest_write(PARAMETERS "stats", "1"));
	EXPECT_STREQ("Y", line_of(PARAMETERS "stats"));
}

TEST_F(module, bad_values_change_nothing_at_run_time)
{
	ASSERT_EQ(0, guest_load("pvticketlock", "spin_ns=20000 overtake=7"));
	EXPECT_GT(0, guest_write(PARAMETERS "spin_ns", "99"));
	EXPECT_TRUE(guest_log_has(self->log, "spin_ns must be from 100 to"));
	EXPECT_GT(0, guest_write(PARAMETERS "spin_ns", "10000001"));
	EXPECT_GT(0, guest_write(PARAMETERS "spin_ns", "soon"));
	EXPECT_EQ(20000, guest_number(PARAMETERS "spin_ns"));
	EXPECT_GT(0, guest_write(PARAMETERS "overtake", "65536"));
	EXPECT_TRUE(guest_log_has(self->log, "overtake must be from 0 to"));
	EXPECT_EQ(7, guest_number(PARAMETERS "overtake"));
	EXPECT_GT(0, guest_write(PARAMETERS "stats", "maybe"));
	EXPECT_STREQ("Y", line_of(PARAMETERS "stats"));
	/* lock and unlock have to agree on it. */
	EXPECT_NE(0, guest_write(PARAMETERS "backend", "native"));
}

TEST_F(module, stays_while_it_is_used)
{
	ASSERT_EQ(0, load_all(""));
	EXPECT_EQ(-EAGAIN, guest_unload("pvticketlock"));
	EXPECT_EQ(0, guest_unload("pvticketlock_test"));
	EXPECT_EQ(0, guest_unload("pvticketlock"));
}

TEST_HARNESS_MAIN
