// SPDX-License-Identifier: GPL-2.0
/*
 * The clock of a PC, after Motorola's data sheet MC146818A, with the time of
 * the host in UTC, in BCD and 24 hours. Setting the clock takes effect when
 * the guest lets it run again. There are no alarms and no interrupts.
 */
#include "rtc.h"

enum rtc_register {
	RTC_SECONDS = 0,
	RTC_MINUTES = 2,
	RTC_HOURS = 4,
	RTC_WEEKDAY = 6,
	RTC_DAY = 7,
	RTC_MONTH = 8,
	RTC_YEAR = 9,
	RTC_A = 10,
	RTC_B = 11,
	RTC_C = 12,
	RTC_D = 13,
	RTC_CENTURY = 50,
};

#define A_32768_HZ	0x26
#define B_SET		0x80	/* stopped while it is being set */
#define B_24_HOURS	0x02
#define D_VALID		0x80

/* What the cells can be set to is less, in seconds. */
#define RTC_OFFSET_MAX	(1LL << 40)

static u8 to_bcd(unsigned int value)
{
	return value / 10 << 4 | value % 10;
}

static unsigned int from_bcd(u8 value)
{
	return (value >> 4) * 10 + (value & 0xf);
}

static bool is_stopped(const struct rtc *rtc)
{
	return rtc->cells[RTC_B] & B_SET;
}

/* Put the present time into the cells. */
static void show_time(struct rtc *rtc)
{
	time_t now = time(NULL) + rtc->offset;
	struct tm tm;

	gmtime_r(&now, &tm);
	rtc->cells[RTC_SECONDS] = to_bcd(tm.tm_sec);
	rtc->cells[RTC_MINUTES] = to_bcd(tm.tm_min);
	rtc->cells[RTC_HOURS] = to_bcd(tm.tm_hour);
	rtc->cells[RTC_WEEKDAY] = to_bcd(tm.tm_wday + 1);
	rtc->cells[RTC_DAY] = to_bcd(tm.tm_mday);
	rtc->cells[RTC_MONTH] = to_bcd(tm.tm_mon + 1);
	rtc->cells[RTC_YEAR] = to_bcd(tm.tm_year % 100);
	rtc->cells[RTC_CENTURY] = to_bcd(19 + tm.tm_year / 100);
}

/* Take the time that the guest has put into the cells. */
static void take_time(struct rtc *rtc)
{
	struct tm tm = {
		.tm_sec = from_bcd(rtc->cells[RTC_SECONDS]),
		.tm_min = from_bcd(rtc->cells[RTC_MINUTES]),
		.tm_hour = from_bcd(rtc->cells[RTC_HOURS]),
		.tm_mday = from_bcd(rtc->cells[RTC_DAY]),
		.tm_mon = (int)from_bcd(rtc->cells[RTC_MONTH]) - 1,
		.tm_year = ((int)from_bcd(rtc->cells[RTC_CENTURY]) - 19) * 100 +
			(int)from_bcd(rtc->cells[RTC_YEAR]),
	};

	rtc->offset = timegm(&tm) - time(NULL);
}

static u64 rtc_read(struct device *device, struct transaction *transaction,
		    u64 offset, unsigned int size)
{
	struct rtc *rtc = container_of(device, struct rtc, device);

	(void)transaction;
	(void)size;
	if (!offset)
		return rtc->index;
	if (!is_stopped(rtc))
		show_time(rtc);
	return rtc->cells[rtc->index];
}

static void write_cell(struct rtc *rtc, u8 value)
{
	bool stopped = is_stopped(rtc);

	switch (rtc->index) {
	case RTC_C:
	case RTC_D:
		return;		/* read-only */
	case RTC_B:
		if (!stopped)
			show_time(rtc);
		rtc->cells[RTC_B] = value | B_24_HOURS;
		if (stopped && !is_stopped(rtc))
			take_time(rtc);
		return;
	default:
		rtc->cells[rtc->index] = value;
	}
}

static void rtc_write(struct device *device, struct transaction *transaction,
		      u64 offset, unsigned int size, u64 value)
{
	struct rtc *rtc = container_of(device, struct rtc, device);

	(void)transaction;
	(void)size;
	if (offset)
		write_cell(rtc, value);
	else
		rtc->index = value % RTC_CELLS;
}

static void rtc_exchange(struct device *device, struct state *state)
{
	struct rtc *rtc = container_of(device, struct rtc, device);

	state__value(state, &rtc->index);
	state__value(state, &rtc->cells);
	state__value(state, &rtc->offset);
	state__check(state, rtc->index < RTC_CELLS, "index");
	state__check(state, rtc->offset > -RTC_OFFSET_MAX &&
		     rtc->offset < RTC_OFFSET_MAX, "time");
}

static const struct device_operations rtc_operations = {
	.read = rtc_read,
	.write = rtc_write,
	.exchange = rtc_exchange,
};

/**
 * rtc__init() - make a clock that shows the time of the host
 * @rtc: to be set up
 */
void rtc__init(struct rtc *rtc)
{
	/* Later, no file may be opened, not even that of the time zone. */
	tzset();
	*rtc = (struct rtc){ 0 };
	rtc->cells[RTC_A] = A_32768_HZ;
	rtc->cells[RTC_B] = B_24_HOURS;
	rtc->cells[RTC_D] = D_VALID;
	device__init(&rtc->device, "rtc", &rtc_operations);
}
