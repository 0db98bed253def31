/* SPDX-License-Identifier: MIT
 *
 * swap.h - the backing file of the live pager: one slot a page, in a file that has no name, so that it goes with the
 * last process that has it open.
 */
#ifndef HY_SWAP_H
#define HY_SWAP_H

#include "userfault.h"

/* A file in `folder`; NULL: TMPDIR, or else /var/tmp. */
int hy_swap_open(const char *folder, int *ret_fd, hy_error *error);

/* Whole pages.  0 or -errno. */
int hy_swap_write(int fd, size_t page, const void *from);
int hy_swap_read(int fd, size_t page, void *to);

#endif
