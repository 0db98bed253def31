/* SPDX-License-Identifier: MIT
 *
 * spec.h - how people name things: `layer+layer+name:key=value,key=value`, and lists of that.
 *
 * Freestanding (no malloc, no stdio): a preload library parses its spec before the C library is ready.
 *
 * Grammar:
 *   list  = spec *("," spec)     a new spec starts after a comma, unless the text up to the next comma has a "="
 *                                before any ":" or "/"
 *   spec  = *(part "+") part     layers first; split at "+" before the first "/" only
 *   part  = name [":" key "=" value *("," key "=" value)]
 *   A backslash takes the next character as it is.  A name with a "/" in it is a file.
 */
#ifndef HY_SPEC_H
#define HY_SPEC_H

#include "error.h"
#include "heapyard.h"

#define HY_SPEC_PARTS 8     /* layers and the allocator */
#define HY_SPEC_SIZE 1024   /* bytes of a spec's text, terminator included */
#define HY_PARAMS_SIZE 4096 /* bytes of the largest parameter struct */

/* A slice of text that somebody else owns. */
typedef struct hy_text {
    const char *at;
    size_t size;
} hy_text;

typedef struct hy_spec_part {
    hy_text name;
    hy_text params; /* "key=value,key=value", may be empty */
} hy_spec_part;

/* Outermost layer first, the allocator last. */
typedef struct hy_spec {
    hy_spec_part part[HY_SPEC_PARTS];
    size_t count;
} hy_spec;

bool hy_text_is(hy_text text, const char *word);
/* The offset of the first unescaped character of `stop`, or text.size. */
size_t hy_text_find(hy_text text, const char *stop);
/* What lies from an offset on (nothing, if that is beyond the end), and what lies before it. */
hy_text hy_text_from(hy_text text, size_t start);
hy_text hy_text_to(hy_text text, size_t end);

/* The next spec of a list, without unescaping; advances *list.  False at the end. */
bool hy_spec_next(hy_text *list, hy_text *ret_spec);

/* Splits a spec into its parts.  0 or -EINVAL.  The parts point into `text`. */
int hy_spec_parse(hy_text text, hy_spec *ret_spec, hy_error *error);

/* Copies text without its backslashes, terminated.  False: it does not fit `room` bytes. */
bool hy_unescape(hy_text text, char *ret, size_t room);

/* The next item of a part's params, escapes and all; advances *params. */
hy_text hy_params_item(hy_text *params);

/* The next key=value of a part's params, unescaped into `key` and `value` (each HY_TEXT_SIZE bytes); advances *params.
 * 1: there was one, 0: the end, -EINVAL: malformed, with the sentence. */
int hy_params_next(hy_text *params, char *key, char *value, hy_error *error);

/* Fills in a parameter struct: the defaults of the table, then what `params` says.  `owner` is for the sentence.
 * `ret_params` has params_size bytes.  0 or -EINVAL. */
int hy_params_parse(const hy_param *table, const char *owner, hy_text params, void *ret_params, size_t params_size,
                    hy_error *error);

/* One value, as the type says.  0 or -EINVAL with the sentence. */
int hy_param_set(const hy_param *param, const char *owner, const char *value, void *params, hy_error *error);

/* "64K" -> 65536.  The number may have a fraction ("1.5M").  0 or -EINVAL, -ERANGE; no sentence. */
int hy_parse_size(const char *text, uint64_t *ret_bytes);
/* "1000" or "0x10".  0 or -EINVAL, -ERANGE. */
int hy_parse_count(const char *text, uint64_t *ret_count);
/* "2ms" -> 2000000.  Units ns us ms s m h; bare numbers are nanoseconds. */
int hy_parse_time(const char *text, uint64_t *ret_nanoseconds);

#endif
