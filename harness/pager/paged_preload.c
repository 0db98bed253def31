/* SPDX-License-Identifier: MIT
 *
 * paged_preload.c - gives a program that knows nothing of it memory from the pager's range: what it, or the malloc that
 * is preloaded behind this, asks for with mmap.
 *
 *  1. HEAPYARD_PAGED says: the process that is meant, the socket to the pager, the memory's file, its size.  The first
 *     mmap that qualifies maps the range and hands its faults over (fault_handover.h).
 *  2. Private memory without a file and without a fixed place comes from the range, from low to high.  The rest, and
 * what the range has no more room for, comes from the kernel as always.
 *  3. What is unmapped or not needed the pager is asked to forget, so that it reads as zeros again.  Only the topmost
 *     stretch is given out a second time.
 *  4. A child that the program forks does not have the range (it would write into its parent's memory): it may exec.
 *
 * Bad at: programs whose forked children go on to use the heap; what the C library maps for itself (stacks, and large
 * blocks of its own malloc).
 */
/* Both names of mmap are defined here; this would make one of them. */
#undef _FILE_OFFSET_BITS

#include "fault_handover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGED_EXPORT __attribute__((visibility("default")))

enum { PAGED_UNKNOWN, PAGED_NOT_MEANT, PAGED_READY };

static struct {
    uint32_t lock;
    int state;
    pid_t owner;
    int socket;
    char *start;
    size_t size, used;
    size_t kept; /* below this `used` does not go: something else was mapped there */
} paged;

static void *kernel_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset) {
    return (void *)syscall(SYS_mmap, at, size, protection, flags, fd, offset);
}

static void paged_lock(void) {
    while (__atomic_exchange_n(&paged.lock, 1, __ATOMIC_ACQUIRE))
        syscall(SYS_sched_yield);
}

static void paged_unlock(void) {
    __atomic_store_n(&paged.lock, 0, __ATOMIC_RELEASE);
}

/* ------------------------------------------------------------------------------------------------------ range ---- */

extern char **environ;
extern void *__libc_stack_end; /* the loader's: the C library does not know the environment yet when it allocates */

static const char *paged_order(void) {
    static const char name[] = "HEAPYARD_PAGED=";
    const long *const argc = __libc_stack_end;
    for (char **entry = environ ? environ : (char **)(argc + 1) + *argc + 1; *entry; entry++)
        if (strncmp(*entry, name, sizeof name - 1) == 0)
            return *entry + sizeof name - 1;
    return NULL;
}

static _Noreturn void paged_die(const char *why) {
    static const char name[] = "heapyard: paged memory: ";
    ssize_t ignored = write(STDERR_FILENO, name, sizeof name - 1);
    ignored = write(STDERR_FILENO, why, strlen(why));
    ignored = write(STDERR_FILENO, "\n", 1);
    (void)ignored;
    _exit(127);
}

/* "PID,SOCKET,MEMORY,BYTES" */
static bool paged_parse(const char *order, unsigned long number[4]) {
    for (int i = 0; order && i < 4; i++) {
        char *end;
        number[i] = strtoul(order, &end, 10);
        if (end == order || *end != (i < 3 ? ',' : '\0'))
            return false;
        order = end + 1;
    }
    return order != NULL;
}

static void paged_open(void) {
    unsigned long number[4] = {0};
    hy_error error;
    paged.state = PAGED_NOT_MEANT;
    if (!paged_parse(paged_order(), number) || number[0] != (unsigned long)getpid())
        return;
    const int socket = (int)number[1], memory = (int)number[2];
    if (fcntl(memory, F_GETFD) < 0)
        paged_die(
            "the range was given to the program that this process was before (a script?); name the program itself");
    void *const at = kernel_mmap(NULL, number[3], PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, memory, 0);
    if (at == MAP_FAILED)
        paged_die("no room for the range");
    madvise(at, number[3], MADV_DONTFORK);
    if (hy_handover_give(socket, at, number[3], true, &error) < 0)
        paged_die(error.text);
    close(memory);
    fcntl(socket, F_SETFD, FD_CLOEXEC);
    paged.socket = socket;
    paged.owner = getpid();
    paged.start = at;
    paged.size = number[3];
    __atomic_store_n(&paged.state, PAGED_READY, __ATOMIC_RELEASE);
}

static bool paged_has(const void *at) {
    return paged.state == PAGED_READY && (const char *)at >= paged.start && (const char *)at < paged.start + paged.size;
}

static size_t paged_round(size_t size) {
    return (size + HY_PAGE - 1) & ~(HY_PAGE - 1);
}

/* NULL: no room, or not for this process.  A forked child does not wait for the lock: a thread that it has not may have
 * had it. */
static void *paged_take(size_t size) {
    void *at = NULL;
    if (__atomic_load_n(&paged.state, __ATOMIC_ACQUIRE) == PAGED_READY && paged.owner != getpid())
        return NULL;
    paged_lock();
    if (paged.state == PAGED_UNKNOWN)
        paged_open();
    if (paged.state == PAGED_READY && size > 0 && size <= paged.size - paged.used) {
        at = paged.start + paged.used;
        paged.used += paged_round(size);
    }
    paged_unlock();
    return at;
}

/* A signal may come in between; to go on without the answer would be to write to pages that are forgotten only then.
 * send: a program that closes what it does not know may have a file of its own by this number now. */
static bool paged_ask(const hy_forget *what) {
    char byte;
    ssize_t done;
    do
        done = send(paged.socket, what, sizeof *what, MSG_NOSIGNAL);
    while (done < 0 && errno == EINTR);
    if (done != (ssize_t)sizeof *what)
        return false;
    do
        done = recv(paged.socket, &byte, 1, 0);
    while (done < 0 && errno == EINTR);
    return done == 1;
}

/* Where the pager cannot be asked the pages are made zero by hand. */
static void paged_forget(void *at, size_t size) {
    const size_t bytes = paged_round(size);
    const hy_forget what = {(uintptr_t)at, bytes};
    if (paged.owner != getpid())
        return;
    paged_lock();
    if (!paged_ask(&what))
        memset(at, 0, bytes);
    paged_unlock();
}

static int paged_give_back(char *at, size_t size) {
    if (mprotect(at, paged_round(size), PROT_READ | PROT_WRITE) < 0)
        return -1;
    paged_forget(at, size);
    paged_lock();
    if (at + paged_round(size) == paged.start + paged.used && at >= paged.start + paged.kept)
        paged.used -= paged_round(size);
    paged_unlock();
    return 0;
}

/* ------------------------------------------------------------------------------------------------ what is asked ----
 */

/* Something else, or fresh zeros, in place of a part of the range. */
static void *paged_replace(void *at, size_t size, int protection, int flags, int fd, off_t offset) {
    if (mprotect(at, paged_round(size), PROT_READ | PROT_WRITE) < 0)
        return MAP_FAILED;
    paged_forget(at, size);
    if (!(flags & MAP_ANONYMOUS) || (flags & MAP_SHARED)) {
        const size_t end = (size_t)((char *)at - paged.start) + paged_round(size);
        paged_lock();
        paged.kept = end > paged.kept ? end : paged.kept;
        paged_unlock();
        return kernel_mmap(at, size, protection, flags, fd, offset);
    }
    return mprotect(at, paged_round(size), protection) < 0 ? MAP_FAILED : at;
}

PAGED_EXPORT void *mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset) {
    if ((flags & MAP_FIXED) && paged_has(at))
        return paged_replace(at, size, protection, flags, fd, offset);
    const int apart = MAP_FIXED | MAP_FIXED_NOREPLACE | MAP_HUGETLB | MAP_GROWSDOWN | MAP_STACK | MAP_SHARED;
    const bool plain = (flags & MAP_ANONYMOUS) && !(flags & apart) && !(protection & PROT_EXEC);
    void *const ours = plain ? paged_take(size) : NULL;
    return ours ? ours : kernel_mmap(at, size, protection, flags, fd, offset);
}

PAGED_EXPORT void *mmap64(void *at, size_t size, int protection, int flags, int fd, off_t offset)
    __attribute__((alias("mmap")));

PAGED_EXPORT int munmap(void *at, size_t size) {
    return paged_has(at) ? paged_give_back(at, size) : (int)syscall(SYS_munmap, at, size);
}

PAGED_EXPORT int madvise(void *at, size_t size, int advice) {
    if (!paged_has(at))
        return (int)syscall(SYS_madvise, at, size, advice);
    if (advice == MADV_DONTNEED || advice == MADV_FREE || advice == MADV_REMOVE)
        paged_forget(at, size);
    return 0;
}

PAGED_EXPORT void *mremap(void *at, size_t old_size, size_t new_size, int flags, ...) {
    va_list list;
    va_start(list, flags);
    void *const to = flags & MREMAP_FIXED ? va_arg(list, void *) : NULL;
    va_end(list);
    if (!paged_has(at))
        return (void *)syscall(SYS_mremap, at, old_size, new_size, flags, to);
    errno = ENOMEM;
    return MAP_FAILED;
}
