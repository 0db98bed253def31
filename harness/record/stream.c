/* SPDX-License-Identifier: MIT
 *
 * stream.c - raw records become events.
 *
 *   1. A birth gets the next number and is entered under its address; a free takes it out.
 *   2. A realloc takes its block out when it begins (from then on another thread may get the address) and enters it
 * when it ends, where the event is written; a failed one puts it back.
 *   3. A free of an address that is not there (born before recording, or unseen) is counted, not written.
 *   4. A birth where something lives means that a free was not seen (a signal handler inside malloc): that object dies
 *      first, so that a trace never has two objects at one place.
 *   5. Deaths and births at an address take turns.  With several threads, a record that is out of turn waits: one of
 *      another thread, with a stamp hardly later, comes first.  If none does, rules 3 and 4 hold, or it is a twin.
 *   6. Sites are those of births and reallocs; the thread's ring still holds their return addresses.
 */
#include "stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Births wait less, so that what other threads wait for is born in time. */
enum { BIRTHS_WAIT = 16, DEATHS_WAIT = 64 };

static uint64_t stream_time(hy_stream *stream, uint64_t ticks) {
    const uint64_t time = ticks > stream->start ? (uint64_t)((double)(ticks - stream->start) * stream->tick) : 0;
    if (time > stream->time)
        stream->time = time;
    return stream->time;
}

/* Where a birth or realloc was called from, 0: unknown. */
static int stream_site(hy_stream *stream, const hy_stream_thread *thread, const hy_raw_record *record,
                       uint32_t *ret_site, hy_error *error) {
    uint64_t addresses[HY_RECORD_FRAMES];
    *ret_site = 0;
    if (!stream->places || !thread->ring.slots || stream->full)
        return 0;
    const uint32_t count = hy_slots_sites(thread->ring, record, addresses);
    return count > 0 ? hy_places_site(stream->places, stream->writer, addresses, count, ret_site, error) : 0;
}

static int stream_write_from(hy_stream *stream, hy_event event, uint32_t site, hy_error *error) {
    if (stream->full)
        return 0;
    const int r = hy_trace_append_from(stream->writer, &event, site, error);
    if (r < 0)
        return r;
    stream->events++;
    stream->full = stream->events >= stream->limit;
    return 0;
}

static int stream_write(hy_stream *stream, hy_event event, hy_error *error) {
    return stream_write_from(stream, event, 0, error);
}

static int stream_enter(hy_stream *stream, hy_block block, hy_error *error) {
    if (hy_addresses_put(&stream->living, block) == 0)
        return 0;
    return hy_fail(error, -ENOMEM, "no memory for the %zu living objects of process %llu", stream->living.count,
                   (unsigned long long)stream->meta.pid);
}

/* Whatever lives at an address that is given out again has died unseen, or only seems to have been born already. */
static int stream_vacate(hy_stream *stream, uint32_t thread, uint64_t time, uint64_t address, hy_error *error) {
    hy_block old;
    if (!hy_addresses_take(&stream->living, address, &old))
        return 0;
    if (hy_twins_find(&stream->twins, address, stream->since) && hy_twins_put_aside(&stream->twins, old))
        return 0;
    stream->lost++;
    const hy_event death = {.id = old.id, .time = time, .thread = thread, .kind = HY_EVENT_FREE};
    return stream_write(stream, death, error);
}

/* Takes the object at `address` out; its twin, if it has one, lives there from now on. */
static bool stream_take_out(hy_stream *stream, uint64_t address, hy_block *ret) {
    hy_block twin;
    if (!hy_addresses_take(&stream->living, address, ret))
        return false;
    if (stream->twins.count > 0 && hy_twins_take(&stream->twins, address, &twin))
        hy_addresses_put(&stream->living, twin); /* there was room a moment ago */
    return true;
}

static int stream_birth(hy_stream *stream, uint32_t thread, uint64_t time, hy_block block, uint32_t site,
                        hy_error *error) {
    int r = stream_vacate(stream, thread, time, block.address, error);
    if (r < 0)
        return r;
    if (stream->full)
        return 0;
    block.id = stream->births++ & HY_BLOCK_ID_MOST;
    const hy_event event = {.id = block.id,
                            .size = block.size,
                            .time = time,
                            .thread = thread,
                            .kind = (uint8_t)block.kind,
                            .align = (uint8_t)block.align};
    r = stream_write_from(stream, event, site, error);
    return r < 0 ? r : stream_enter(stream, block, error);
}

int hy_stream_open(hy_stream *stream, hy_error *error) {
    if (stream->writer)
        return 0;
    return (stream->places ? hy_trace_create_noted : hy_trace_create)(stream->path, &stream->meta, &stream->writer,
                                                                      error);
}

/* The first event of a thread; the first of all opens the file, and what a fork brought along is born. */
static int stream_start_thread(hy_stream *stream, hy_stream_thread *thread, hy_error *error) {
    int r = hy_stream_open(stream, error);
    thread->number = stream->threads++;
    thread->started = true;
    if (r == 0)
        r = stream_write(
            stream, (hy_event){.time = stream->time, .thread = thread->number, .kind = HY_EVENT_THREAD_START}, error);
    for (size_t i = 0; r == 0 && i < stream->inherited_count; i++)
        r = stream_birth(stream, thread->number, stream->time, stream->inherited[i], 0, error);
    free(stream->inherited);
    stream->inherited = NULL;
    stream->inherited_count = 0;
    return r;
}

static int stream_free(hy_stream *stream, uint32_t thread, uint64_t time, uint64_t address, hy_error *error) {
    hy_block block;
    if (!stream_take_out(stream, address, &block)) {
        stream->unknown++;
        return 0;
    }
    const hy_event event = {.id = block.id, .time = time, .thread = thread, .kind = HY_EVENT_FREE};
    return stream_write(stream, event, error);
}

/* The second half of a realloc. */
static int stream_move(hy_stream *stream, hy_stream_thread *thread, uint64_t time, const hy_raw_record *record,
                       uint32_t site, hy_error *error) {
    hy_block block = thread->moved;
    const bool known = thread->known;
    const hy_event death = {.id = block.id, .time = time, .thread = thread->number, .kind = HY_EVENT_FREE};
    thread->moving = false;
    stream->unknown += !known;
    if (record->address == 0) {
        if (!known)
            return 0;
        return record->size == 0 ? stream_write(stream, death, error) : stream_enter(stream, block, error);
    }
    if (known && record->size > 0) {
        block.address = record->address;
        block.size = record->size;
        const hy_event event = {
            .id = block.id, .size = block.size, .time = time, .thread = thread->number, .kind = HY_EVENT_REALLOC};
        int r = stream_vacate(stream, thread->number, time, block.address, error);
        if (r == 0)
            r = stream_write_from(stream, event, site, error);
        return r < 0 ? r : stream_enter(stream, block, error);
    }
    const int r = known ? stream_write(stream, death, error) : 0;
    const hy_block fresh = {.address = record->address, .size = record->size, .kind = HY_EVENT_MALLOC};
    return r < 0 ? r : stream_birth(stream, thread->number, time, fresh, site, error);
}

static hy_event_kind stream_birth_kind(uint32_t kind) {
    return kind == HY_RAW_CALLOC ? HY_EVENT_CALLOC : kind == HY_RAW_ALIGNED ? HY_EVENT_ALIGNED : HY_EVENT_MALLOC;
}

static bool stream_is_birth(const hy_raw_record *record) {
    return record->kind <= HY_RAW_ALIGNED || (record->kind == HY_RAW_REALLOC_IN && record->address != 0);
}

/* Whether it is out of turn, and there is hope that it is not soon. */
static bool stream_must_wait(const hy_stream *stream, const hy_raw_record *record, unsigned put_back) {
    if (stream_is_birth(record))
        return put_back < BIRTHS_WAIT && hy_addresses_has(&stream->living, record->address);
    const bool death = record->kind == HY_RAW_FREE || record->kind == HY_RAW_REALLOC_OUT;
    return death && put_back < DEATHS_WAIT && !hy_addresses_has(&stream->living, record->address);
}

static int stream_phase(hy_stream *stream, const hy_stream_thread *thread, uint64_t time, const hy_raw_record *record,
                        hy_error *error) {
    char name[HY_RECORD_NAME + 1];
    if (!thread->ring.slots || stream->full)
        return 0;
    hy_slots_text(thread->ring, record, name);
    const int r = hy_trace_mark_phase(stream->writer, thread->number, time, name, error);
    return r == -ESPIPE ? 0 : r; /* a trace that is written to a pipe without sites has no phases */
}

static int stream_take_now(hy_stream *stream, hy_stream_thread *thread, const hy_raw_record *record, hy_error *error) {
    const uint64_t time = stream_time(stream, record->ticks);
    uint32_t site;
    const int r = stream_site(stream, thread, record, &site, error);
    if (r < 0)
        return r;
    switch (record->kind) {
    case HY_RAW_PHASE: return stream_phase(stream, thread, time, record, error);
    case HY_RAW_MALLOC:
    case HY_RAW_CALLOC:
    case HY_RAW_ALIGNED: {
        const hy_block block = {.address = record->address,
                                .size = record->size,
                                .kind = (uint8_t)stream_birth_kind(record->kind),
                                .align =
                                    record->extra < HY_EVENT_MAX_ALIGN ? (uint8_t)record->extra : HY_EVENT_MAX_ALIGN};
        return stream_birth(stream, thread->number, time, block, site, error);
    }
    case HY_RAW_FREE: return stream_free(stream, thread->number, time, record->address, error);
    case HY_RAW_REALLOC_OUT:
        thread->known = stream_take_out(stream, record->address, &thread->moved);
        thread->moving = true;
        return 0;
    case HY_RAW_REALLOC_IN: return thread->moving ? stream_move(stream, thread, time, record, site, error) : 0;
    default:
        return hy_fail(error, -EPROTO, "the recorded program has overwritten the recorder's memory (record of kind %u)",
                       record->kind);
    }
}

int hy_stream_take(hy_stream *stream, hy_stream_thread *thread, const hy_raw_record *record, unsigned put_back,
                   hy_error *error) {
    if (stream->full || record->kind == HY_RAW_FORK)
        return 0;
    if (record->kind == HY_RAW_UNLOAD) {
        if (stream->places)
            hy_places_forget(stream->places);
        return 0;
    }
    if (!thread->started) {
        const int r = stream_start_thread(stream, thread, error);
        if (r < 0)
            return r;
    }
    if (stream->threads < 2)
        return stream_take_now(stream, thread, record, error);
    if (stream_must_wait(stream, record, put_back))
        return 1;
    stream->since = record->ticks - (put_back + 1) * HY_RAW_LOOK_AHEAD;
    const int r = stream_take_now(stream, thread, record, error);
    if (stream_is_birth(record))
        hy_twins_note(&stream->twins, record->address, record->ticks);
    return r;
}

int hy_stream_end_thread(hy_stream *stream, const hy_stream_thread *thread, uint64_t ticks, hy_error *error) {
    if (!thread->started)
        return 0;
    const uint64_t time = stream_time(stream, ticks);
    return stream_write(stream, (hy_event){.time = time, .thread = thread->number, .kind = HY_EVENT_THREAD_END}, error);
}

int hy_stream_close(hy_stream *stream, uint64_t dropped, hy_error *error) {
    int r = 0;
    if (stream->writer) {
        if (stream->places)
            r = hy_places_name(stream->places, stream->writer, error);
        hy_trace_set_dropped(stream->writer, dropped + stream->unknown);
        const int finished = hy_trace_finish(stream->writer, r < 0 ? NULL : error);
        r = r < 0 ? r : finished;
    }
    stream->writer = NULL;
    hy_places_destroy(stream->places);
    stream->places = NULL;
    hy_addresses_clear(&stream->living);
    free(stream->inherited);
    stream->inherited = NULL;
    return r;
}
