/* SPDX-License-Identifier: MIT
 *
 * import_heaptrack.c - what `heaptrack --raw` writes.  Numbers are hexadecimal:
 *
 *   v 10400 3                   versions of heaptrack and the format
 *   X ./prog --option           the program
 *   + 18 8 55e628b581d0         a birth: bytes, from where, block
 *   - 55e628b581d0              free
 *   c 2f                        the time: ms since the start
 *
 * All else is about places in the program.  Not there: threads, alignments, reallocs (a free and a birth).
 *
 * What heaptrack makes of this afterwards, without --raw, has the same letters, but no longer says which block a free
 * is for: it is refused.
 */
#include "importers.h"

#include "format.h"
#include "words.h"

#include <errno.h>
#include <string.h>

#define NS_PER_MS 1000000u

static bool recognise(const char *line) {
    return line[0] == 'v' && line[1] == ' ' && strspn(line + 2, "0123456789abcdef ") == strlen(line + 2);
}

static int read_birth(hy_intake *intake, char *line, hy_error *error) {
    uint64_t block, size;
    char *const bytes = hy_word_next(&line);
    if (hy_word_next(&line)[0] == '\0')
        return hy_fail(error, -ENOTSUP,
                       "heaptrack has interpreted this already, and its blocks are gone; record with "
                       "heaptrack --raw");
    int r = hy_word_hex("the size", bytes, &size, error);
    if (r == 0)
        r = hy_word_address("the block", hy_word_next(&line), &block, error);
    return r < 0 ? r : hy_intake_birth(intake, HY_EVENT_MALLOC, block, size, 0, error);
}

static int read_free(hy_intake *intake, char *line, hy_error *error) {
    uint64_t block;
    const int r = hy_word_address("the block", hy_word_next(&line), &block, error);
    return r < 0 ? r : hy_intake_free(intake, block, error);
}

static int read_time(hy_intake *intake, char *line, hy_error *error) {
    uint64_t time;
    const int r = hy_word_hex("the time", hy_word_next(&line), &time, error);
    if (r == 0 && time > INT64_MAX / NS_PER_MS)
        return hy_fail(error, -EINVAL, "a time of 2^63 ns or more");
    if (r == 0)
        hy_intake_time(intake, time * NS_PER_MS);
    return r;
}

static int read_line(hy_intake *intake, void *state, char *line, hy_error *error) {
    if (strcmp(line, "A") == 0) /* heaptrack was attached to a program that ran already */
        return 0;
    if (line[1] != ' ')
        return hy_fail(error, -EINVAL, "\"%s\"; expected a letter or sign, then a blank",
                       hy_word_show(hy_word_next(&line)).text);
    switch (line[0]) {
    case 'v': hy_intake_time(intake, intake->time_told); return 0;
    case 'X': hy_text_clean(intake->meta.command, sizeof intake->meta.command, line + 2); return 0;
    case '+': return read_birth(intake, line + 2, error);
    case '-': return read_free(intake, line + 2, error);
    case 'c': return read_time(intake, line + 2, error);
    default: return 0;
    }
}

const hy_importer hy_import_heaptrack = {
    .name = "heaptrack",
    .what = "heaptrack --raw",
    .recognise = recognise,
    .line = read_line,
};
