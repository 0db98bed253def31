/* SPDX-License-Identifier: MIT
 *
 * compile.h - from events to a program in a memfd (see program.h).
 */
#ifndef HY_COMPILE_H
#define HY_COMPILE_H

#include "event.h"
#include "program.h"
#include "sites.h"

/* serial: one lane, trace order.  faithful: one lane a thread, kept together.  free: one lane a thread, each as fast as
 * it can. */
typedef enum hy_form { HY_FORM_SERIAL, HY_FORM_FAITHFUL, HY_FORM_FREE } hy_form;

typedef struct hy_compiler hy_compiler;

/* NULL: no memory. */
hy_compiler *hy_compiler_new(hy_form form);
void hy_compiler_free(hy_compiler *compiler);
/* From the first event on: times are kept too. */
void hy_compiler_keep_times(hy_compiler *compiler);
/* The marks among the events to come, which stay where they are until those are added. */
void hy_compiler_expect(hy_compiler *compiler, const hy_mark *marks, size_t count);
/* Events obey the rules of event.h (a reader has checked them).  0 or -errno with the sentence. */
int hy_compiler_add(hy_compiler *compiler, const hy_event *event, hy_error *error);
/* Entries that are ready and not yet written or skipped. */
size_t hy_compiler_entries(const hy_compiler *compiler);

/* Bytes, at most, for what lives and for the threads there were. */
uint64_t hy_compiler_memory(const hy_compiler *compiler);

/* What is known by now, as the head of a program with room for what is ready. */
void hy_compiler_head(const hy_compiler *compiler, hy_program_head *ret_head);
/* Writes what is ready as a window of the program `head` (NULL: writes nothing), which has room for it, and goes on
 * after it. */
int hy_compiler_window(hy_compiler *compiler, int fd, hy_program_head *head, hy_error *error);

/* Writes all as one program; *ret_fd is the caller's, close-on-exec.  Frees the compiler, also on failure. */
int hy_compiler_finish(hy_compiler *compiler, int *ret_fd, hy_error *error);

/* All of it for a trace file. */
int hy_compile_trace(const char *path, hy_form form, int *ret_fd, hy_error *error);

#endif
