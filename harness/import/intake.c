/* SPDX-License-Identifier: MIT
 *
 * intake.c - see intake.h.
 */
#include "intake.h"

#include <errno.h>
#include <inttypes.h>

#define BAD(...) hy_fail(error, -EINVAL, __VA_ARGS__)
#define MOST_THREADS 524288u /* known at once: each is remembered */

const char *hy_flaw_what(hy_flaw flaw) {
    static const char *const what[HY_FLAWS] = {
        [HY_FLAW_NO_BLOCK] = "free or realloc of a block that does not live",
        [HY_FLAW_FAILED] = "call that failed",
        [HY_FLAW_FOREIGN] = "call of another process",
        [HY_FLAW_CUT] = "line that is cut off",
        [HY_FLAW_TWICE] = "birth at a living block, which is freed there",
        [HY_FLAW_NEW] = "realloc of a block that does not live, as a birth",
        [HY_FLAW_ROUNDED] = "alignment that is no power of two, as the next one",
        [HY_FLAW_EMPTIED] = "realloc to size 0 that gave a block, as free and birth",
        [HY_FLAW_TIME] = "time that went back, as the one before",
    };
    return what[flaw];
}

void hy_intake_flaw(hy_intake *intake, hy_flaw flaw) {
    if (intake->flaws[flaw].count++ == 0)
        intake->flaws[flaw].line = hy_lines_number(intake->lines);
    intake->meta.dropped += flaw < HY_FLAW_MENDED;
}

int hy_intake_open(hy_intake *intake, bool noted, hy_error *error) {
    if (intake->writer)
        return 0;
    return (noted ? hy_trace_create_noted : hy_trace_create)(intake->trace, &intake->meta, &intake->writer, error);
}

int hy_intake_append(hy_intake *intake, const hy_event *event, uint32_t site, hy_error *error) {
    int r = hy_intake_open(intake, false, error);
    if (r == 0)
        r = hy_trace_append_from(intake->writer, event, site, error);
    intake->events += r == 0;
    return r;
}

/* ---- who and when ---- */

void hy_intake_thread(hy_intake *intake, uint64_t thread) {
    intake->teller = hy_intake_id(thread);
}

/* The number of the thread whose calls these are.  It gets one with its first event, so that no number is left out. */
static int intake_number(hy_intake *intake, hy_error *error) {
    hy_block known;
    if (intake->told != 0 && intake->told == intake->teller)
        return 0;
    if (!hy_addresses_take(&intake->threads, intake->teller, &known)) {
        if (intake->threads.count == MOST_THREADS)
            return BAD("more than %u threads at once", MOST_THREADS);
        known = (hy_block){.address = intake->teller, .id = intake->thread_count++};
    }
    intake->thread = (uint32_t)known.id;
    intake->told = intake->teller;
    return hy_addresses_put(&intake->threads, known) < 0 ? hy_fail(error, -ENOMEM, "no memory for a thread") : 0;
}

static int intake_say(hy_intake *intake, hy_event event, hy_error *error) {
    const int r = intake_number(intake, error);
    event.thread = intake->thread;
    event.time = intake->timed ? intake->time : intake->events;
    return r < 0 ? r : hy_intake_append(intake, &event, 0, error);
}

int hy_intake_thread_event(hy_intake *intake, hy_event_kind kind, hy_error *error) {
    return intake_say(intake, (hy_event){.kind = (uint8_t)kind}, error);
}

void hy_intake_thread_gone(hy_intake *intake) {
    hy_block known;
    hy_addresses_take(&intake->threads, intake->teller, &known);
    intake->told = 0;
}

void hy_intake_time(hy_intake *intake, uint64_t time) {
    if (!intake->timed) {
        intake->timed = true;
        intake->time = intake->events;
    } else if (time < intake->time_told) {
        hy_intake_flaw(intake, HY_FLAW_TIME);
        return;
    } else {
        intake->time += time - intake->time_told;
    }
    intake->time_told = time;
}

bool hy_intake_is_ours(hy_intake *intake, uint64_t process) {
    if (intake->process == 0)
        intake->process = process;
    if (intake->process != process)
        hy_intake_flaw(intake, HY_FLAW_FOREIGN);
    return intake->process == process;
}

/* ---- blocks ---- */

int hy_intake_product(uint64_t count, uint64_t size, uint64_t *ret_product, hy_error *error) {
    uint64_t product;
    if (__builtin_mul_overflow(count, size, &product) || product > HY_EVENT_MAX_SIZE)
        return BAD("the size is %" PRIu64 " times %" PRIu64 "; expected less than 2^63", count, size);
    *ret_product = product;
    return 0;
}

static int intake_put(hy_intake *intake, uint64_t block, uint64_t id, hy_error *error) {
    const hy_block entry = {.address = block, .id = id & HY_BLOCK_ID_MOST};
    return hy_addresses_put(&intake->blocks, entry) < 0 ? hy_fail(error, -ENOMEM, "no memory for one more block") : 0;
}

/* Whatever lives there must have died unseen. */
static int intake_clear(hy_intake *intake, uint64_t block, hy_error *error) {
    hy_block old;
    if (!hy_addresses_take(&intake->blocks, block, &old))
        return 0;
    hy_intake_flaw(intake, HY_FLAW_TWICE);
    return intake_say(intake, (hy_event){.kind = HY_EVENT_FREE, .id = old.id}, error);
}

static int intake_align(hy_intake *intake, uint64_t align, uint8_t *ret_log2, hy_error *error) {
    const unsigned log2 = align <= 1 ? 0 : 64 - (unsigned)__builtin_clzll(align - 1);
    if (log2 > HY_EVENT_MAX_ALIGN)
        return BAD("the alignment is %" PRIu64 "; expected at most 2^%u", align, HY_EVENT_MAX_ALIGN);
    if (align != (uint64_t)1 << log2)
        hy_intake_flaw(intake, HY_FLAW_ROUNDED);
    *ret_log2 = (uint8_t)log2;
    return 0;
}

int hy_intake_birth(hy_intake *intake, hy_event_kind kind, uint64_t block, uint64_t size, uint64_t align,
                    hy_error *error) {
    hy_event event = {.kind = (uint8_t)kind, .size = size};
    int r = 0;
    if (block == 0) {
        hy_intake_flaw(intake, HY_FLAW_FAILED);
        return 0;
    }
    if (kind == HY_EVENT_ALIGNED && (r = intake_align(intake, align, &event.align, error)) < 0)
        return r;
    if ((r = intake_clear(intake, block, error)) < 0)
        return r;
    event.id = intake->born;
    if ((r = intake_say(intake, event, error)) < 0)
        return r;
    return intake_put(intake, block, intake->born++, error);
}

int hy_intake_free(hy_intake *intake, uint64_t block, hy_error *error) {
    hy_block old;
    if (block == 0)
        return 0;
    if (hy_addresses_take(&intake->blocks, block, &old))
        return intake_say(intake, (hy_event){.kind = HY_EVENT_FREE, .id = old.id}, error);
    hy_intake_flaw(intake, HY_FLAW_NO_BLOCK);
    return 0;
}

/* A block of size 0 is something, but a trace knows none that became so. */
static int intake_empty(hy_intake *intake, uint64_t old, uint64_t block, hy_error *error) {
    if (block == 0)
        return hy_intake_free(intake, old, error);
    hy_intake_flaw(intake, HY_FLAW_EMPTIED);
    const int r = hy_intake_free(intake, old, error);
    return r < 0 ? r : hy_intake_birth(intake, HY_EVENT_MALLOC, block, 0, 0, error);
}

int hy_intake_realloc(hy_intake *intake, uint64_t old, uint64_t block, uint64_t size, hy_error *error) {
    hy_block known;
    if (old == 0)
        return hy_intake_birth(intake, HY_EVENT_MALLOC, block, size, 0, error);
    if (size == 0)
        return intake_empty(intake, old, block, error);
    if (block == 0) {
        hy_intake_flaw(intake, HY_FLAW_FAILED);
        return 0;
    }
    if (!hy_addresses_take(&intake->blocks, old, &known)) {
        hy_intake_flaw(intake, HY_FLAW_NEW);
        return hy_intake_birth(intake, HY_EVENT_MALLOC, block, size, 0, error);
    }
    int r = intake_clear(intake, block, error);
    if (r == 0)
        r = intake_say(intake, (hy_event){.kind = HY_EVENT_REALLOC, .id = known.id, .size = size}, error);
    return r < 0 ? r : intake_put(intake, block, known.id, error);
}
