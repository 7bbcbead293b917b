/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SIMULATOR_ERROR_H
#define SIMULATOR_ERROR_H

__attribute__((noreturn, format(printf, 1, 2)))
void fatal(const char *format, ...);

#endif /* SIMULATOR_ERROR_H */
