/* SPDX-License-Identifier: MIT
 *
 * note_reader.h - what a reader knows from the notes of a trace: the table of sites so far, and the sites and marks of
 * the block of events at hand.
 */
#ifndef HY_NOTE_READER_H
#define HY_NOTE_READER_H

#include "notes.h"

/* All zero: nothing read. */
typedef struct hy_note_reader {
    hy_sites sites;
    uint64_t table_bytes;
    uint64_t blocks;
    char *text; /* lines of the table since the block of events before */
    size_t text_size, text_room;
    hy_mark *marks;
    size_t mark_count;
    uint32_t *asked; /* of the events to come that ask for memory */
    size_t asked_count;
    uint32_t *by_event;
    bool has_sites; /* by_event is of the block at hand */
    uint8_t *space;
} hy_note_reader;

/* A payload of notes.  0, or -EINVAL or -ENOMEM with a part of a sentence. */
int hy_note_reader_take(hy_note_reader *self, const uint8_t *payload, size_t size, size_t plain, hy_error *error);

/* The events that the notes are about have come; or, with start->events == 0, the end. */
int hy_note_reader_fit(hy_note_reader *self, const hy_block_start *start, const hy_event *events, hy_error *error);

/* Goes on to the next block of events. */
void hy_note_reader_forget(hy_note_reader *self);
void hy_note_reader_clear(hy_note_reader *self);

#endif
