/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tiny guest does, by the first letter of its command line. When it is
 * done, or for any other letter, it halts for ever.
 */
#ifndef VMM_TEST_TINY_GUEST_H
#define VMM_TEST_TINY_GUEST_H

#define TINY_GUEST_HALTS		'h'
#define TINY_GUEST_IS_SILENT		'q'	/* never leaves the CPU but to halt */
#define TINY_GUEST_SPINS		's'
#define TINY_GUEST_FEEDS_ITSELF		'f'	/* a chain that makes the next */
#define TINY_GUEST_OFFERS_HUGE_BUFFERS	'b'
#define TINY_GUEST_PRINTS		'p'	/* to the UART */
#define TINY_GUEST_TRANSMITS		't'	/* to the virtio console */
#define TINY_GUEST_RINGS		'r'	/* as the holder of lock 1 */
#define TINY_GUEST_RESETS		'x'

/* Where the guest that feeds itself has what the disk writes. */
#define TINY_GUEST_AVAILABLE		0x1010000
#define TINY_GUEST_HEADER		0x1030000

#endif /* VMM_TEST_TINY_GUEST_H */
