// SPDX-License-Identifier: GPL-2.0
/*
 * What the benchmark runs on, in JSON.
 */
#include <linux/cpumask.h>
#include <linux/ctype.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/utsname.h>
#include <asm/tsc.h>

#include "../hypervisor.h"
#include "json.h"
#include "locks/spinlock_probe.h"
#include "work.h"

#define HYPERVISOR_LEAF		0x40000000
#define HYPERVISOR_NAME_SIZE	13

/* The hypervisor's signature; characters that JSON would escape become '?'. */
static void hypervisor_name(char *name)
{
	u32 leaf, signature[3];
	char *c;

	strscpy(name, "none", HYPERVISOR_NAME_SIZE);
	if (!boot_cpu_has(X86_FEATURE_HYPERVISOR))
		return;

	cpuid(HYPERVISOR_LEAF, &leaf, &signature[0], &signature[1],
	      &signature[2]);
	memcpy(name, signature, sizeof(signature));
	name[sizeof(signature)] = '\0';
	for (c = name; *c; c++) {
		if (!isascii(*c) || !isprint(*c) || *c == '"' || *c == '\\')
			*c = '?';
	}
}

static void show_nanoseconds(struct seq_file *file, const char *name, u64 ps)
{
	seq_printf(file, "\"%s\":%llu.%03llu,\n", name, ps / 1000, ps % 1000);
}

/**
 * environment_show() - write the environment as one JSON object
 * @file: where to
 */
void environment_show(struct seq_file *file)
{
	char hypervisor[HYPERVISOR_NAME_SIZE];

	hypervisor_name(hypervisor);
	seq_printf(file, "{\"kernel\":\"%s\",\n", init_utsname()->release);
	seq_printf(file, "\"hypervisor\":\"%s\",\n", hypervisor);
	seq_printf(file, "\"cpuid_kvm_features\":\"0x%08x\",\n",
		   hypervisor_kvm_features());
	seq_printf(file, "\"pv_unhalt\":%s,\n",
		   hypervisor_has_pv_unhalt() ? "true" : "false");
	seq_printf(file, "\"spinlock_implementation\":\"%s\",\n",
		   spinlock_probe_name());
	seq_printf(file, "\"tsc_khz\":%u,\n", tsc_khz);
	show_nanoseconds(file, "pause_ns", work_pause_ps());
	show_nanoseconds(file, "work_loop_ns", work_loop_ps());
	seq_printf(file, "\"online_cpus\":%u}\n", num_online_cpus());
}
