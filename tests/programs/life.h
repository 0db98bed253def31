/* SPDX-License-Identifier: MIT
 *
 * life.h - threads, children and the memory of this process, for tests of malloc.
 */
#ifndef HY_LIFE_H
#define HY_LIFE_H

#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Runs `count` threads of `body`, at most 64, which is given 1, 2, …; the first complaint of one of them. */
static inline const char *run_threads(void *(*body)(void *), size_t count, const pthread_attr_t *attributes) {
    pthread_t threads[64];
    const char *wrong = NULL;
    for (size_t i = 0; i < count; i++)
        if (pthread_create(&threads[i], attributes, body, (void *)(uintptr_t)(i + 1)) != 0)
            return "a thread could not be started";
    for (size_t i = 0; i < count; i++) {
        void *said = NULL;
        pthread_join(threads[i], &said);
        wrong = wrong ? wrong : said;
    }
    return wrong;
}

/* Bytes of address space and of memory.  By system calls only: it must not allocate. */
static inline void own_memory(size_t *ret_mapped, size_t *ret_resident) {
    const int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    char line[128] = "";
    long mapped = 0, pages = 0;
    if (read(file, line, sizeof line - 1) < 0 || sscanf(line, "%ld %ld", &mapped, &pages) != 2)
        abort();
    close(file);
    *ret_mapped = (size_t)mapped * (size_t)sysconf(_SC_PAGESIZE);
    *ret_resident = (size_t)pages * (size_t)sysconf(_SC_PAGESIZE);
}

static inline size_t resident(void) {
    size_t mapped, bytes;
    own_memory(&mapped, &bytes);
    return bytes;
}

static inline bool child_ended_well(pid_t child) {
    int status = -1;
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

#endif
