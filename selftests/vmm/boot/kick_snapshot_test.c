// SPDX-License-Identifier: GPL-2.0
/*
 * Kicks (KVM_HC_KICK_CPU) and snapshots, in a host that has KVM: a vCPU that halts
 * with interrupts off is woken by a kick, whether that came before or after the
 * snapshot.
 *
 * The guest is a few instructions. vCPU 0, the waiter, waits for a flag in memory
 * and halts; vCPU 1, the kicker, waits for another flag and kicks it. Both report
 * at a port. The VM is saved in one struct vm and loaded into another.
 */
#include <errno.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "../../harness.h"
#include "../../../host/vmm/locks/rcu.h"
#include "../../../host/vmm/vm/vcpu.h"
#include "../../../host/vmm/snapshot/vcpu_snapshot.h"
#include "../../../host/vmm/snapshot/vm_snapshot.h"
#include "../../../host/vmm/vm/world.h"
#include "../fixture.h"
#include "../real_mode.h"

#define WAITER			0
#define KICKER			1
#define VCPUS			2
#define PORT			0x1000
#define CODE(vcpu)		(0x1000 * ((vcpu) + 1))
#define FLAG(vcpu)		(0x4000 + (vcpu))
#define PATIENCE_MS		20000
/* Long for what happens at once, or never. */
#define NEVER_MS		1500

/* In real mode, with the port in DX. */
static const u8 waiter_code[] = {
	0xfa,				/* cli */
	0xf3, 0x90,			/* wait: pause */
	0x80, 0x3e, 0x00, 0x40, 0x00,	/* cmpb $0, FLAG(WAITER) */
	0x74, 0xf7,			/* je wait */
	0xf4,				/* hlt */
	0xb0, 1 << WAITER,		/* mov $1, %al */
	0xee,				/* out %al, (%dx) */
	0xf4,				/* sleep: hlt */
	0xeb, 0xfd,			/* jmp sleep */
};

static const u8 kicker_code[] = {
	0xfa,				/* cli */
	0xf3, 0x90,			/* wait: pause */
	0x80, 0x3e, 0x01, 0x40, 0x00,	/* cmpb $0, FLAG(KICKER) */
	0x74, 0xf7,			/* je wait */
	0x66, 0xb8, 5, 0, 0, 0,		/* mov $KVM_HC_KICK_CPU, %eax */
	0x66, 0x31, 0xdb,		/* xor %ebx, %ebx: flags */
	0x66, 0x31, 0xc9,		/* xor %ecx, %ecx: WAITER's APIC ID */
	0x0f, 0x01, 0xd9,		/* vmmcall; KVM mends it on Intel */
	0xb0, 1 << KICKER,		/* mov $2, %al */
	0xee,				/* out %al, (%dx) */
	0xf4,				/* sleep: hlt */
	0xeb, 0xfd,			/* jmp sleep */
};

/* What the vCPUs have reported. */
struct port {
	struct device device;
	u32 reports;
};

static void port_write(struct device *device, struct transaction *transaction,
		       u64 offset, unsigned int size, u64 value)
{
	struct port *port = container_of(device, struct port, device);

	(void)transaction;
	(void)offset;
	(void)size;
	WRITE_ONCE(port->reports, port->reports | value);
}

static const struct device_operations operations = { .write = port_write };

FIXTURE(kick) {
	struct vm vm;
	struct port port;
	struct vcpu_snapshot vcpus[VCPUS];
	struct vm_snapshot state;
};

static const struct options options = {
	.cpus = VCPUS, .memory = 32 * MIB, .sched_policy = -1,
};

static void create(struct _test_data_kick *self)
{
	self->port.reports = 0;
	device__init(&self->port.device, "port", &operations);
	if (vm__create(&self->vm, &options) ||
	    bus__add(&self->vm.ports, &self->port.device, PORT, 1))
		exit(1);
	memcpy(guest_memory__at(&self->vm.memory, CODE(WAITER),
				sizeof(waiter_code)),
	       waiter_code, sizeof(waiter_code));
	memcpy(guest_memory__at(&self->vm.memory, CODE(KICKER),
				sizeof(kicker_code)),
	       kicker_code, sizeof(kicker_code));
}

static void set_flag(struct _test_data_kick *self, unsigned int vcpu)
{
	u8 *flag = guest_memory__at(&self->vm.memory, FLAG(vcpu), 1);

	WRITE_ONCE(*flag, 1);
}

static void start(struct _test_data_kick *self)
{
	if (vm__start(&self->vm))
		exit(1);
	vm__open_gate(&self->vm);
}

static void end(struct _test_data_kick *self)
{
	vm__end(&self->vm, VM_POWERED_OFF, 0);
	vm__join(&self->vm);
	vm__destroy(&self->vm);
}

static bool has_reported(struct _test_data_kick *self, unsigned int vcpu,
			 unsigned int ms)
{
	struct timespec pause = { 0, 1000000 };

	while (!(READ_ONCE(self->port.reports) & 1 << vcpu) && ms--)
		nanosleep(&pause, NULL);
	return READ_ONCE(self->port.reports) & 1 << vcpu;
}

static int save_vcpu(struct vcpu_locked locked, void *argument)
{
	struct vcpu_snapshot *vcpus = argument;

	return vcpu__save_state(locked, &vcpus[vcpu__of(locked)->number]);
}

/* Read all state, as a snapshot does; the guest goes on. */
static int save(struct _test_data_kick *self)
{
	int error = world__stop(&self->vm);

	if (error)
		return error;
	error = world__on_all_vcpus(&self->vm, save_vcpu, self->vcpus) ?:
		vm_snapshot__save(&self->vm, &self->state);
	world__resume(&self->vm);
	return error;
}

/* Into a new VM, with one flag set. */
static int load(struct _test_data_kick *self, unsigned int flag)
{
	u64 shift = vm_snapshot__tsc_shift(&self->state);
	struct vcpu_locked locked;
	unsigned int i;
	int error = 0;

	create(self);
	set_flag(self, flag);
	for (i = 0; !error && i < VCPUS; i++) {
		error = vcpu_lock__acquire(&self->vm.vcpus[i].core, &locked);
		if (error)
			break;
		error = vcpu__load_state(locked, &self->vcpus[i], shift);
		vcpu_lock__release(&locked);
	}
	return error ?: vm_snapshot__load(&self->vm, &self->state);
}

FIXTURE_SETUP(kick)
{
	unsigned int i;

	memset(self, 0, sizeof(*self));
	test_locks__init();
	test_thread__enter("main");
	if (access("/dev/kvm", R_OK | W_OK))
		SKIP(return, "/dev/kvm: %s", strerror(errno));
	create(self);
	for (i = 0; i < VCPUS; i++)
		real_mode__begin(&self->vm.vcpus[i], CODE(i), PORT);
}

FIXTURE_TEARDOWN(kick)
{
	test_thread__exit();
}

/* The waiter is about to halt, and the kick has come: only a token knows. */
static void save_a_kick(struct __test_metadata *_metadata,
			struct _test_data_kick *self)
{
	set_flag(self, KICKER);
	start(self);
	ASSERT_TRUE(has_reported(self, KICKER, PATIENCE_MS));
	ASSERT_EQ(0, save(self));
	EXPECT_FALSE(has_reported(self, WAITER, 0));
	EXPECT_EQ(self->vm.tells_kicks ? VCPU_KICK_PENDING : VCPU_KICK_UNKNOWN,
		  self->vcpus[WAITER].kick);
	end(self);
}

TEST_F(kick, before_the_halt)
{
	save_a_kick(_metadata, self);
	ASSERT_EQ(0, load(self, WAITER));
	start(self);
	EXPECT_TRUE(has_reported(self, WAITER, PATIENCE_MS));
	end(self);
}

/* The control: without the token, that guest sleeps for ever. */
TEST_F(kick, lost_on_purpose)
{
	save_a_kick(_metadata, self);
	self->vcpus[WAITER].kick = VCPU_KICK_NONE;
	ASSERT_EQ(0, load(self, WAITER));
	start(self);
	EXPECT_FALSE(has_reported(self, WAITER, NEVER_MS));
	end(self);
}

/* A kick that KVM does not tell of: one too many is given. */
TEST_F(kick, unknown)
{
	save_a_kick(_metadata, self);
	self->vcpus[WAITER].kick = VCPU_KICK_UNKNOWN;
	ASSERT_EQ(0, load(self, WAITER));
	start(self);
	EXPECT_TRUE(has_reported(self, WAITER, PATIENCE_MS));
	end(self);
}

/* The waiter has halted, and the kick comes to the restored one. */
TEST_F(kick, after_the_snapshot)
{
	struct timespec pause = { 0, 50000000 };
	unsigned int tries = 0;

	set_flag(self, WAITER);
	start(self);
	do {
		nanosleep(&pause, NULL);
		ASSERT_EQ(0, save(self));
	} while (self->vcpus[WAITER].mp_state.mp_state !=
		 KVM_MP_STATE_HALTED && ++tries < 100);
	end(self);
	ASSERT_GT(100, tries);
	EXPECT_EQ(VCPU_KICK_NONE, self->vcpus[WAITER].kick);
	ASSERT_EQ(0, load(self, KICKER));
	start(self);
	EXPECT_TRUE(has_reported(self, KICKER, PATIENCE_MS));
	EXPECT_TRUE(has_reported(self, WAITER, PATIENCE_MS));
	end(self);
}

TEST_HARNESS_MAIN
