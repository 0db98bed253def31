/* SPDX-License-Identifier: MIT
 *
 * notes.h - what a trace says beside its events, a block of it: new lines of the table of sites, marks, and the sites
 * of the block of events that follows.
 *
 * A payload is made like that of events: a table of plain and stored sizes, then the columns, each a zstd frame if that
 * is smaller.  The byte layout is specified in traces/README.md.
 */
#ifndef HY_NOTES_H
#define HY_NOTES_H

#include "codec.h"
#include "sites.h"

typedef enum hy_note_column {
    HY_NOTE_TABLE, /* lines of sites.h */
    HY_NOTE_MARKS, /* a line each */
    HY_NOTE_CODE, /* a byte for each event that asks for memory: the number of its site in OFTEN, or 255: RARE's next */
    HY_NOTE_OFTEN, /* varints: the block's most frequent sites */
    HY_NOTE_RARE,  /* varints: the others */
    HY_NOTE_COLUMNS
} hy_note_column;

#define HY_NOTE_OFTENS 255u
#define HY_NOTE_TEXT (1u << 20)                                    /* bytes of the table and of the marks, at most */
#define HY_NOTE_MARKS_MAX 4096u                                    /* before each event block, and after the last */
#define HY_NOTE_SITES (5u * HY_BLOCK_EVENTS + 5u * HY_NOTE_OFTENS) /* bytes of the other columns */
#define HY_NOTE_MAX (2u * HY_NOTE_TEXT + HY_NOTE_SITES + 8u * HY_NOTE_COLUMNS)

/* Borrowed bytes. */
typedef struct hy_note {
    uint8_t *data[HY_NOTE_COLUMNS];
    size_t size[HY_NOTE_COLUMNS];
} hy_note;

/* Events that have a site: births and reallocs. */
static inline bool hy_event_asks(const hy_event *event) {
    return event->kind <= HY_EVENT_REALLOC;
}

/* The columns of sites of `events`; `sites` has one for each event.  Fills in the columns from CODE on, which have room
 * for HY_NOTE_SITES bytes together and lie one after the other from data[HY_NOTE_CODE] on.  0 or -ENOMEM. */
int hy_note_encode_sites(const hy_event *events, const uint32_t *sites, size_t count, hy_note *note);
/* One site for each code, below `limit`; *ret_sites has room for HY_BLOCK_EVENTS.  0 or -EINVAL with a part of a
 * sentence. */
int hy_note_decode_sites(const hy_note *note, size_t limit, uint32_t *ret_sites, hy_error *error);

/* Columns to a payload, which has room for all of them and HY_NOTE_COLUMNS * 8 bytes more.  Returns its size. */
size_t hy_note_pack(const hy_note *note, uint8_t *ret_payload, size_t *ret_plain);
/* And back, into `space` of HY_NOTE_MAX bytes.  0, or -EINVAL with a part of a sentence. */
int hy_note_unpack(const uint8_t *payload, size_t size, size_t plain, uint8_t *space, hy_note *ret_note,
                   hy_error *error);

/* A mark as a line, of at most HY_MARK_LINE bytes; returns its length. */
#define HY_MARK_LINE (HY_MARK_NAME + 64u)
size_t hy_mark_line(const hy_mark *mark, char *ret_line);
/* 0, or -EINVAL with a part of a sentence. */
int hy_mark_parse(const char *line, size_t size, hy_mark *ret_mark, hy_error *error);

#endif
