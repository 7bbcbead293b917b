// SPDX-License-Identifier: GPL-2.0
/*
 * Exits per second over vCPUs, with a lock for each device and with one global
 * lock.
 *
 *	exits_bench kvm|native [milliseconds]
 *
 * Each vCPU writes to a port of its own device, over and over. "kvm": vCPUs
 * are those of a VM, whose guest is two instructions. "native": vCPUs are
 * threads that call the dispatcher, which shows its cost alone.
 *
 * A device does nothing, computes, or waits as for a disk, under its locks.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "../../../host/vmm/locks/rcu.h"
#include "../../../host/vmm/vm/vcpu.h"
#include "../fixture.h"
#include "../real_mode.h"

#define MAX_BENCH_VCPUS		16
#define FIRST_PORT		0x1000
#define PORTS_EACH		8
#define CODE			0x1000
#define COMPUTE_NS		10000
#define WAIT_NS			100000

struct bench_device {
	struct device device;
	void (*work)(void);
} __aligned(64);

struct bench_thread {
	pthread_t thread;
	struct bus *bus;
	unsigned int number;
	const bool *stop;
};

static struct bench_device devices[MAX_BENCH_VCPUS];

static u64 now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NS_PER_SEC + now.tv_nsec;
}

static void nothing(void)
{
}

static void compute(void)
{
	u64 end = now_ns() + COMPUTE_NS;

	while (now_ns() < end)
		;
}

static void wait_as_for_a_disk(void)
{
	struct timespec pause = { 0, WAIT_NS };

	nanosleep(&pause, NULL);
}

static const struct {
	const char *name;
	void (*work)(void);
} works[] = {
	{ "nothing", nothing },
	{ "computes 10 us", compute },
	{ "waits 100 us", wait_as_for_a_disk },
};

static void bench_write(struct device *device, struct transaction *transaction,
			u64 offset, unsigned int size, u64 value)
{
	(void)transaction;
	(void)offset;
	(void)size;
	(void)value;
	container_of(device, struct bench_device, device)->work();
}

static const struct device_operations operations = { .write = bench_write };

static u16 port_of(unsigned int vcpu)
{
	return FIRST_PORT + vcpu * PORTS_EACH;
}

static void add_devices(struct bus *bus, unsigned int vcpus, bool own_lock,
			void (*work)(void))
{
	unsigned int i;

	for (i = 0; i < vcpus; i++) {
		device__init(&devices[i].device, "bench", &operations);
		devices[i].device.own_lock_suffices = own_lock;
		devices[i].work = work;
		if (bus__add(bus, &devices[i].device, port_of(i), PORTS_EACH))
			exit(1);
	}
}

static u64 accesses(unsigned int vcpus)
{
	u64 sum = 0;
	unsigned int i;

	for (i = 0; i < vcpus; i++)
		sum += READ_ONCE(devices[i].device.accesses);
	return sum;
}

static void sleep_ms(unsigned int ms)
{
	struct timespec pause = { ms / 1000, ms % 1000 * 1000000L };

	nanosleep(&pause, NULL);
}

/* Accesses per second over some time. */
static double measure(unsigned int vcpus, unsigned int ms)
{
	u64 first, start;

	sleep_ms(ms / 4);
	first = accesses(vcpus);
	start = now_ns();
	sleep_ms(ms);
	return (accesses(vcpus) - first) * 1e9 / (now_ns() - start);
}

static void *dispatch(void *argument)
{
	struct bench_thread *thread = argument;
	struct transaction transaction = { .vcpu = thread->number };
	u8 value = 0;

	test_thread__enter("vcpu");
	while (!READ_ONCE(*thread->stop))
		bus__write(thread->bus, &transaction, port_of(thread->number),
			   &value, sizeof(value));
	test_thread__exit();
	return NULL;
}

static double run_native(unsigned int vcpus, bool own_lock, void (*work)(void),
			 unsigned int ms)
{
	struct bench_thread threads[MAX_BENCH_VCPUS];
	bool stop = false;
	struct bus bus;
	double rate;
	unsigned int i;

	if (bus__init(&bus, "bench"))
		exit(1);
	add_devices(&bus, vcpus, own_lock, work);
	for (i = 0; i < vcpus; i++) {
		threads[i] = (struct bench_thread){ .bus = &bus, .number = i,
						    .stop = &stop };
		pthread_create(&threads[i].thread, NULL, dispatch, &threads[i]);
	}
	rate = measure(vcpus, ms);
	WRITE_ONCE(stop, true);
	for (i = 0; i < vcpus; i++)
		pthread_join(threads[i].thread, NULL);
	bus__destroy(&bus);
	return rate;
}

static double run_kvm(unsigned int vcpus, bool own_lock, void (*work)(void),
		      unsigned int ms)
{
	/* out %al, (%dx); jmp to it */
	static const u8 code[] = { 0xee, 0xeb, 0xfd };
	const struct options options = { .cpus = vcpus, .memory = 32 * MIB,
					 .sched_policy = -1 };
	struct vm vm;
	double rate;
	unsigned int i;

	if (vm__create(&vm, &options))
		exit(4);
	add_devices(&vm.ports, vcpus, own_lock, work);
	memcpy(guest_memory__at(&vm.memory, CODE, sizeof(code)), code,
	       sizeof(code));
	for (i = 0; i < vcpus; i++)
		real_mode__begin(&vm.vcpus[i], CODE, port_of(i));
	if (vm__start(&vm))
		exit(1);
	vm__open_gate(&vm);
	rate = measure(vcpus, ms);
	vm__end(&vm, VM_POWERED_OFF, 0);
	vm__join(&vm);
	vm__destroy(&vm);
	return rate;
}

int main(int argc, char **argv)
{
	static const unsigned int sizes[] = { 1, 2, 4, 8 };
	bool native = argc > 1 && !strcmp(argv[1], "native");
	unsigned int ms = argc > 2 ? atoi(argv[2]) : 1000;
	size_t work, size;

	test_locks__init();
	test_thread__enter("main");
	printf("%-16s %5s %14s %14s %6s\n", "device", "vCPUs", "own lock/s",
	       "global lock/s", "ratio");
	for (work = 0; work < ARRAY_SIZE(works); work++) {
		for (size = 0; size < ARRAY_SIZE(sizes); size++) {
			double rates[2];
			int own;

			for (own = 0; own < 2; own++)
				rates[own] = (native ? run_native : run_kvm)
					(sizes[size], own, works[work].work, ms);
			printf("%-16s %5u %14.0f %14.0f %6.2f\n",
			       works[work].name, sizes[size], rates[1],
			       rates[0], rates[1] / rates[0]);
			fflush(stdout);
		}
	}
	return 0;
}
