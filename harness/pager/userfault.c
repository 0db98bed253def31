/* SPDX-License-Identifier: MIT
 *
 * userfault.c - userfaultfd in the few calls that a pager needs (see userfault.h; ioctl_userfaultfd(2)).
 */
#include "userfault.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef UFFD_USER_MODE_ONLY
#define UFFD_USER_MODE_ONLY 1
#endif

static const uint64_t wanted =
    UFFD_FEATURE_PAGEFAULT_FLAG_WP | UFFD_FEATURE_MISSING_SHMEM | UFFD_FEATURE_WP_HUGETLBFS_SHMEM;

static int faults_refuse(hy_error *error, const char *why) {
    return hy_fail(error, -ENOTSUP, "this machine cannot run the live pager: userfaultfd %s", why);
}

/* Another open of the same descriptor answers which features there are: the handshake is made once. */
static int faults_agree(int fd, hy_error *error) {
    struct uffdio_api api = {.api = UFFD_API, .features = wanted};
    if (ioctl(fd, UFFDIO_API, &api) == 0)
        return 0;
    return faults_refuse(error, "has no write protection of shared memory here (Linux 5.19 and later have it)");
}

int hy_faults_open(bool kernel, int *ret_fd, hy_error *error) {
    const int flags = O_CLOEXEC | O_NONBLOCK;
    int fd = (int)syscall(SYS_userfaultfd, flags);
    if (fd < 0 && !kernel)
        fd = (int)syscall(SYS_userfaultfd, flags | UFFD_USER_MODE_ONLY);
    if (fd < 0 && errno == EPERM)
        return faults_refuse(error, kernel
                                        ? "for whole programs is for root here, or with vm.unprivileged_userfaultfd=1"
                                        : "is not permitted to this process");
    if (fd < 0 && errno == ENOSYS)
        return faults_refuse(error, "is not in its kernel");
    if (fd < 0)
        return hy_fail(error, -errno, "userfaultfd: %s", strerror(errno));
    const int r = faults_agree(fd, error);
    if (r < 0)
        close(fd);
    else
        *ret_fd = fd;
    return r;
}

int hy_faults_register(int fd, void *start, size_t size, hy_error *error) {
    struct uffdio_register range = {.range = {.start = (uintptr_t)start, .len = size},
                                    .mode = UFFDIO_REGISTER_MODE_MISSING | UFFDIO_REGISTER_MODE_WP};
    const uint64_t needed =
        (uint64_t)1 << _UFFDIO_COPY | (uint64_t)1 << _UFFDIO_WRITEPROTECT | (uint64_t)1 << _UFFDIO_WAKE;
    if (ioctl(fd, UFFDIO_REGISTER, &range) < 0 || (range.ioctls & needed) != needed)
        return faults_refuse(error, "does not take a range of shared memory with write protection here");
    return 0;
}

int hy_faults_read(int fd, hy_fault *ret_fault) {
    struct uffd_msg message;
    ssize_t got;
    do
        got = read(fd, &message, sizeof message);
    while (got < 0 && errno == EINTR);
    *ret_fault = (hy_fault){.kind = HY_FAULT_NONE};
    if (got < 0)
        return errno == EAGAIN ? 0 : -errno;
    if (got != sizeof message || message.event != UFFD_EVENT_PAGEFAULT)
        return 0;
    const uint64_t flags = message.arg.pagefault.flags;
    ret_fault->kind = flags & UFFD_PAGEFAULT_FLAG_WP ? HY_FAULT_WRITE : HY_FAULT_MISSING;
    ret_fault->write = (flags & (UFFD_PAGEFAULT_FLAG_WRITE | UFFD_PAGEFAULT_FLAG_WP)) != 0;
    ret_fault->address = message.arg.pagefault.address;
    return 0;
}

/* The kernel asks to try again while the program changes its mappings. */
static int faults_call(int fd, unsigned long request, void *argument) {
    int r;
    do
        r = ioctl(fd, request, argument);
    while (r < 0 && (errno == EAGAIN || errno == EINTR));
    return r < 0 ? -errno : 0;
}

int hy_faults_put(int fd, uintptr_t page, const void *from, bool protect) {
    struct uffdio_copy copy = {
        .dst = page, .src = (uintptr_t)from, .len = HY_PAGE, .mode = protect ? UFFDIO_COPY_MODE_WP : 0};
    return faults_call(fd, UFFDIO_COPY, &copy);
}

static int faults_set(int fd, uintptr_t page, uint64_t mode) {
    struct uffdio_writeprotect range = {.range = {.start = page, .len = HY_PAGE}, .mode = mode};
    return faults_call(fd, UFFDIO_WRITEPROTECT, &range);
}

int hy_faults_protect(int fd, uintptr_t page) {
    return faults_set(fd, page, UFFDIO_WRITEPROTECT_MODE_WP);
}

int hy_faults_unprotect(int fd, uintptr_t page) {
    return faults_set(fd, page, 0);
}

int hy_faults_wake(int fd, uintptr_t page) {
    struct uffdio_range range = {.start = page, .len = HY_PAGE};
    return faults_call(fd, UFFDIO_WAKE, &range);
}
