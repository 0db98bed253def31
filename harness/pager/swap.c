/* SPDX-License-Identifier: MIT
 *
 * swap.c - the backing file of the live pager (see swap.h).
 */
#include "swap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* For file systems without O_TMPFILE: between the two calls the name can be seen. */
static int swap_open_named(const char *folder) {
    char path[4096];
    if ((size_t)snprintf(path, sizeof path, "%s/heapyard-swap-XXXXXX", folder) >= sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    const int fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0)
        unlink(path);
    return fd;
}

int hy_swap_open(const char *folder, int *ret_fd, hy_error *error) {
    const char *const usual = getenv("TMPDIR");
    if (!folder)
        folder = usual && *usual ? usual : "/var/tmp";
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR))
        fd = swap_open_named(folder);
    if (fd < 0)
        return hy_fail(error, -errno, "no backing file in %s: %s", folder, strerror(errno));
    *ret_fd = fd;
    return 0;
}

int hy_swap_write(int fd, size_t page, const void *from) {
    const ssize_t n = pwrite(fd, from, HY_PAGE, (off_t)(page * HY_PAGE));
    return n == (ssize_t)HY_PAGE ? 0 : n < 0 ? -errno : -ENOSPC;
}

int hy_swap_read(int fd, size_t page, void *to) {
    const ssize_t n = pread(fd, to, HY_PAGE, (off_t)(page * HY_PAGE));
    return n == (ssize_t)HY_PAGE ? 0 : n < 0 ? -errno : -EIO;
}
