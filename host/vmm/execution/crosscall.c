// SPDX-License-Identifier: GPL-2.0
/*
 * Crosscalls.
 *
 * After "MonitorU: vSMP" (Agesen, 2010). A request goes to the inbox of each
 * target, whose thread serves it at its next drain, or while it waits for a
 * lock. States of a request:
 *
 *   arrived   in the inbox, guarded; the target may be in the guest
 *   noticed   the target's thread has taken it; callers of early-released ones
 *             go on
 *   served    done; all others go on
 *
 * A target that waits at rank R serves requests of ranks R and higher, and only
 * notices those of lower ranks. That is enough, and safe:
 *
 * - If the caller holds a lock that the target waits for, its rank R is lower
 *   than that of the crosscall, so the target serves it.
 * - What a target serves takes only locks of ranks higher than the crosscall's,
 *   so higher than all that the target holds, and than the one it waits for.
 *
 * A caller waits at the rank of its crosscall, and serves others meanwhile. So
 * two that call each other with the same rank both go on. Serving may nest, as
 * what is served may wait again; but each time at a higher rank, of which there
 * are finitely many.
 *
 * The kick that tells a waiting target of a request is the one that ends its
 * wait for a lock. It looks at its inbox before it sleeps; a kick after that
 * look ends the sleep.
 */
#include "crosscall.h"
#include "../locks/blocking.h"
#include "../locks/lock_fault.h"

/**
 * struct crosscall_wait - a caller that waits, on its stack
 * @pending: targets that it waits for
 * @cpu: whom to kick
 */
struct crosscall_wait {
	u32 pending;
	u32 cpu;
};

/**
 * struct crosscall_request - a crosscall for one target
 * @action: while it is a queued action instead
 * @next: in the target's queues
 * @type: which crosscall
 * @wait: the caller, until it need not wait any more
 * @argument: for the function
 */
struct crosscall_request {
	struct queued_action action;
	struct crosscall_request *next;
	const struct crosscall_type *type;
	struct crosscall_wait *wait;
	u64 argument[];
};

static void append(struct crosscall_queue *queue,
		   struct crosscall_request *request)
{
	request->next = NULL;
	if (queue->first)
		queue->last->next = request;
	else
		queue->first = request;
	queue->last = request;
}

/* One target less to wait for; the last one ends the wait. */
static void release_caller(struct crosscall_wait *wait)
{
	u32 cpu = wait->cpu;

	/* The last access. Pairs with smp_load_acquire() in await(). */
	if (xadd(&wait->pending, -1) == 1)
		platform_kick(cpu);
}

static void await(const struct crosscall_wait *wait, u16 rank)
{
	/* Pairs with xadd() in release_caller(). */
	blocking_wait(rank, !smp_load_acquire(&wait->pending));
}

/* Take over what has arrived, and let go whom it need not keep. */
static bool notice(struct vcpu_inbox *inbox)
{
	struct crosscall_request *request, *next;

	if (!(READ_ONCE(inbox->pending) & ACTION_CROSSCALL))
		return false;

	inbox_take(inbox, ACTION_CROSSCALL);
	ticket_lock(&inbox->guard);
	request = inbox->arrived.first;
	inbox->arrived.first = NULL;
	ticket_unlock(&inbox->guard);

	for (; request; request = next) {
		next = request->next;
		append(&inbox->noticed, request);
		if (request->type->early_release) {
			release_caller(request->wait);
			request->wait = NULL;
		}
	}
	return true;
}

/* Take out the first request of rank @lowest or higher, or return NULL. */
static struct crosscall_request *take_noticed(struct crosscall_queue *queue,
					      u32 lowest)
{
	struct crosscall_request *before = NULL;
	struct crosscall_request *request = queue->first;

	while (request && request->type->class->rank < lowest) {
		before = request;
		request = request->next;
	}
	if (!request)
		return NULL;
	if (before)
		before->next = request->next;
	else
		queue->first = request->next;
	if (queue->last == request)
		queue->last = before;
	return request;
}

static void run(struct vcpu_inbox *inbox, const struct crosscall_type *type,
		const void *argument, bool deferred)
{
	lock_rank_check(type->class, LOCK_SITE);
	lock_rank_push(type->class, argument, LOCK_SITE);
	if (deferred && type->run_deferred)
		type->run_deferred(inbox->owner, argument);
	else
		type->run(inbox->owner, argument);
	lock_rank_pop(type->class, argument);
}

/**
 * crosscalls_serve() - serve the crosscalls for this vCPU
 * @inbox: the calling thread's
 * @lowest: those of lower ranks are only noticed
 *
 * Context: the thread holds locks of ranks lower than @lowest only.
 * Return: whether there was anything to do.
 */
bool crosscalls_serve(struct vcpu_inbox *inbox, u32 lowest)
{
	struct crosscall_request *request;
	bool did = notice(inbox);

	while ((request = take_noticed(&inbox->noticed, lowest))) {
		run(inbox, request->type, request->argument, false);
		if (request->wait)
			release_caller(request->wait);
		platform_free(request);
		did = true;
	}
	return did;
}

/**
 * crosscalls_serve_blocked() - serve crosscalls instead of sleeping
 *
 * Called when the thread is about to sleep. Where it waits for a guard, it
 * must not: what it would do might need the same guard.
 *
 * Return: whether there was anything to do.
 */
bool crosscalls_serve_blocked(void)
{
	struct lock_thread *thread = lock_thread();
	u32 rank = thread->blocked_rank;
	bool did;

	if (rank == LOCK_RANK_NONE)
		return false;
	thread->blocked_rank = LOCK_RANK_NONE;
	did = crosscalls_serve(thread->inbox, rank);
	thread->blocked_rank = rank;
	return did;
}

static void run_deferred(void *owner, struct queued_action *action)
{
	struct crosscall_request *request = (struct crosscall_request *)action;

	(void)owner;
	run(lock_thread()->inbox, request->type, request->argument, true);
	platform_free(request);
}

/*
 * Give a request to a target that nobody waits for. The target's guard is held.
 *
 * Return: false if the target has to be waited for.
 */
static bool defer(struct vcpu_inbox *inbox, struct crosscall_request *request)
{
	u32 mode = READ_ONCE(inbox->mode);

	if (mode != INBOX_DETACHED &&
	    (mode != INBOX_OFFLINE || !request->type->deferrable))
		return false;
	if (!request->type->deferrable) {
		platform_free(request);
		return true;
	}
	request->action.run = run_deferred;
	inbox_queue_locked(inbox, &request->action);
	/*
	 * Under the guard, as nobody waits: the guard is also taken to come
	 * online, and the drain that follows has to find the request. It pulls
	 * nobody out.
	 */
	inbox_raise(inbox, ACTION_QUEUED);
	return true;
}

/*
 * Hand a request to its target. In the guest or offline, it is pulled out; in
 * the monitor it may wait for a lock, and is kicked.
 *
 * Return: whether the caller has to wait for it.
 */
static bool send(struct vcpu_inbox *inbox, struct crosscall_request *request)
{
	bool deferred;

	ticket_lock(&inbox->guard);
	deferred = defer(inbox, request);
	if (!deferred)
		append(&inbox->arrived, request);
	ticket_unlock(&inbox->guard);

	/* From here on, the request is the target's. */
	if (deferred)
		return false;
	inbox_raise(inbox, ACTION_CROSSCALL);
	if (READ_ONCE(inbox->mode) == INBOX_MONITOR)
		platform_kick(READ_ONCE(inbox->cpu));
	return true;
}

static void free_requests(struct crosscall_request *request)
{
	while (request) {
		struct crosscall_request *next = request->next;

		platform_free(request);
		request = next;
	}
}

static struct crosscall_request *
allocate_request(const struct crosscall_type *type, const void *argument,
		 size_t size)
{
	size_t bytes = sizeof(struct crosscall_request) + size;
	struct crosscall_request *request;

	bytes = (bytes + LOCK_THREAD_ALIGNMENT - 1) &
		~(size_t)(LOCK_THREAD_ALIGNMENT - 1);
	request = lock_fault() ? NULL : platform_zalloc(bytes);
	if (!request)
		return NULL;
	request->type = type;
	if (size)
		__builtin_memcpy(request->argument, argument, size);
	return request;
}

/* One request for each target, so that nothing is sent if there is no memory. */
static struct crosscall_request *
allocate_requests(u32 nr, const struct crosscall_type *type,
		  const void *argument, size_t size)
{
	struct crosscall_request *first = NULL;

	while (nr--) {
		struct crosscall_request *request;

		request = allocate_request(type, argument, size);
		if (!request) {
			free_requests(first);
			return NULL;
		}
		request->next = first;
		first = request;
	}
	return first;
}

/**
 * crosscall_issue() - have vCPUs serve a crosscall
 * @targets: their inboxes; the calling thread's may be among them
 * @nr_targets: how many, at least one
 * @type: what to do
 * @argument: for the function
 * @size: bytes of it, copied
 * @site: where
 *
 * Context: holding locks of lower ranks only; serves crosscalls while it waits.
 * Return: how many targets were waited for: have served it, or noticed it if
 * @type says so. Of the others, which are offline or not run by any thread,
 * deferrable ones get it before they enter the guest. -ENOMEM if there is no
 * memory, and nothing was done.
 */
int crosscall_issue(struct vcpu_inbox *const *targets, u32 nr_targets,
		    const struct crosscall_type *type, const void *argument,
		    size_t size, const char *site)
{
	struct crosscall_wait wait = {
		.pending = nr_targets, .cpu = platform_cpu(),
	};
	const struct vcpu_inbox *own = lock_thread()->inbox;
	struct crosscall_request *request, *next;
	u32 deferred = 0;
	bool to_self = false;
	u32 i;

	lock_rank_check(type->class, site);
	request = allocate_requests(nr_targets, type, argument, size);
	if (!request)
		return -ENOMEM;

	for (i = 0; i < nr_targets; i++, request = next) {
		next = request->next;
		request->wait = &wait;
		if (targets[i] == own) {
			to_self = true;
			platform_free(request);
		} else if (!send(targets[i], request)) {
			deferred++;
		}
	}
	if (to_self)
		run(lock_thread()->inbox, type, argument, false);
	if (deferred + to_self)
		xadd(&wait.pending, -(deferred + to_self));
	await(&wait, type->class->rank);
	return nr_targets - deferred;
}
