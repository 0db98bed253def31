/* SPDX-License-Identifier: MIT
 *
 * prepare.c - see prepare.h.
 */
#include "prepare.h"

#include "ceiling.h"
#include "trace.h"
#include "units.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MORE                                                                                                           \
    (HY_PROGRAM_MAX_LANES + 8u) /* entries that may come on top of a full window: one event's, and all PACEs           \
                                 */

typedef struct preparing {
    hy_compiler *compiler;
    uint64_t whole, window, most_bytes;
    bool streamed;
} preparing;

/* A small file may say that very much lives. */
static int prepare_check(const preparing *p, const char *path, hy_error *error) {
    const uint64_t bytes = hy_compiler_memory(p->compiler);
    return bytes <= p->most_bytes ? 0
                                  : hy_fail(error, -E2BIG,
                                            "%s: so much lives at once that the tables for it would take more than %s; "
                                            "--max-heap sets the limit",
                                            path, hy_show_bytes(p->most_bytes).text);
}

static int prepare_event(preparing *p, const hy_event *event, hy_error *error) {
    const int r = hy_compiler_add(p->compiler, event, error);
    p->streamed |= hy_compiler_entries(p->compiler) > p->whole;
    return r == 0 && p->streamed && hy_compiler_entries(p->compiler) >= p->window
               ? hy_compiler_window(p->compiler, -1, NULL, error)
               : r;
}

static int prepare_events(preparing *p, const char *path, hy_error *error) {
    const hy_event *events = NULL;
    hy_trace_reader *reader = NULL;
    size_t count = 0, marks = 0;
    int r = hy_trace_open(path, &reader, error);
    if (r < 0)
        return r;
    while (r >= 0 && (r = hy_trace_next(reader, &events, &count, error)) > 0) {
        const hy_mark *const mark = hy_trace_marks(reader, &marks);
        hy_compiler_expect(p->compiler, mark, marks);
        for (size_t i = 0; i < count && r > 0; i++)
            r = prepare_event(p, &events[i], error) < 0 ? -EINVAL : 1;
        r = r < 0 ? r : prepare_check(p, path, error);
    }
    hy_trace_close(reader);
    return r;
}

static void fill_head(const preparing *p, hy_program_head *head) {
    hy_compiler_head(p->compiler, head);
    head->streamed = 1;
    head->room = p->window + MORE;
    head->phases.bounds = 0;
}

int hy_prepare(const hy_prepare_order *order, hy_prepared *ret_prepared, hy_error *error) {
    preparing p = {.compiler = hy_compiler_new(order->form),
                   .whole = order->window ? order->window : HY_PREPARE_WHOLE,
                   .window = order->window ? order->window : HY_PREPARE_WINDOW,
                   .most_bytes = order->most_bytes ? order->most_bytes : hy_ceiling()};
    hy_prepared done = {.fd = -1, .what = *order, .window = p.window};
    done.what.path = strdup(order->path);
    int r = p.compiler && done.what.path ? 0 : hy_fail(error, -ENOMEM, "no memory to prepare %s", order->path);
    if (r == 0 && order->timed)
        hy_compiler_keep_times(p.compiler);
    r = r == 0 ? prepare_events(&p, order->path, error) : r;
    if (r == 0 && p.streamed)
        fill_head(&p, &done.head);
    if (r == 0 && !p.streamed)
        r = hy_compiler_finish(p.compiler, &done.fd, error); /* frees it */
    else
        hy_compiler_free(p.compiler);
    if (r == 0)
        *ret_prepared = done;
    else
        hy_prepared_free(&done);
    return r;
}

void hy_prepared_free(hy_prepared *prepared) {
    if (prepared->fd >= 0)
        close(prepared->fd);
    free((char *)(uintptr_t)prepared->what.path);
    *prepared = (hy_prepared){.fd = -1};
}
