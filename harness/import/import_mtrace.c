/* SPDX-License-Identifier: MIT
 *
 * import_mtrace.c - what mtrace(3) of the GNU C library writes to $MALLOC_TRACE:
 *
 *   = Start
 *   @ ./prog:[0x121c] + 0x55753dcca2a0 0x18      a birth, also of calloc and memalign: who asked, block, bytes
 *   @ ./prog:[0x1244] < 0x55753dcca2a0           realloc: the old block, and on the next line the new one
 *   @ ./prog:[0x1244] > 0x55753dcca4d0 0x1388
 *   @ ./prog:[0x1290] ! 0x55753dcca4d0 0x1388    a realloc that failed
 *   @ ./prog:[0x1290] - 0x55753dcca4d0           free
 *
 * Not there: times, threads, alignments, whether memory had to be 0.
 */
#include "importers.h"

#include "words.h"

#include <errno.h>
#include <string.h>

typedef struct mtrace {
    uint64_t old; /* of a realloc whose second line is to come; 0: none */
} mtrace;

static bool is_call(const char *word) {
    return word[0] != '\0' && word[1] == '\0' && strchr("+-<>!", word[0]);
}

static bool recognise(const char *line) {
    return strncmp(line, "= Start", 7) == 0 || strncmp(line, "@ ", 2) == 0 ||
           (strchr("+-<", line[0]) && strncmp(line + 1, " 0x", 3) == 0);
}

static int finish_realloc(hy_intake *intake, mtrace *self, char call, uint64_t block, uint64_t size, hy_error *error) {
    const uint64_t old = self->old;
    self->old = 0;
    if (call == '!') {
        hy_intake_flaw(intake, HY_FLAW_FAILED);
        return 0;
    }
    return hy_intake_realloc(intake, old, block, size, error);
}

static int take(hy_intake *intake, mtrace *self, char call, uint64_t block, uint64_t size, hy_error *error) {
    switch (call) {
    case '+': return hy_intake_birth(intake, HY_EVENT_MALLOC, block, size, 0, error);
    case '-': return hy_intake_free(intake, block, error);
    case '<': self->old = block; return 0;
    default: return finish_realloc(intake, self, call, block, size, error);
    }
}

static int read_line(hy_intake *intake, void *state, char *line, hy_error *error) {
    uint64_t block, size = 0;
    if (line[0] == '=')
        return 0;
    const char *call = hy_word_next(&line);
    while (call[0] != '\0' && !is_call(call)) /* who asked */
        call = hy_word_next(&line);
    if (call[0] == '\0')
        return hy_fail(error, -EINVAL, "no call; expected one of + - < > ! between blanks");
    int r = hy_word_address("the block", hy_word_next(&line), &block, error);
    if (r == 0 && block != 0 && strchr("+>", call[0]))
        r = hy_word_hex("the size", hy_word_next(&line), &size, error);
    return r < 0 ? r : take(intake, state, call[0], block, size, error);
}

const hy_importer hy_import_mtrace = {
    .name = "mtrace",
    .what = "glibc's mtrace(3), by MALLOC_TRACE=FILE and libc_malloc_debug.so",
    .state = sizeof(mtrace),
    .recognise = recognise,
    .line = read_line,
};
