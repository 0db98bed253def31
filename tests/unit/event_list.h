/* SPDX-License-Identifier: MIT
 *
 * event_list.h - hand-written traces for tests: one line an event, and the program made of them.
 */
#ifndef HY_EVENT_LIST_H
#define HY_EVENT_LIST_H

#include "compile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#define BORN(thread_, id_, size_)                                                                                      \
    { .kind = HY_EVENT_MALLOC, .thread = thread_, .id = id_, .size = size_ }
#define ZEROED(thread_, id_, size_)                                                                                    \
    { .kind = HY_EVENT_CALLOC, .thread = thread_, .id = id_, .size = size_ }
#define ALIGNED(thread_, id_, size_, log2_)                                                                            \
    { .kind = HY_EVENT_ALIGNED, .thread = thread_, .id = id_, .size = size_, .align = log2_ }
#define RESIZED(thread_, id_, size_)                                                                                   \
    { .kind = HY_EVENT_REALLOC, .thread = thread_, .id = id_, .size = size_ }
#define DEAD(thread_, id_)                                                                                             \
    { .kind = HY_EVENT_FREE, .thread = thread_, .id = id_ }
#define ENDS(thread_)                                                                                                  \
    { .kind = HY_EVENT_THREAD_END, .thread = thread_ }

/* The file descriptor of the program. */
static inline int compile_list(hy_form form, const hy_event *events, size_t count) {
    hy_error error = {""};
    int fd = -1;
    hy_compiler *const compiler = hy_compiler_new(form);
    assert_non_null(compiler);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(hy_compiler_add(compiler, &events[i], &error), 0);
    assert_int_equal(hy_compiler_finish(compiler, &fd, &error), 0);
    return fd;
}

static inline hy_program map_list(hy_form form, const hy_event *events, size_t count) {
    hy_program program = {0};
    const int fd = compile_list(form, events, count);
    assert_int_equal(hy_program_map(fd, &program, NULL), 0);
    close(fd);
    return program;
}

#define MAP_LIST(form, events) map_list(form, events, sizeof(events) / sizeof *(events))

/* A thorough mix on `threads` threads that hand their objects around; the caller's array has room for `count` events.
 * Never more than 200 objects live. */
static inline void mix_events(hy_event *events, size_t count, unsigned threads, uint64_t seed) {
    uint64_t alive[200], births = 0;
    size_t live = 0;
    for (size_t i = 0; i < count; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        const uint32_t roll = (uint32_t)(seed >> 33), thread = (roll >> 3) % threads;
        const size_t at = live ? roll / 7 % live : 0;
        const uint64_t size = (roll >> 8) % (roll % 31 == 0 ? 20000 : 300);
        if (live == 0 || (roll % 8 < 4 && live < 200)) {
            const hy_event born = BORN(thread, births, size), zeroed = ZEROED(thread, births, size);
            events[i] = roll % 16 < 13 ? born : zeroed;
            alive[live++] = births++;
        } else if (roll % 8 == 4) {
            events[i] = (hy_event)RESIZED(thread, alive[at], size + 1);
        } else {
            events[i] = (hy_event)DEAD(thread, alive[at]);
            alive[at] = alive[--live];
        }
    }
}

#endif
