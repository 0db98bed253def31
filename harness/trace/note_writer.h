/* SPDX-License-Identifier: MIT
 *
 * note_writer.h - what a writer has to note beside the events of the block that is being filled.
 */
#ifndef HY_NOTE_WRITER_H
#define HY_NOTE_WRITER_H

#include "notes.h"

/* All zero: nothing to note. */
typedef struct hy_note_writer {
    hy_sites sites; /* all that was told, to hold what comes against it */
    uint64_t table_bytes;
    uint64_t blocks; /* written */
    char *text;      /* HY_NOTE_TEXT bytes of lines of the table, then as many of marks; NULL: none yet */
    size_t table_size, marks_size, marks;
    size_t last_size, last_marks; /* of them, those that stand before event `last` */
    uint64_t last;
    uint32_t *by_event; /* of the block being filled; NULL: no event had a site yet */
    bool has_sites;     /* one of the block */
    uint8_t *payload;
} hy_note_writer;

/* Whole lines of sites.h.  0, -EAGAIN: there is no room before what is there was packed; -ENOSPC: the table of a trace
 * takes no more; -EINVAL or -ENOMEM, all with a part of a sentence. */
int hy_note_writer_table(hy_note_writer *self, const char *text, size_t size, hy_error *error);
/* 0, -EAGAIN: more marks than a block takes, or -ENOMEM with a part of a sentence. */
int hy_note_writer_mark(hy_note_writer *self, const hy_mark *mark, hy_error *error);
/* Takes the last `count` marks back, which stand before the same event. */
void hy_note_writer_forget(hy_note_writer *self, size_t count);
/* Whether the table has the site, or it is 0.  0 or -EINVAL with a part of a sentence. */
int hy_note_writer_knows(const hy_note_writer *self, uint32_t site, hy_error *error);
/* The site of event `index` of the block, which is known.  0 or -ENOMEM with a part of a sentence. */
int hy_note_writer_site(hy_note_writer *self, uint32_t index, uint32_t site, hy_error *error);

static inline bool hy_note_writer_is_empty(const hy_note_writer *self) {
    return self->table_size == 0 && self->marks == 0 && !self->has_sites;
}

/* All that there is to note as a payload, valid until the next call; with `whole`, the sites and marks of the block's
 * events, too, of which the first is number `first`.  Marks behind the last of them are left for the next call; without
 * events, they are what is packed.  0 or -ENOMEM. */
int hy_note_writer_pack(hy_note_writer *self, const hy_event *events, uint64_t first, uint32_t count, bool whole,
                        const uint8_t **ret_payload, size_t *ret_size, size_t *ret_plain);
void hy_note_writer_clear(hy_note_writer *self);

#endif
