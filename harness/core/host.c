/* SPDX-License-Identifier: MIT
 *
 * host.c - the default host services: TSC, futex, getrandom, write and abort.  Freestanding (system calls only).
 */
#include "clock.h"
#include "heap.h"

#include <errno.h>
#include <linux/futex.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

static uint64_t host_ticks(void) {
    return hy_ticks();
}

static uint64_t host_entropy(void) {
    uint64_t bits = 0;
    const int saved = errno;
    if (getrandom(&bits, sizeof bits, GRND_NONBLOCK) != (ssize_t)sizeof bits)
        bits = hy_ticks() * 0x9e3779b97f4a7c15u;
    errno = saved;
    return bits;
}

static void host_wait(const uint32_t *word, uint32_t value) {
    const int saved = errno;
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
    errno = saved;
}

static void host_wake(const uint32_t *word, uint32_t how_many) {
    const int saved = errno;
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, how_many, NULL, NULL, 0);
    errno = saved;
}

static void host_fatal(const char *text) {
    static const char head[] = "heapyard: ";
    ssize_t ignored = write(STDERR_FILENO, head, sizeof head - 1);
    ignored = write(STDERR_FILENO, text, strlen(text));
    ignored = write(STDERR_FILENO, "\n", 1);
    (void)ignored;
    abort();
}

const hy_host hy_host_default = {
    .ticks = host_ticks, .entropy = host_entropy, .wait = host_wait, .wake = host_wake, .fatal = host_fatal};
