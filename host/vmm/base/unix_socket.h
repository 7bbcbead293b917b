/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Unix sockets that the VMM listens on.
 */
#ifndef PVMM_UNIX_SOCKET_H
#define PVMM_UNIX_SOCKET_H

int unix_socket__listen(const char *path, int backlog);

#endif /* PVMM_UNIX_SOCKET_H */
