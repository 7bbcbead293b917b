// SPDX-License-Identifier: GPL-2.0
/*
 * lockbench.ko: measures locks from inside the guest.
 *
 * Files in debugfs, directory lockbench/: locks, environment, run, result.
 * See Documentation/lockbench.rst.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <asm/tsc.h>

#include "config.h"
#include "json.h"
#include "run.h"
#include "locks/spinlock_probe.h"
#include "work.h"

#define MAX_LINE	4096

static struct dentry *directory;

/* Held during a run. */
static DEFINE_MUTEX(run_mutex);

/* The last complete run, guarded by result_mutex. */
static struct bench_result *last_result;
static DEFINE_MUTEX(result_mutex);

static void keep_result(struct bench_result *result)
{
	mutex_lock(&result_mutex);
	swap(last_result, result);
	mutex_unlock(&result_mutex);
	kvfree(result);
}

static int run_line(char *line)
{
	struct bench_config *config = kzalloc(sizeof(*config), GFP_KERNEL);
	struct bench_result *result;
	int error;

	if (!config)
		return -ENOMEM;

	error = bench_config_parse(config, line);
	if (!error) {
		result = bench_run(config);
		if (IS_ERR(result))
			error = PTR_ERR(result);
		else
			keep_result(result);
	}
	kfree(config);
	return error;
}

static ssize_t run_write(struct file *file, const char __user *buffer,
			 size_t count, loff_t *position)
{
	char *line;
	int error;

	if (count > MAX_LINE) {
		pr_warn("run: longer than %u characters\n", MAX_LINE);
		return -EINVAL;
	}
	line = memdup_user_nul(buffer, count);
	if (IS_ERR(line))
		return PTR_ERR(line);

	error = -EBUSY;
	if (mutex_trylock(&run_mutex)) {
		error = run_line(line);
		mutex_unlock(&run_mutex);
	}
	kfree(line);
	return error ? error : count;
}

static const struct file_operations run_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = run_write,
	.llseek = noop_llseek,
};

static int last_result_show(struct seq_file *file, void *unused)
{
	int error = 0;

	mutex_lock(&result_mutex);
	if (last_result)
		result_show(file, last_result);
	else
		error = -ENODATA;
	mutex_unlock(&result_mutex);
	return error;
}
DEFINE_SHOW_ATTRIBUTE(last_result);

static int guest_environment_show(struct seq_file *file, void *unused)
{
	environment_show(file);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(guest_environment);

static void lock_show(struct seq_file *file, const struct bench_lock *lock)
{
	char implementation[BENCH_IMPLEMENTATION_SIZE];

	bench_lock_implementation(lock, implementation, sizeof(implementation));
	seq_printf(file, "{\"name\":\"%s\",", lock->name);
	seq_printf(file, "\"implementation\":\"%s\",", implementation);
	seq_printf(file, "\"description\":\"%s\"}", lock->description);
}

static int locks_show(struct seq_file *file, void *unused)
{
	unsigned int i;

	for (i = 0; i < bench_lock_count; i++) {
		seq_puts(file, i ? ",\n" : "[");
		lock_show(file, bench_locks[i]);
	}
	seq_puts(file, "]\n");
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(locks);

static void create_files(void)
{
	directory = debugfs_create_dir("lockbench", NULL);
	debugfs_create_file("locks", 0444, directory, NULL, &locks_fops);
	debugfs_create_file("environment", 0444, directory, NULL,
			    &guest_environment_fops);
	debugfs_create_file("run", 0200, directory, NULL, &run_fops);
	debugfs_create_file("result", 0444, directory, NULL,
			    &last_result_fops);
}

static int __init lockbench_init(void)
{
	int error;

	if (!tsc_khz) {
		pr_err("time stamp counter of unknown frequency; boot without notsc\n");
		return -ENODEV;
	}
	error = bench_hotplug_init();
	if (error)
		return error;

	work_calibrate();
	spinlock_probe();
	create_files();
	pr_info("spinlock is %s, PAUSE takes %llu ps, a step of work %llu ps\n",
		spinlock_probe_name(), work_pause_ps(), work_loop_ps());
	return 0;
}
module_init(lockbench_init);

static void __exit lockbench_exit(void)
{
	debugfs_remove(directory);
	bench_hotplug_exit();
	kvfree(last_result);
}
module_exit(lockbench_exit);

MODULE_DESCRIPTION("Lock benchmark for virtual machines");
MODULE_LICENSE("GPL");
