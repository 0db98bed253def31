/* SPDX-License-Identifier: MIT
 *
 * cells.h - what the cases of cells and of campaigns share: a folder, and a trace in it.
 */
#ifndef CELLS_H
#define CELLS_H

#include "campaign.h"
#include "event_list.h"

enum { EVENTS = 3000 };

extern char folder[64], trace_path[128];
extern hy_event events[EVENTS]; /* of the trace */

void write_trace(const char *path, const hy_event *list, size_t count);

/* The cases of campaigns. */
void test_resume_runs_what_is_missing(void **state);
void test_who_is_too_slow_is_not_waited_for_again(void **state);
void test_a_changed_trace_is_not_resumed(void **state);
void test_a_probe_tells_what_cannot_be_opened(void **state);
void test_what_cannot_be_opened_is_stored_and_not_run(void **state);

#endif
