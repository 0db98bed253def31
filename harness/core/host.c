/* SPDX-License-Identifier: MIT
 *
 * host.c - the default host services: TSC, futex, getrandom, write and abort.  Freestanding (system calls only).
 */
#include "clock.h"
#include "heap.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
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

/* By what the C library's own unwinder asks: it takes no lock.  The program itself has no name there. */
static const char *host_code_file(const void *code, size_t *ret_offset) {
#ifdef DLFO_STRUCT_HAS_EH_DBASE
    struct dl_find_object found;
    if (_dl_find_object((void *)(uintptr_t)code, &found) != 0 || !found.dlfo_link_map)
        return NULL;
    const char *const name = found.dlfo_link_map->l_name;
    *ret_offset = (uintptr_t)code - found.dlfo_link_map->l_addr;
    return *name ? name : program_invocation_short_name;
#else
    (void)code;
    (void)ret_offset;
    return NULL;
#endif
}

const hy_host hy_host_default = {.ticks = host_ticks,
                                 .entropy = host_entropy,
                                 .wait = host_wait,
                                 .wake = host_wake,
                                 .fatal = host_fatal,
                                 .code_file = host_code_file};
