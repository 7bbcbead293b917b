/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests do to a guest: load modules, read and write their files.
 */
#ifndef SELFTEST_GUEST_H
#define SELFTEST_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define DEBUGFS		"/sys/kernel/debug/"
#define PARAMETERS	"/sys/module/pvticketlock/parameters/"

#define GUEST_PATH_MAX	256

/* All return 0 or a negative errno, unless said otherwise. */
bool guest_is_lab(void);
int guest_module_file(const char *module, char path[GUEST_PATH_MAX]);
int guest_load(const char *module, const char *parameters);
int guest_unload(const char *module);
bool guest_is_loaded(const char *module);
int guest_write(const char *path, const char *text);
ssize_t guest_read(const char *path, char *text, size_t size);
long long guest_number(const char *path);

bool guest_has_pv_unhalt(void);
bool guest_has_realtime_hint(void);
bool guest_is_xen(void);
const char *guest_backend(void);
bool guest_waiters_halt(void);
const char *guest_why_spin(void);
int guest_set_online(unsigned int cpu, bool online);
unsigned int guest_cpus(void);

int guest_log_open(void);
bool guest_log_has(int log, const char *words);

/* In a test that is about it: that the kernel refuses the modules. */
bool tests_refusal(void);

pid_t guest_write_in_background(const char *path, const char *text);
pid_t guest_read_in_background(const char *path);
int guest_wait(pid_t child);
void guest_sleep_ms(unsigned int milliseconds);

#endif /* SELFTEST_GUEST_H */
