/* SPDX-License-Identifier: MIT
 *
 * compile.c - events in, program out (see program.h for the rules; slots are handed out in slot_shelf.c).
 *
 * Memory: 16 bytes for each event of a window, 24 if times are kept, and less than 100 for each object that lives at
 * once.
 */
#include "compile.h"

#include "lanes.h"
#include "pacer.h"
#include "phase_rows.h"
#include "slot_map.h"
#include "slot_shelf.h"
#include "trace.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define NO_LANE UINT32_MAX
#define OBJECT_BYTES 100u /* that a living object takes at most: places in the tables of slots, ids and ages */

/* What is known of a slot: the object in it, and the last operation on it. */
typedef struct slot_state {
    uint64_t size;
    uint32_t last_lane; /* NO_LANE: never used */
    uint32_t turn;
    uint32_t last_window;
    uint32_t last_index; /* in that window's part of that lane */
    uint8_t align;       /* log2 */
} slot_state;

struct hy_compiler {
    hy_form form;
    hy_lanes lanes;
    hy_pacer pacer; /* of the faithful form */
    uint32_t free_lane[HY_PROGRAM_MAX_LANES];
    uint32_t free_lanes;
    uint32_t *lane_of_thread;
    size_t threads;
    hy_slot_map living;
    slot_state *slot;
    size_t slot_room;
    hy_slots *slots;
    uint32_t *youngest; /* living objects' slots, youngest last; kept as long as the trace is LIFO */
    size_t alive, youngest_room;
    uint64_t live_bytes, region_bytes;
    uint64_t passed; /* entries of earlier windows */
    uint64_t time;   /* of the event at hand */
    uint32_t window;
    hy_program_facts facts;
    hy_phase_rows phases;
};

static int no_memory(hy_error *error) {
    return hy_fail(error, -ENOMEM, "no memory to prepare the trace");
}

hy_compiler *hy_compiler_new(hy_form form) {
    hy_compiler *const c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->form = form;
    c->facts.lifo = 1;
    c->slots = hy_slots_new();
    if (c->slots)
        return c;
    free(c);
    return NULL;
}

void hy_compiler_free(hy_compiler *c) {
    if (!c)
        return;
    hy_lanes_free(&c->lanes);
    hy_slots_free(c->slots);
    hy_slot_map_clear(&c->living);
    free(c->lane_of_thread);
    free(c->slot);
    free(c->youngest);
    free(c);
}

void hy_compiler_keep_times(hy_compiler *c) {
    c->lanes.timed = true;
}

/* ------------------------------------------------------------------------------------------------------- lanes ---- */

static int lane_new(hy_compiler *c, uint32_t *ret_lane, hy_error *error) {
    if (c->free_lanes > 0) {
        *ret_lane = c->free_lane[--c->free_lanes];
        return 0;
    }
    if (c->lanes.count == HY_PROGRAM_MAX_LANES)
        return hy_fail(error, -E2BIG, "more than %d threads at the same time; replay it with --threads serial",
                       HY_PROGRAM_MAX_LANES);
    *ret_lane = c->lanes.count++;
    return 0;
}

static int lane_of(hy_compiler *c, uint32_t thread, uint32_t *ret_lane, hy_error *error) {
    const size_t before = c->threads;
    if (thread >= c->facts.threads)
        c->facts.threads = (uint64_t)thread + 1;
    if (c->form == HY_FORM_SERIAL)
        thread = 0;
    if (!hy_grow(&c->lane_of_thread, &c->threads, (size_t)thread + 1, sizeof *c->lane_of_thread))
        return no_memory(error);
    for (size_t i = before; i < c->threads; i++)
        c->lane_of_thread[i] = NO_LANE;
    uint32_t *const known = &c->lane_of_thread[thread];
    const int r = *known == NO_LANE ? lane_new(c, known, error) : 0;
    if (r == 0)
        *ret_lane = *known;
    return r;
}

static int append(hy_compiler *c, uint32_t number, hy_op op, hy_error *error) {
    return hy_lanes_append(&c->lanes, number, op, c->time) ? 0 : no_memory(error);
}

/* Appends an operation on a slot, with an edge from the last one if that is another lane's and of the same window: all
 * lanes wait for each other between windows. */
static int append_on_slot(hy_compiler *c, uint32_t number, hy_op op, hy_error *error) {
    slot_state *const s = &c->slot[op.slot];
    if (s->last_lane != NO_LANE && s->last_lane != number && s->last_window == c->window) {
        c->lanes.lane[s->last_lane].op[s->last_index].signals = 1;
        op.waits = 1;
        op.turn = s->turn = hy_turn_after(s->turn);
    }
    s->last_lane = number;
    s->last_window = c->window;
    s->last_index = (uint32_t)c->lanes.lane[number].count;
    return append(c, number, op, error);
}

/* ------------------------------------------------------------------------------------------------------- facts ---- */

/* After an operation that added `more` and took `less` bytes. */
static void count_bytes(hy_compiler *c, uint64_t more, uint64_t less) {
    hy_program_facts *const f = &c->facts;
    c->live_bytes += more - less;
    c->region_bytes = c->living.count ? c->region_bytes + more : 0;
    f->total_bytes += more;
    f->region_bytes = c->region_bytes > f->region_bytes ? c->region_bytes : f->region_bytes;
    if (c->live_bytes > f->peak_bytes) {
        f->peak_bytes = c->live_bytes;
        f->peak_at = c->passed + c->lanes.entries - 1;
    }
    f->operations++;
    hy_phase_rows_count(&c->phases, c->live_bytes);
}

static bool lifo_push(hy_compiler *c, uint32_t slot) {
    if (!c->facts.lifo)
        return true;
    if (!hy_grow(&c->youngest, &c->youngest_room, c->alive + 1, sizeof *c->youngest))
        return false;
    c->youngest[c->alive++] = slot;
    return true;
}

static void lifo_touch(hy_compiler *c, uint32_t slot, bool dies) {
    if (c->facts.lifo && c->youngest[c->alive - 1] != slot)
        c->facts.lifo = 0;
    else if (c->facts.lifo && dies)
        c->alive--;
}

/* ------------------------------------------------------------------------------------------------------ events ---- */

static bool slot_ready(hy_compiler *c, uint32_t slot) {
    const size_t before = c->slot_room;
    if (!hy_grow(&c->slot, &c->slot_room, (size_t)slot + 1, sizeof *c->slot))
        return false;
    for (size_t i = before; i < c->slot_room; i++)
        c->slot[i] = (slot_state){.last_lane = NO_LANE};
    return true;
}

static int add_birth(hy_compiler *c, const hy_event *event, uint32_t number, uint64_t size, hy_error *error) {
    uint32_t slot = 0;
    if (!hy_slots_take(c->slots, number, &slot) || !hy_slot_map_add(&c->living, event->id, slot) ||
        !slot_ready(c, slot) || !lifo_push(c, slot))
        return no_memory(error);
    const uint8_t align = event->align > 4 ? event->align : 4; /* what malloc promises, and more where asked */
    c->slot[slot].size = size;
    c->slot[slot].align = align;
    if ((uint64_t)1 << align > c->facts.max_align)
        c->facts.max_align = (uint64_t)1 << align;
    const int r = append_on_slot(
        c, number,
        (hy_op){.size = size & HY_PROGRAM_MAX_SIZE, .kind = event->kind & 15u, .align = align & 63u, .slot = slot},
        error);
    c->facts.objects++;
    count_bytes(c, size, 0);
    return r;
}

static int add_realloc(hy_compiler *c, const hy_event *event, uint32_t number, uint64_t size, hy_error *error) {
    const uint32_t slot = hy_slot_map_get(&c->living, event->id);
    const uint64_t old = c->slot[slot].size;
    lifo_touch(c, slot, false);
    c->slot[slot].size = size;
    int r = append_on_slot(c, number,
                           (hy_op){.size = size & HY_PROGRAM_MAX_SIZE,
                                   .kind = HY_OP_REALLOC,
                                   .align = c->slot[slot].align & 63u,
                                   .slot = slot},
                           error);
    count_bytes(c, size > old ? size - old : 0, size < old ? old - size : 0);
    if (r == 0)
        r = append(c, number, (hy_op){.size = old & HY_PROGRAM_MAX_SIZE, .kind = HY_OP_OPERAND, .slot = slot}, error);
    return r;
}

static int add_free(hy_compiler *c, const hy_event *event, uint32_t number, hy_error *error) {
    const uint32_t slot = hy_slot_map_take(&c->living, event->id);
    const slot_state s = c->slot[slot];
    lifo_touch(c, slot, true);
    const int r = append_on_slot(
        c, number,
        (hy_op){.size = s.size & HY_PROGRAM_MAX_SIZE, .kind = HY_OP_FREE, .align = s.align & 63u, .slot = slot}, error);
    count_bytes(c, 0, s.size);
    return r == 0 && !hy_slots_give(c->slots, number, slot) ? no_memory(error) : r;
}

/* The thread's lane is free for a thread that starts later. */
static int add_thread_end(hy_compiler *c, const hy_event *event, uint32_t number, hy_error *error) {
    const int r = append(c, number, (hy_op){.kind = HY_OP_THREAD_EXIT}, error);
    if (c->form != HY_FORM_SERIAL) {
        c->lane_of_thread[event->thread] = NO_LANE;
        c->free_lane[c->free_lanes++] = number;
    }
    return r;
}

/* Before the lane's next operation: has it come into another epoch? */
static int pace(hy_compiler *c, uint32_t number, hy_error *error) {
    hy_op op;
    return hy_pacer_event(&c->pacer, number, &op) ? append(c, number, op, error) : 0;
}

void hy_compiler_expect(hy_compiler *c, const hy_mark *marks, size_t count) {
    hy_phase_rows_expect(&c->phases, marks, count);
}

int hy_compiler_add(hy_compiler *c, const hy_event *event, hy_error *error) {
    uint32_t number = 0;
    hy_phase_rows_event(&c->phases, c->lanes.entries, c->live_bytes);
    if (event->kind == HY_EVENT_THREAD_START || (event->kind == HY_EVENT_THREAD_END && c->form == HY_FORM_SERIAL))
        return 0;
    c->time = event->time;
    int r = lane_of(c, event->thread, &number, error);
    if (r == 0 && c->form == HY_FORM_FAITHFUL)
        r = pace(c, number, error);
    if (r < 0)
        return r;
    if (event->size > HY_PROGRAM_MAX_SIZE)
        return hy_fail(error, -EFBIG, "object %llu of %llu bytes is larger than any memory",
                       (unsigned long long)event->id, (unsigned long long)event->size);
    const uint64_t size = event->size ? event->size : 1;
    if (event->kind <= HY_EVENT_REALLOC && size > c->facts.max_size)
        c->facts.max_size = size;
    switch (event->kind) {
    case HY_EVENT_REALLOC: return add_realloc(c, event, number, size, error);
    case HY_EVENT_FREE: return add_free(c, event, number, error);
    case HY_EVENT_THREAD_END: return add_thread_end(c, event, number, error);
    default: return add_birth(c, event, number, size, error);
    }
}

/* ------------------------------------------------------------------------------------------------------ output ---- */

size_t hy_compiler_entries(const hy_compiler *c) {
    return c->lanes.entries;
}

uint64_t hy_compiler_memory(const hy_compiler *c) {
    return c->living.count * OBJECT_BYTES + c->threads * sizeof *c->lane_of_thread;
}

void hy_compiler_head(const hy_compiler *c, hy_program_head *ret_head) {
    *ret_head = (hy_program_head){.magic = HY_PROGRAM_MAGIC,
                                  .slots = hy_slots_count(c->slots),
                                  .lanes = c->lanes.count,
                                  .room = c->lanes.entries,
                                  .timed = c->lanes.timed,
                                  .facts = c->facts,
                                  .phases = c->phases.phases};
}

/* Who is in an epoch that somebody waits for says that he has left it. */
static int leave_epochs(hy_compiler *c, hy_error *error) {
    hy_op op;
    int r = 0;
    for (uint32_t i = 0; r == 0 && i < c->lanes.count; i++)
        if (hy_pacer_leave(&c->pacer, i, &op))
            r = append(c, i, op, error);
    hy_pacer_restart(&c->pacer);
    return r;
}

int hy_compiler_window(hy_compiler *c, int fd, hy_program_head *head, hy_error *error) {
    int r = leave_epochs(c, error);
    const uint64_t entries = c->lanes.entries;
    if (r == 0 && head) {
        head->passed = c->passed;
        hy_phase_rows_window(&c->phases, &head->phases);
        r = hy_lanes_write(&c->lanes, fd, head, error);
    } else {
        hy_lanes_skip(&c->lanes);
    }
    c->phases.phases.bounds = 0;
    c->passed += entries;
    c->window++;
    return r;
}

static int write_program(hy_compiler *c, int fd, hy_error *error) {
    hy_program_head *const head = calloc(1, sizeof *head);
    if (!head)
        return no_memory(error);
    int r = leave_epochs(c, error);
    hy_compiler_head(c, head);
    r = r == 0 ? hy_compiler_window(c, fd, head, error) : r;
    free(head);
    return r;
}

int hy_compiler_finish(hy_compiler *c, int *ret_fd, hy_error *error) {
    const int fd = memfd_create("heapyard-program", MFD_CLOEXEC);
    int r = fd < 0 ? hy_fail(error, -errno, "no shared memory for the prepared trace: %s", strerror(errno)) : 0;
    if (r == 0)
        r = write_program(c, fd, error);
    hy_compiler_free(c);
    if (r == 0)
        *ret_fd = fd;
    else if (fd >= 0)
        close(fd);
    return r;
}

static int compile_events(hy_compiler *c, hy_trace_reader *reader, hy_error *error) {
    const hy_event *events = NULL;
    size_t count = 0, marks = 0;
    int r = 1;
    while (r > 0 && (r = hy_trace_next(reader, &events, &count, error)) > 0) {
        const hy_mark *const mark = hy_trace_marks(reader, &marks);
        hy_compiler_expect(c, mark, marks);
        for (size_t i = 0; i < count && r > 0; i++)
            r = hy_compiler_add(c, &events[i], error) < 0 ? -EINVAL : 1;
    }
    return r;
}

int hy_compile_trace(const char *path, hy_form form, int *ret_fd, hy_error *error) {
    hy_trace_reader *reader = NULL;
    int r = hy_trace_open(path, &reader, error);
    if (r < 0)
        return r;
    hy_compiler *const c = hy_compiler_new(form);
    r = c ? compile_events(c, reader, error) : no_memory(error);
    hy_trace_close(reader);
    if (r == 0)
        return hy_compiler_finish(c, ret_fd, error);
    hy_compiler_free(c);
    return r;
}
