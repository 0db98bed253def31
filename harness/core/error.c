/* SPDX-License-Identifier: MIT
 *
 * error.c - printf-style sentences.  The freestanding half is in sentence.c.
 */
#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int hy_fail(hy_error *error, int code, const char *format, ...) {
    if (!error)
        return code;
    va_list list;
    va_start(list, format);
    const int wanted = vsnprintf(error->text, sizeof error->text, format, list);
    va_end(list);
    if (wanted >= (int)sizeof error->text)
        memcpy(error->text + sizeof error->text - 4, "...", 4);
    return code;
}

hy_hint hy_did_you_mean(const char *word, size_t size, const char *const *words, const char *otherwise) {
    const char *const nearest = hy_nearest(word, size, words);
    hy_hint hint = {""};
    if (nearest)
        snprintf(hint.text, sizeof hint.text, "; did you mean \"%s\"?", nearest);
    else if (otherwise)
        snprintf(hint.text, sizeof hint.text, "; %s", otherwise);
    return hint;
}
