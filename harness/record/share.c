/* SPDX-License-Identifier: MIT */
#include "share.h"

#include "clock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { HIGH_DESCRIPTOR = 1000, HIGH_MARGIN = 10 };

/* Out of the way of programs that count on low numbers. */
static int share_lift(int fd) {
    struct rlimit limit = {HIGH_DESCRIPTOR, 0};
    getrlimit(RLIMIT_NOFILE, &limit);
    const int wanted = limit.rlim_cur > HIGH_DESCRIPTOR + HIGH_MARGIN ? HIGH_DESCRIPTOR
                       : limit.rlim_cur > 2 * HIGH_MARGIN             ? (int)limit.rlim_cur - HIGH_MARGIN
                                                                      : 3;
    const int high = fcntl(fd, F_DUPFD, wanted);
    if (high < 0)
        return fd;
    close(fd);
    return high;
}

static long share_membarrier(int command) {
    return syscall(SYS_membarrier, command, 0, 0);
}

static void share_init(hy_share *share, bool follow) {
    struct stat st;
    hy_record_head *const head = share->head;
    head->magic = HY_RECORD_MAGIC;
    head->version = HY_RECORD_VERSION;
    head->collector = (uint32_t)getpid();
    head->follow = follow;
    head->fenced = share_membarrier(MEMBARRIER_CMD_GLOBAL_EXPEDITED) < 0;
    head->pid_space = stat("/proc/self/ns/pid", &st) == 0 ? st.st_ino : 0;
    share->inode = fstat(share->fd, &st) == 0 ? st.st_ino : 0;
}

/* A limit on the size of files is one on shared memory, too, and whoever comes beyond it is killed. */
static int share_check_limit(size_t size, hy_error *error) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_FSIZE, &limit) < 0 || limit.rlim_cur >= size)
        return 0;
    return hy_fail(error, -EFBIG,
                   "files are limited to %llu KiB, and so is memory to share with the program; expected %zu or more "
                   "(ulimit -f)",
                   (unsigned long long)limit.rlim_cur >> 10, size >> 10);
}

int hy_share_create(bool follow, hy_share *ret_share, hy_error *error) {
    const size_t size = HY_RECORD_BYTES(HY_RECORD_RINGS);
    const int limited = share_check_limit(size, error);
    if (limited < 0)
        return limited;
    hy_share share = {.fd = memfd_create("heapyard-record", 0)};
    if (share.fd < 0)
        return hy_fail(error, -errno, "cannot make memory to share with the program: %s", strerror(errno));
    share.fd = share_lift(share.fd);
    void *memory = MAP_FAILED;
    if (ftruncate(share.fd, (off_t)size) == 0)
        memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, share.fd, 0);
    if (memory == MAP_FAILED) {
        const int code = errno;
        close(share.fd);
        return hy_fail(error, -code, "cannot map %zu MiB to share with the program: %s", size >> 20, strerror(code));
    }
    share.head = memory;
    share_init(&share, follow);
    *ret_share = share;
    return 0;
}

void hy_share_destroy(hy_share *share) {
    munmap(share->head, HY_RECORD_BYTES(HY_RECORD_RINGS));
    close(share->fd);
}

void hy_share_describe(const hy_share *share, char *ret, size_t size) {
    snprintf(ret, size, "fd=%d,collector=%d,inode=%llu", share->fd, (int)getpid(), (unsigned long long)share->inode);
}

void hy_share_beat(const hy_share *share) {
    __atomic_add_fetch(&share->head->beat, 1, __ATOMIC_RELAXED);
}

void hy_share_fence(const hy_share *share) {
    if (share->head->fenced)
        __sync_synchronize();
    else
        share_membarrier(MEMBARRIER_CMD_GLOBAL_EXPEDITED);
}

static void share_wake(hy_record_ring *ring) {
    if (__atomic_load_n(&ring->waiting, __ATOMIC_SEQ_CST) && __atomic_exchange_n(&ring->waiting, 0, __ATOMIC_SEQ_CST))
        syscall(SYS_futex, &ring->waiting, FUTEX_WAKE, 1, NULL, NULL, 0);
}

/* The line with the head is the thread's, and not to be looked at while it runs. */
void hy_share_publish(hy_record_ring *ring, uint64_t tail, uint64_t low) {
    __atomic_store_n(&ring->tail, tail, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&ring->waiting, __ATOMIC_SEQ_CST) &&
        __atomic_load_n(&ring->head, __ATOMIC_RELAXED) - tail <= low)
        share_wake(ring);
}

void hy_share_sleep(const hy_share *share, uint32_t bell, unsigned microseconds) {
    const struct timespec timeout = {0, (long)microseconds * 1000};
    __atomic_store_n(&share->head->sleeping, 1, __ATOMIC_SEQ_CST);
    syscall(SYS_futex, &share->head->bell, FUTEX_WAIT, bell, &timeout, NULL, 0);
    __atomic_store_n(&share->head->sleeping, 0, __ATOMIC_SEQ_CST);
}

void hy_share_ring(const hy_share *share) {
    __atomic_add_fetch(&share->head->bell, 1, __ATOMIC_SEQ_CST);
    syscall(SYS_futex, &share->head->bell, FUTEX_WAKE, 1, NULL, NULL, 0);
}

void hy_share_stop(const hy_share *share) {
    __atomic_store_n(&share->head->stopped, 1, __ATOMIC_SEQ_CST);
    for (uint32_t i = 0; i < hy_share_rings(share); i++)
        share_wake(hy_record_ring_at(share->head, i));
}
