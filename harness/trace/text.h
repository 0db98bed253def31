/* SPDX-License-Identifier: MIT
 *
 * text.h - traces as text: one line an event, to be read, written and filtered by hand.
 *
 *   @command=prog --option        what is known of the trace: command, origin, machine, started, pid, dropped
 *   # a comment
 *   0 0 malloc 0 24               time in ns, thread, kind, object, bytes
 *   150 0 aligned 1 100 64        the alignment in bytes
 *   160 1 thread-start
 *   200 0 realloc 0 48
 *   250 1 free 1
 *   250 0 malloc 2 8 @5           comes from site 5 of the table
 *   260 0 phase load              thread 0 is in the phase "load" now; without a name, in none
 *
 * The table of sites (sites.h) stands in lines with an @ in front, each before the events that need it:
 *
 *   @module<tab>8dfa0e<tab>/usr/bin/prog
 *
 * Words are separated by blanks or tabs.  Lines end with LF or CR LF and have at most HY_LINE_MAX bytes.  Descriptions
 * stand before the first event, but for dropped, which may also be the last line, and the table of sites.
 */
#ifndef HY_TEXT_TRACE_H
#define HY_TEXT_TRACE_H

#include "trace.h"

#include <stdio.h>

#define HY_LINE_MAX 4096

/* Writes one event as a line, at most HY_EVENT_LINE bytes with the terminator; returns its length. */
#define HY_EVENT_LINE 128
size_t hy_event_line(const hy_event *event, char *ret_line);

/* Reads an event from a line without its end, and its site, 0 if there is none.  0, or -EINVAL with a part of a
 * sentence.  Only the words are checked, not whether the object lives. */
int hy_event_parse(const char *line, hy_event *ret_event, uint32_t *ret_site, hy_error *error);

/* Whether a line is a mark, and if so, what it says but for its event. */
bool hy_mark_read(const char *line, hy_mark *ret_mark);

/* Writes the description and all events of a trace.  0, or -errno with the sentence (reading failed). */
int hy_text_export(hy_trace_reader *reader, FILE *to, hy_error *error);

#endif
