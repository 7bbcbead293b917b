/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The clock of a PC.
 */
#ifndef PVMM_RTC_H
#define PVMM_RTC_H

#include <time.h>

#include "device.h"

#define RTC_PORTS	2
#define RTC_CELLS	128

struct rtc {
	struct device device;
	u8 index;
	u8 cells[RTC_CELLS];
	time_t offset;		/* guest's time minus that of the host */
};

void rtc__init(struct rtc *rtc);

#endif /* PVMM_RTC_H */
