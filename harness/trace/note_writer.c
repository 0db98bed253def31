/* SPDX-License-Identifier: MIT
 *
 * note_writer.c - see note_writer.h.
 */
#include "note_writer.h"

#include "format.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define BAD(...) hy_fail(error, -EINVAL, __VA_ARGS__)

static int notes_begin(hy_note_writer *self, hy_error *error) {
    if (!self->text)
        self->text = malloc(2 * (size_t)HY_NOTE_TEXT);
    return self->text ? 0 : hy_fail(error, -ENOMEM, "no memory for notes");
}

int hy_note_writer_table(hy_note_writer *self, const char *text, size_t size, hy_error *error) {
    int r = notes_begin(self, error);
    if (r < 0 || size == 0)
        return r;
    if (size > HY_NOTE_TEXT || self->table_bytes + size > HY_TABLE_MAX)
        return hy_fail(error, -ENOSPC, "the table of sites takes no more");
    if (self->table_size + size > HY_NOTE_TEXT)
        return hy_fail(error, -EAGAIN, "too many lines for one block");
    if ((r = hy_sites_take(&self->sites, text, size, error)) < 0)
        return r;
    memcpy(self->text + self->table_size, text, size);
    self->table_size += size;
    self->table_bytes += size;
    return 0;
}

int hy_note_writer_mark(hy_note_writer *self, const hy_mark *mark, hy_error *error) {
    char line[HY_MARK_LINE];
    const int r = notes_begin(self, error);
    if (r < 0)
        return r;
    hy_mark clean = *mark;
    hy_text_clean(clean.name, sizeof clean.name, mark->name);
    const size_t size = hy_mark_line(&clean, line);
    if (self->marks == HY_NOTE_MARKS_MAX || self->marks_size + size > HY_NOTE_TEXT)
        return hy_fail(error, -EAGAIN, "too many marks for one block");
    memcpy(self->text + HY_NOTE_TEXT + self->marks_size, line, size);
    if (mark->event != self->last)
        self->last_size = self->last_marks = 0;
    self->last = mark->event;
    self->last_size += size;
    self->last_marks++;
    self->marks_size += size;
    self->marks++;
    return 0;
}

void hy_note_writer_forget(hy_note_writer *self, size_t count) {
    if (count == 0)
        return; /* there may be no text yet */
    const char *const marks = self->text + HY_NOTE_TEXT;
    size_t size = self->marks_size;
    for (size_t i = 0; i < count; i++)
        for (size--; size > 0 && marks[size - 1] != '\n';)
            size--;
    self->last_size -= self->marks_size - size;
    self->marks_size = size;
    self->last_marks -= count;
    self->marks -= count;
}

int hy_note_writer_knows(const hy_note_writer *self, uint32_t site, hy_error *error) {
    return site == 0 || site < self->sites.site_count
               ? 0
               : BAD("a call from site %" PRIu32 ", which is not in the table", site);
}

int hy_note_writer_site(hy_note_writer *self, uint32_t index, uint32_t site, hy_error *error) {
    if (!self->by_event && site == 0)
        return 0;
    if (!self->by_event)
        self->by_event = calloc(HY_BLOCK_EVENTS, sizeof *self->by_event);
    if (!self->by_event)
        return hy_fail(error, -ENOMEM, "no memory for the sites of events");
    self->by_event[index] = site;
    self->has_sites |= site != 0;
    return 0;
}

/* `size` bytes of marks are packed, others stay. */
static void notes_keep_marks(hy_note_writer *self, size_t size) {
    char *const marks = self->text + HY_NOTE_TEXT;
    memmove(marks, marks + size, self->marks_size - size);
    self->marks_size -= size;
    self->marks = self->marks_size > 0 ? self->last_marks : 0;
    if (self->marks == 0)
        self->last_size = self->last_marks = 0;
}

int hy_note_writer_pack(hy_note_writer *self, const hy_event *events, uint64_t first, uint32_t count, bool whole,
                        const uint8_t **ret_payload, size_t *ret_size, size_t *ret_plain) {
    hy_error error;
    if (notes_begin(self, &error) < 0)
        return -ENOMEM;
    if (!self->payload)
        self->payload = malloc(2 * (size_t)HY_NOTE_MAX);
    if (!self->payload)
        return -ENOMEM;
    hy_note note = {{(uint8_t *)self->text, (uint8_t *)self->text + HY_NOTE_TEXT}, {self->table_size}};
    note.data[HY_NOTE_CODE] = note.data[HY_NOTE_OFTEN] = note.data[HY_NOTE_RARE] = self->payload + HY_NOTE_MAX;
    const size_t behind = count > 0 && self->last == first + count ? self->last_size : 0;
    note.size[HY_NOTE_MARKS] = whole ? self->marks_size - behind : 0;
    if (whole && self->has_sites && hy_note_encode_sites(events, self->by_event, count, &note) < 0)
        return -ENOMEM;
    *ret_payload = self->payload;
    *ret_size = hy_note_pack(&note, self->payload, ret_plain);
    self->blocks++;
    self->table_size = 0;
    if (whole) {
        notes_keep_marks(self, note.size[HY_NOTE_MARKS]);
        self->has_sites = false;
        if (self->by_event)
            memset(self->by_event, 0, count * sizeof *self->by_event);
    }
    return 0;
}

void hy_note_writer_clear(hy_note_writer *self) {
    hy_sites_clear(&self->sites);
    free(self->text);
    free(self->by_event);
    free(self->payload);
}
