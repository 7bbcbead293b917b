// SPDX-License-Identifier: GPL-2.0
/*
 * pvticketlock_test.ko: directory pvticketlock_test/ of debugfs, with a file
 * for each test. Writing a number, its argument, runs the test; the write
 * fails with EIO if the test does, and the log says why. Tests whose lock is
 * wrong on purpose have to fail; misordered is for lockdep to report.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/debugfs.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kconfig.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/uaccess.h>

#include "test.h"

static const struct ticket_test tests[] = {
	{ "api", test_api },
	{ "contention", test_contention },
	{ "contention_busted", test_contention_busted },
	{ "contexts", test_contexts },
	{ "freed", test_freed },
	{ "freed_late", test_freed_late },
	{ "irqs_off", test_irqs_off },
	{ "misordered", test_misordered },
	{ "nmi", test_nmi },
};

/* KASAN reports what uses freed memory on purpose, and the tests do not see it. */
static bool kasan = IS_ENABLED(CONFIG_KASAN);
module_param(kasan, bool, 0444);
MODULE_PARM_DESC(kasan, "does the kernel have KASAN? not to be set");

static struct dentry *directory;

/* One at a time: each uses all CPUs. */
static DEFINE_MUTEX(test_mutex);

static ssize_t test_write(struct file *file, const char __user *buffer,
			  size_t count, loff_t *position)
{
	const struct ticket_test *test = file->private_data;
	unsigned int argument;
	int error;

	error = kstrtouint_from_user(buffer, count, 0, &argument);
	if (error)
		return error;
	error = mutex_lock_interruptible(&test_mutex);
	if (error)
		return error;
	error = test->run(argument);
	mutex_unlock(&test_mutex);
	return error ? error : count;
}

static const struct file_operations test_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = test_write,
	.llseek = noop_llseek,
};

static int __init test_init(void)
{
	unsigned int i;

	directory = debugfs_create_dir("pvticketlock_test", NULL);
	for (i = 0; i < ARRAY_SIZE(tests); i++)
		debugfs_create_file(tests[i].name, 0200, directory,
				    (void *)&tests[i], &test_fops);
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
