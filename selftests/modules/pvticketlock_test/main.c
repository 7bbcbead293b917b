// SPDX-License-Identifier: GPL-2.0
/*
 * pvticketlock_test.ko: directory pvticketlock_test/ of debugfs, with a file
 * for each test. Writing a number, its argument, runs the test; the write
 * fails with EIO if the test does, and the log says why, and with EBUSY while
 * another one runs. With busted=1 no test takes its lock, and all have to fail;
 * misordered is for lockdep to report.
 *
 * While the system suspends, suspend has to be run by reading it: who writes to
 * a file has the file system's lock against freezing, and must not be frozen.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/debugfs.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kconfig.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/uaccess.h>

#include "test.h"

#define SUSPEND_WAIT_MS	30000

static const struct ticket_test tests[] = {
	{ "api", test_api },
	{ "contention", test_contention },
	{ "contexts", test_contexts },
	{ "double_unlock", test_double_unlock },
	{ "freed", test_freed },
	{ "freed_late", test_freed_late },
	{ "handoff", test_handoff },
	{ "irqs_off", test_irqs_off },
	{ "misordered", test_misordered },
	{ "nmi", test_nmi },
	{ "patched", test_patched },
	{ "spinlocks", test_spinlocks },
	{ "suspend", test_suspend, .read_argument = SUSPEND_WAIT_MS },
};

/* KASAN reports what uses freed memory on purpose, and the tests do not see it. */
static bool kasan = IS_ENABLED(CONFIG_KASAN);
module_param(kasan, bool, 0444);
MODULE_PARM_DESC(kasan, "does the kernel have KASAN? not to be set");

/* KCSAN reports what runs without its lock on purpose. */
static bool kcsan = IS_ENABLED(CONFIG_KCSAN);
module_param(kcsan, bool, 0444);
MODULE_PARM_DESC(kcsan, "does the kernel have KCSAN? not to be set");

bool test_busted;
module_param_named(busted, test_busted, bool, 0444);
MODULE_PARM_DESC(busted, "take no lock, so that every test has to fail (default N)");

static struct dentry *directory;

/*
 * One at a time: each uses all CPUs. Not a mutex, as a task must not be frozen
 * with a lock held, and one of the tests is there when the system suspends.
 */
static atomic_t running;

static int test_run(const struct ticket_test *test, unsigned int argument)
{
	int error;

	/* Pairs with atomic_set_release() below. */
	if (atomic_cmpxchg_acquire(&running, 0, 1))
		return -EBUSY;
	error = test->run(argument);
	/* Pairs with atomic_cmpxchg_acquire() above. */
	atomic_set_release(&running, 0);
	return error;
}

static ssize_t test_write(struct file *file, const char __user *buffer,
			  size_t count, loff_t *position)
{
	unsigned int argument;
	int error;

	error = kstrtouint_from_user(buffer, count, 0, &argument);
	if (!error)
		error = test_run(file->private_data, argument);
	return error ? error : count;
}

/* There is nothing to read, but an error of the test. */
static ssize_t test_read(struct file *file, char __user *buffer, size_t count,
			 loff_t *position)
{
	const struct ticket_test *test = file->private_data;

	if (!test->read_argument)
		return -EINVAL;
	return test_run(test, test->read_argument);
}

static const struct file_operations test_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.read = test_read,
	.write = test_write,
	.llseek = noop_llseek,
};

static int __init test_init(void)
{
	unsigned int i;

	directory = debugfs_create_dir("pvticketlock_test", NULL);
	for (i = 0; i < ARRAY_SIZE(tests); i++)
		debugfs_create_file(tests[i].name,
				    tests[i].read_argument ? 0600 : 0200,
				    directory, (void *)&tests[i], &test_fops);
	return 0;
}
module_init(test_init);

static void __exit test_exit(void)
{
	debugfs_remove(directory);
}
module_exit(test_exit);

MODULE_DESCRIPTION("Tests of pvticketlock");
MODULE_LICENSE("GPL");
MODULE_INFO(test, "Y");
