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
#include <sys/mman.h>
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

static int swap_open_file(const char *folder) {
    const int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    return fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR) ? swap_open_named(folder) : fd;
}

int hy_swap_open(const char *folder, size_t pages, hy_swap *ret_swap, hy_error *error) {
    const char *const usual = getenv("TMPDIR");
    if (!folder)
        folder = usual && *usual ? usual : "/var/tmp";
    const int fd = swap_open_file(folder);
    if (fd < 0)
        return hy_fail(error, -errno, "no backing file in %s: %s", folder, strerror(errno));
    void *at = MAP_FAILED;
    if (ftruncate(fd, (off_t)(pages * HY_PAGE)) == 0)
        at = mmap(NULL, pages * HY_PAGE, PROT_READ, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED) {
        const int failed = errno;
        close(fd);
        return hy_fail(error, -failed, "no backing file of %zu pages in %s: %s", pages, folder, strerror(failed));
    }
    *ret_swap = (hy_swap){fd, pages, at};
    return 0;
}

void hy_swap_close(hy_swap *swap) {
    if (!swap->at)
        return;
    munmap((void *)(uintptr_t)swap->at, swap->pages * HY_PAGE);
    close(swap->fd);
}

int hy_swap_write(const hy_swap *swap, size_t page, const void *from) {
    const ssize_t n = pwrite(swap->fd, from, HY_PAGE, (off_t)(page * HY_PAGE));
    return n == (ssize_t)HY_PAGE ? 0 : n < 0 ? -errno : -ENOSPC;
}
