/* SPDX-License-Identifier: MIT
 *
 * note_reader.c - see note_reader.h.
 */
#include "note_reader.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define BAD(...) hy_fail(error, -EINVAL, __VA_ARGS__)

static int notes_no_memory(hy_error *error) {
    return hy_fail(error, -ENOMEM, "no memory for notes");
}

static int notes_begin(hy_note_reader *self, hy_error *error) {
    if (!self->space)
        self->space = malloc(HY_NOTE_MAX);
    if (!self->marks)
        self->marks = malloc(HY_NOTE_MARKS_MAX * sizeof *self->marks);
    return self->space && self->marks ? 0 : notes_no_memory(error);
}

static int notes_table(hy_note_reader *self, const char *text, size_t size, hy_error *error) {
    self->table_bytes += size;
    if (self->table_bytes > HY_TABLE_MAX)
        return BAD("a table of sites of more than %u bytes", HY_TABLE_MAX);
    const int r = hy_sites_take(&self->sites, text, size, error);
    if (r < 0 || size == 0)
        return r;
    if (self->text_size + size > self->text_room) {
        char *const grown = realloc(self->text, 2 * (self->text_size + size));
        if (!grown)
            return notes_no_memory(error);
        self->text = grown;
        self->text_room = 2 * (self->text_size + size);
    }
    memcpy(self->text + self->text_size, text, size);
    self->text_size += size;
    return 0;
}

static int notes_marks(hy_note_reader *self, const char *text, size_t size, hy_error *error) {
    for (size_t at = 0; at < size;) {
        const char *const end = memchr(text + at, '\n', size - at);
        hy_mark mark;
        if (!end || self->mark_count == HY_NOTE_MARKS_MAX)
            return BAD("more than %u marks, or a line that does not end", HY_NOTE_MARKS_MAX);
        const int r = hy_mark_parse(text + at, (size_t)(end - text) - at, &mark, error);
        if (r < 0)
            return r;
        if (self->mark_count > 0 && mark.event < self->marks[self->mark_count - 1].event)
            return BAD("a mark before event %" PRIu64 " after a later one", mark.event);
        self->marks[self->mark_count++] = mark;
        at = (size_t)(end - text) + 1;
    }
    return 0;
}

static int notes_sites(hy_note_reader *self, const hy_note *note, hy_error *error) {
    if (note->size[HY_NOTE_CODE] == 0)
        return note->size[HY_NOTE_OFTEN] || note->size[HY_NOTE_RARE] ? BAD("more sites than calls") : 0;
    if (self->asked_count > 0)
        return BAD("the sites of a block a second time");
    if (!self->asked)
        self->asked = malloc(HY_BLOCK_EVENTS * sizeof *self->asked);
    if (!self->asked)
        return notes_no_memory(error);
    self->asked_count = note->size[HY_NOTE_CODE];
    return hy_note_decode_sites(note, self->sites.site_count, self->asked, error);
}

int hy_note_reader_take(hy_note_reader *self, const uint8_t *payload, size_t size, size_t plain, hy_error *error) {
    hy_note note;
    int r = notes_begin(self, error);
    if (r == 0)
        r = hy_note_unpack(payload, size, plain, self->space, &note, error);
    if (r == 0)
        r = notes_table(self, (const char *)note.data[HY_NOTE_TABLE], note.size[HY_NOTE_TABLE], error);
    if (r == 0)
        r = notes_marks(self, (const char *)note.data[HY_NOTE_MARKS], note.size[HY_NOTE_MARKS], error);
    if (r == 0)
        r = notes_sites(self, &note, error);
    self->blocks++;
    return r;
}

/* Marks lie in the block, or at the end of the trace, and are of threads that have been seen by then. */
static int notes_fit_marks(const hy_note_reader *self, const hy_block_start *start, const hy_event *events,
                           hy_error *error) {
    const uint64_t first = start->first_event;
    uint64_t threads = start->threads;
    size_t next = 0;
    for (uint32_t i = 0; i < start->events && next < self->mark_count; i++) {
        threads = events[i].thread >= threads ? (uint64_t)events[i].thread + 1 : threads;
        for (; next < self->mark_count && self->marks[next].event == first + i; next++)
            if (self->marks[next].thread >= threads)
                return BAD("a mark of thread %" PRIu32 ", which is not there yet", self->marks[next].thread);
    }
    for (; start->events == 0 && next < self->mark_count && self->marks[next].event == first; next++)
        if (self->marks[next].thread >= threads)
            return BAD("a mark of thread %" PRIu32 ", which is not there", self->marks[next].thread);
    return next == self->mark_count
               ? 0
               : BAD("a mark before event %" PRIu64 ", which is not in the block", self->marks[next].event);
}

int hy_note_reader_fit(hy_note_reader *self, const hy_block_start *start, const hy_event *events, hy_error *error) {
    size_t next = 0;
    const int r = notes_fit_marks(self, start, events, error);
    if (r < 0 || self->asked_count == 0)
        return r;
    if (!self->by_event)
        self->by_event = malloc(HY_BLOCK_EVENTS * sizeof *self->by_event);
    if (!self->by_event)
        return notes_no_memory(error);
    for (uint32_t i = 0; i < start->events; i++) {
        const bool asks = hy_event_asks(&events[i]);
        self->by_event[i] = asks && next < self->asked_count ? self->asked[next] : 0;
        next += asks;
    }
    self->has_sites = true;
    return next == self->asked_count ? 0 : BAD("sites of %zu calls; it has %zu", self->asked_count, next);
}

void hy_note_reader_forget(hy_note_reader *self) {
    self->text_size = self->mark_count = self->asked_count = 0;
    self->has_sites = false;
}

void hy_note_reader_clear(hy_note_reader *self) {
    hy_sites_clear(&self->sites);
    free(self->text);
    free(self->marks);
    free(self->asked);
    free(self->by_event);
    free(self->space);
}
