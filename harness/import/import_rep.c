/* SPDX-License-Identifier: MIT
 *
 * import_rep.c - the requests of the malloc lab (Bryant and O'Hallaron, Computer Systems: A Programmer's Perspective):
 *
 *   a 0 512      malloc: the block's number, bytes
 *   r 0 640      realloc
 *   f 0          free; of block -1: free(NULL)
 *
 * Files .rep have four lines in front, in two forms: a heap size, blocks, requests, a weight; or a weight, blocks,
 * requests, the most live bytes.  Blocks and requests stand in the same places, and must be right.  Without that head
 * the format is called lab.
 */
#include "importers.h"

#include "words.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define BAD(...) hy_fail(error, -EINVAL, __VA_ARGS__)

enum { HEAD = 4, BLOCKS = 1, REQUESTS = 2 };

typedef struct rep {
    uint64_t head[HEAD], heads, requests;
} rep;

static bool recognise_lab(const char *line) {
    return strchr("arf", line[0]) && (line[1] == ' ' || line[1] == '\t') && line[2] >= '0' && line[2] <= '9';
}

static bool recognise_rep(const char *line) {
    const size_t digits = strspn(line, "0123456789");
    return digits > 0 && line[digits + strspn(line + digits, " \t")] == '\0';
}

/* `most`: the block's number is below that. */
static int request(hy_intake *intake, char *line, uint64_t most, hy_error *error) {
    const char *const call = hy_word_next(&line), *const number = hy_word_next(&line);
    uint64_t block, size = 0;
    if (call[0] == '\0' || call[1] != '\0' || !strchr("arf", call[0]))
        return BAD("unknown request \"%s\"; expected a, r or f", hy_word_show(call).text);
    if (call[0] == 'f' && strcmp(number, "-1") == 0)
        return 0;
    int r = hy_word_number("the block", number, &block, error);
    if (r == 0 && block >= most)
        return BAD("block %" PRIu64 "; the head speaks of %" PRIu64 " blocks", block, most);
    if (r == 0 && call[0] != 'f')
        r = hy_word_number("the size", hy_word_next(&line), &size, error);
    const char *const more = r == 0 ? hy_word_next(&line) : "";
    if (more[0] != '\0')
        return BAD("\"%s\" is too much for %s", hy_word_show(more).text, call);
    if (r < 0)
        return r;
    const uint64_t name = hy_intake_id(block);
    switch (call[0]) {
    case 'a': return hy_intake_birth(intake, HY_EVENT_MALLOC, name, size, 0, error);
    case 'r': return hy_intake_realloc(intake, name, size > 0 ? name : 0, size, error);
    default: return hy_intake_free(intake, name, error);
    }
}

static int read_lab(hy_intake *intake, void *state, char *line, hy_error *error) {
    return request(intake, line, UINT64_MAX, error);
}

static int read_rep(hy_intake *intake, void *state, char *line, hy_error *error) {
    rep *const self = state;
    if (self->heads < HEAD) {
        const int r = hy_word_number("the head", hy_word_next(&line), &self->head[self->heads], error);
        self->heads += r == 0;
        return r;
    }
    if (self->requests == self->head[REQUESTS])
        return BAD("one request more than the %" PRIu64 " of the head", self->head[REQUESTS]);
    self->requests++;
    return request(intake, line, self->head[BLOCKS], error);
}

static int end_rep(hy_intake *intake, void *state, hy_error *error) {
    const rep *const self = state;
    if (self->heads < HEAD)
        return BAD("the file ends within the head");
    if (self->requests < self->head[REQUESTS])
        return BAD("the file ends after %" PRIu64 " requests; the head speaks of %" PRIu64, self->requests,
                   self->head[REQUESTS]);
    return 0;
}

const hy_importer hy_import_rep = {
    .name = "rep",
    .what = "CS:APP's malloc lab: four lines of numbers, then a, r and f; both kinds of head",
    .state = sizeof(rep),
    .recognise = recognise_rep,
    .line = read_rep,
    .end = end_rep,
};

const hy_importer hy_import_lab = {
    .name = "lab",
    .what = "the same without a head: a ID BYTES, r ID BYTES, f ID",
    .recognise = recognise_lab,
    .line = read_lab,
};
