/* SPDX-License-Identifier: MIT
 *
 * fault_handover.h - how a child gives its page faults to the pager: a descriptor and an address over a socket, then a
 * byte back when the pager is ready.
 */
#ifndef HY_FAULT_HANDOVER_H
#define HY_FAULT_HANDOVER_H

#include "userfault.h"

/* The child's part: opens the descriptor, registers the range, hands over, and waits.  `kernel` as hy_faults_open. */
int hy_handover_give(int socket, void *start, size_t size, bool kernel, hy_error *error);

/* The pager's part.  0; -ENOTSUP: the child was refused a descriptor, and has said why; -EPIPE: it has gone. */
int hy_handover_take(int socket, int *ret_faults_fd, uintptr_t *ret_start);
void hy_handover_begin(int socket);

/* From the child, later, over the same socket: these pages hold nothing more.  A byte comes back when that is so. */
typedef struct hy_forget {
    uint64_t start, size;
} hy_forget;

/* The descriptor stays open over exec. */
void hy_handover_keep(int fd);

#endif
