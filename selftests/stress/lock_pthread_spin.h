/* SPDX-License-Identifier: GPL-2.0 */
/* The C library's spinlock, for reference. */
#include <pthread.h>

#define STRESS_LOCK_NAME	"pthread_spin"

typedef pthread_spinlock_t stress_lock_t;

#define stress_init(lock)	pthread_spin_init(lock, PTHREAD_PROCESS_PRIVATE)
#define stress_lock(lock)	pthread_spin_lock(lock)
#define stress_trylock(lock)	(!pthread_spin_trylock(lock))
#define stress_unlock(lock)	pthread_spin_unlock(lock)
