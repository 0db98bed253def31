/* SPDX-License-Identifier: MIT
 *
 * reloc_trial.h - a function of an image, called at a base, in a child: a crash is an outcome like another.
 *
 * What the image leaves undefined is taken from this program and its libraries (printf, errno, …).  The thread-local
 * block of the image is a part of the child's own (HY_RELOC_TRIAL_TLS bytes at most).
 */
#ifndef HY_RELOC_TRIAL_H
#define HY_RELOC_TRIAL_H

#include "image.h"

#define HY_RELOC_TRIAL_ARGUMENTS 6
#define HY_RELOC_TRIAL_TLS 16384
#define HY_RELOC_TRIAL_SECONDS 10 /* then the child is killed: SIGALRM */

typedef struct hy_reloc_trial_call {
    const char *function;
    uint64_t arguments[HY_RELOC_TRIAL_ARGUMENTS]; /* numbers, or pointers into this process */
} hy_reloc_trial_call;

typedef enum hy_reloc_trial_end {
    HY_RELOC_TRIAL_RETURNED,
    HY_RELOC_TRIAL_KILLED, /* by `signal` */
    HY_RELOC_TRIAL_EXITED, /* the function ended the process, with `exit_code` */
    HY_RELOC_TRIAL_TAKEN   /* something else lies at the base */
} hy_reloc_trial_end;

typedef struct hy_reloc_trial {
    hy_reloc_trial_end end;
    int signal, exit_code;
    uint64_t value; /* rax */
    char text[160]; /* of a result that is a string */
} hy_reloc_trial;

/* A random base for an image; number `n` of a seed. */
uint64_t hy_reloc_trial_base(const hy_reloc_image *image, uint64_t seed, uint64_t n);

/* One call.  `string` says that the result is a pointer to text.  0, or -errno with the sentence: there is no such
 * function, a symbol is missing or out of reach, there are no more processes. */
int hy_reloc_trial_run(const hy_reloc_image *image, uint64_t base, const hy_reloc_trial_call *call, bool string,
                       hy_reloc_trial *ret_trial, hy_error *error);

#endif
