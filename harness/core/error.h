/* SPDX-License-Identifier: MIT
 *
 * error.h - one sentence for a human, made once, by the lowest function that knows the facts.
 *
 * A function that can fail takes a hy_error *, returns 0 or -errno (or a pointer or NULL), and fills in the sentence:
 * what was wrong, where, what was expected.  The text is always terminated; too long a sentence is cut with "...".
 */
#ifndef HY_ERROR_H
#define HY_ERROR_H

#include <stddef.h>

typedef struct hy_error {
    char text[512];
} hy_error;

/* Sets the sentence, printf style; returns `code` (a negative errno).  `error` may be NULL. */
__attribute__((format(printf, 3, 4))) int hy_fail(hy_error *error, int code, const char *format, ...);

/* The same for code that may not use stdio: joins the parts up to a NULL. */
__attribute__((sentinel)) int hy_fail_parts(hy_error *error, int code, const char *part, ...);

/* The word of `words` (ends with NULL) that is nearest to `word` of `size` bytes, or NULL if none is near. */
const char *hy_nearest(const char *word, size_t size, const char *const *words);

/* The end of a sentence about a word that is none of `words`: `; did you mean "NEAREST"?`, or "; " and `otherwise`, or
 * nothing if that is NULL. */
typedef struct hy_hint {
    char text[160];
} hy_hint;
hy_hint hy_did_you_mean(const char *word, size_t size, const char *const *words, const char *otherwise);

#endif
