/* SPDX-License-Identifier: MIT
 *
 * import_wee.c - the traces that wee_alloc (https://github.com/rustwasm/wee_alloc) is tested with:
 *
 *   Alloc(552),
 *   Free(0),       the number of the Alloc, from 0
 */
#include "importers.h"

#include "words.h"

#include <errno.h>
#include <string.h>

typedef struct wee {
    uint64_t born;
} wee;

static bool recognise(const char *line) {
    return strncmp(line, "Alloc(", 6) == 0 || strncmp(line, "Free(", 5) == 0;
}

static int read_line(hy_intake *intake, void *state, char *line, hy_error *error) {
    wee *const self = state;
    char *const word = hy_word_next(&line), *const open = word + strcspn(word, "(");
    char *const close = open + strcspn(open, ")");
    uint64_t number;
    const bool alloc = recognise(word) && word[0] == 'A';
    if (!recognise(word) || *close != ')' || strspn(close + 1, ",") != strlen(close + 1) || *hy_word_next(&line))
        return hy_fail(error, -EINVAL, "\"%s\"; expected Alloc(BYTES), or Free(NUMBER),", hy_word_show(word).text);
    *close = '\0';
    const int r = hy_word_number(alloc ? "the size" : "the block", open + 1, &number, error);
    if (r < 0)
        return r;
    return alloc ? hy_intake_birth(intake, HY_EVENT_MALLOC, hy_intake_id(self->born++), number, 0, error)
                 : hy_intake_free(intake, hy_intake_id(number), error);
}

const hy_importer hy_import_wee = {
    .name = "wee",
    .what = "wee_alloc's tests: Alloc(BYTES), and Free(NUMBER),",
    .state = sizeof(wee),
    .recognise = recognise,
    .line = read_line,
};
