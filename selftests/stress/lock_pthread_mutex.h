/* SPDX-License-Identifier: GPL-2.0 */
/* The C library's mutex, for reference. */
#include <pthread.h>

#define STRESS_LOCK_NAME	"pthread_mutex"

typedef pthread_mutex_t stress_lock_t;

#define stress_init(lock)	pthread_mutex_init(lock, NULL)
#define stress_lock(lock)	pthread_mutex_lock(lock)
#define stress_trylock(lock)	(!pthread_mutex_trylock(lock))
#define stress_unlock(lock)	pthread_mutex_unlock(lock)
