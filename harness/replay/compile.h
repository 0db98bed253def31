/* SPDX-License-Identifier: MIT
 *
 * compile.h - from events to a program in a memfd (see program.h).
 */
#ifndef HY_COMPILE_H
#define HY_COMPILE_H

#include "event.h"
#include "program.h"

/* serial: one lane, trace order.  faithful: one lane a thread. */
typedef enum hy_form { HY_FORM_SERIAL, HY_FORM_FAITHFUL } hy_form;

typedef struct hy_compiler hy_compiler;

/* NULL: no memory. */
hy_compiler *hy_compiler_new(hy_form form);
/* Events obey the rules of event.h (a reader has checked them).  0 or -errno with the sentence. */
int hy_compiler_add(hy_compiler *compiler, const hy_event *event, hy_error *error);
/* Writes the program; *ret_fd is the caller's, close-on-exec.  Frees the compiler, also on failure. */
int hy_compiler_finish(hy_compiler *compiler, int *ret_fd, hy_error *error);

/* All of it for a trace file. */
int hy_compile_trace(const char *path, hy_form form, int *ret_fd, hy_error *error);

#endif
