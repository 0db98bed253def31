/* SPDX-License-Identifier: MIT
 *
 * sentence.c - error sentences without stdio, and the nearest word.
 */
#include "error.h"

#include <stdarg.h>
#include <string.h>

int hy_fail_parts(hy_error *error, int code, const char *part, ...) {
    if (!error)
        return code;
    const size_t room = sizeof error->text - 1;
    size_t used = 0;
    va_list list;
    va_start(list, part);
    for (const char *p = part; p; p = va_arg(list, const char *)) {
        const size_t size = strlen(p);
        const size_t fits = size < room - used ? size : room - used;
        memcpy(error->text + used, p, fits);
        used += fits;
        if (fits < size)
            memcpy(error->text + room - 3, "...", 3);
    }
    va_end(list);
    error->text[used] = '\0';
    return code;
}

#define WORD_MAX 48u

/* Levenshtein's distance by one row of his table. */
static unsigned distance(const char *a, size_t a_size, const char *b, size_t b_size) {
    unsigned row[WORD_MAX + 1];
    for (unsigned j = 0; j <= b_size; j++)
        row[j] = j;
    for (unsigned i = 1; i <= a_size; i++) {
        unsigned diagonal = row[0];
        row[0] = i;
        for (unsigned j = 1; j <= b_size; j++) {
            const unsigned replace = diagonal + (a[i - 1] != b[j - 1]);
            const unsigned insert = row[j - 1] + 1, erase = row[j] + 1;
            diagonal = row[j];
            row[j] = insert < erase ? insert : erase;
            row[j] = replace < row[j] ? replace : row[j];
        }
    }
    return row[b_size];
}

const char *hy_nearest(const char *word, size_t size, const char *const *words) {
    const char *nearest = NULL;
    unsigned least = (unsigned)(size / 3 + 2); /* farther than that helps nobody */
    if (size > WORD_MAX)
        return NULL;
    for (; *words; words++) {
        const size_t words_size = strlen(*words);
        if (words_size > WORD_MAX)
            continue;
        const unsigned d = distance(word, size, *words, words_size);
        if (d < least) {
            least = d;
            nearest = *words;
        }
    }
    return nearest;
}
