// SPDX-License-Identifier: GPL-2.0
/*
 * Stopping all vCPUs of a VM, and having each of them do something meanwhile.
 *
 * While the world is stopped, each vCPU is at base rank: outside of the guest
 * and of all devices, but still run by its own thread, which holds its execution
 * lock. So its registers are read by that thread, at the request of the one who
 * has stopped the world: see ../execution/stop_world.c and crosscall.c.
 */
#include <errno.h>

#include "../execution/stop_world.h"
#include "../base/error.h"
#include "../locks/lock_classes.h"
#include "vcpu.h"
#include "world.h"

static const struct stop_classes stop_classes = {
	.lock = &class_stop,
	.crosscall = &class_stop_crosscall,
	.responder = &class_stop_responder,
};

/* What a vCPU is to do; the crosscall copies it. */
struct world_request {
	int (*function)(struct vcpu_locked locked, void *argument);
	void *argument;
	u32 *failed;
};

static void serve(void *owner, const void *argument)
{
	const struct world_request *request = argument;
	struct vcpu *vcpu = owner;

	if (request->function(vcpu_lock__held(&vcpu->core), request->argument))
		xadd(request->failed, 1);
}

static const struct crosscall_type on_all_vcpus = {
	.class = &class_execute_crosscall,
	.run = serve,
};

/**
 * world__init() - make a world for the vCPUs of a VM, which is empty
 * @vm: whose
 *
 * Return: 0, or a negative errno after a message.
 */
int world__init(struct vm *vm)
{
	int error = stop_world_init(&vm->world, &stop_classes,
				    vm->options->cpus);

	return error ? vmm_error(-error, NULL, "world of the vCPUs") : 0;
}

/**
 * world__destroy() - undo world__init(), and world__join()
 * @vm: its vCPUs have ended
 */
void world__destroy(struct vm *vm)
{
	stop_world_destroy(&vm->world);
}

/**
 * world__join() - let all vCPUs of a VM be stopped
 * @vm: with its vCPUs
 *
 * Context: Without locks.
 * Return: 0, or a negative errno after a message.
 */
int world__join(struct vm *vm)
{
	unsigned int i;
	int error = 0;

	for (i = 0; !error && i < vm->nr_vcpus; i++)
		error = stop_world_join(&vm->world, &vm->vcpus[i].core.inbox);
	return error ? vmm_error(-error, NULL, "world of the vCPUs") : 0;
}

/**
 * world__stop() - stop all vCPUs
 * @vm: after vm__open_gate()
 *
 * Context: Any thread without locks, or a vCPU's at base rank.
 * Return: 0, and then world__resume() has to follow; or a negative errno after a
 * message.
 */
int world__stop(struct vm *vm)
{
	int error = stop_world(&vm->world);

	return error ? vmm_error(-error, "try again", "stopping the vCPUs") : 0;
}

/**
 * world__resume() - let the vCPUs go on
 * @vm: whose world the caller has stopped
 */
void world__resume(struct vm *vm)
{
	resume_world(&vm->world);
}

/**
 * world__on_all_vcpus() - have each vCPU do something, all at the same time
 * @vm: whose world the caller has stopped; the caller is none of its vCPUs
 * @function: called by each vCPU's own thread, as the holder of its execution
 *	lock; returns 0, or anything else after a message
 * @argument: for it
 *
 * Return: 0; -EIO if one has failed; -ESRCH if a vCPU is not run by any thread.
 */
int world__on_all_vcpus(struct vm *vm,
			int (*function)(struct vcpu_locked locked,
					void *argument),
			void *argument)
{
	u32 failed = 0;
	struct world_request request = { function, argument, &failed };
	int reached;

	reached = crosscall(vm->world.members, vm->world.nr_members,
			    &on_all_vcpus, &request, sizeof(request));
	if (reached < 0)
		return vmm_error(-reached, "try again", "requests to the vCPUs");
	if ((u32)reached < vm->world.nr_members)
		return -ESRCH;
	return failed ? -EIO : 0;
}
