/* SPDX-License-Identifier: MIT
 *
 * import_android.c - what Android's malloc debug records (record_allocs) and its memory_replay reads:
 *
 *   186: malloc 0xb6038060 20          thread, call, the block that it gave, what was asked for
 *   186: calloc 0xb6038080 4 20
 *   186: realloc 0xb60380a0 0xb6038060 40
 *   186: memalign 0x85423660 16 104
 *   186: free 0xb6038060
 *   187: thread_done 0x0
 *
 * Newer files have two times in ns at the end of each line, of start and end of the call (thread_done: one).  A block
 * is born at the end of its call and dies at the start.  How large a thread's number may be: below 2^31, as Linux has
 * it.
 */
#include "importers.h"

#include "words.h"

#include <errno.h>
#include <string.h>

#define BAD(...) hy_fail(error, -EINVAL, __VA_ARGS__)

enum { MALLOC, CALLOC, REALLOC, MEMALIGN, FREE, THREAD_DONE, CALLS };
static const char *const calls[CALLS + 1] = {"malloc", "calloc", "realloc", "memalign", "free", "thread_done", NULL};

typedef struct call {
    int kind;
    uint64_t block, first, second; /* what stands behind the call */
} call;

static bool recognise(const char *line) {
    const size_t digits = strspn(line, "0123456789");
    const char *const name = line + digits + 1 + (digits > 0 && line[digits] == ':' && line[digits + 1] == ' ');
    for (int i = 0; digits > 0 && line[digits] == ':' && calls[i]; i++)
        if (strncmp(name, calls[i], strlen(calls[i])) == 0)
            return true;
    return false;
}

static int parse_thread(hy_intake *intake, char *word, hy_error *error) {
    char *const colon = word + strcspn(word, ":");
    uint64_t thread;
    if (*colon != ':' || colon[1] != '\0')
        return BAD("\"%s\" is no thread; expected a number and a colon", hy_word_show(word).text);
    *colon = '\0';
    const int r = hy_word_number("the thread", word, &thread, error);
    if (r == 0 && thread > INT32_MAX)
        return BAD("the thread is %s; expected less than 2^31", hy_word_show(word).text);
    if (r == 0)
        hy_intake_thread(intake, thread);
    return r;
}

static int parse_kind(const char *word, int *ret_kind, hy_error *error) {
    for (*ret_kind = 0; *ret_kind < CALLS; ++*ret_kind)
        if (strcmp(word, calls[*ret_kind]) == 0)
            return 0;
    const hy_hint hint = hy_did_you_mean(word, strlen(word), calls, NULL);
    return BAD("unknown call \"%s\"%s", hy_word_show(word).text, hint.text);
}

/* A number; of a call that failed it may be anything, and counts as 1. */
static int parse_size(const call *c, const char *what, const char *word, uint64_t *ret_number, hy_error *error) {
    *ret_number = 1;
    if (c->block == 0 && word[0] != '\0' && strcmp(word, "0") != 0)
        return 0;
    return hy_word_number(what, word, ret_number, error);
}

/* The words behind the block. */
static int parse_arguments(call *c, char **line, hy_error *error) {
    static const char *const names[CALLS][2] = {[MALLOC] = {"the size", NULL},
                                                [CALLOC] = {"the count", "the size"},
                                                [REALLOC] = {"the old block", "the size"},
                                                [MEMALIGN] = {"the alignment", "the size"}};
    const char *const first = names[c->kind][0], *const second = names[c->kind][1];
    int r = 0;
    if (c->kind == REALLOC)
        r = hy_word_address(first, hy_word_next(line), &c->first, error);
    else if (first)
        r = parse_size(c, first, hy_word_next(line), &c->first, error);
    if (r == 0 && second)
        r = parse_size(c, second, hy_word_next(line), &c->second, error);
    return r;
}

/* None, one or two. */
static int parse_times(hy_intake *intake, const call *c, char **line, hy_error *error) {
    uint64_t start, end;
    const char *const first = hy_word_next(line);
    if (first[0] == '\0')
        return 0;
    int r = hy_word_number("the time", first, &start, error);
    end = start;
    if (r == 0 && c->kind != THREAD_DONE)
        r = hy_word_number("the time of the end", hy_word_next(line), &end, error);
    const char *const more = r == 0 ? hy_word_next(line) : "";
    if (more[0] != '\0')
        return BAD("\"%s\" is too much for %s", hy_word_show(more).text, calls[c->kind]);
    if (r == 0)
        hy_intake_time(intake, c->kind == FREE ? start : end);
    return r;
}

static int take(hy_intake *intake, const call *c, hy_error *error) {
    uint64_t size;
    int r;
    switch (c->kind) {
    case MALLOC: return hy_intake_birth(intake, HY_EVENT_MALLOC, c->block, c->first, 0, error);
    case CALLOC:
        r = hy_intake_product(c->first, c->second, &size, error);
        return r < 0 ? r : hy_intake_birth(intake, HY_EVENT_CALLOC, c->block, size, 0, error);
    case REALLOC: return hy_intake_realloc(intake, c->first, c->block, c->second, error);
    case MEMALIGN: return hy_intake_birth(intake, HY_EVENT_ALIGNED, c->block, c->second, c->first, error);
    case FREE: return hy_intake_free(intake, c->block, error);
    default:
        r = hy_intake_thread_event(intake, HY_EVENT_THREAD_END, error);
        hy_intake_thread_gone(intake);
        return r;
    }
}

static int read_line(hy_intake *intake, void *state, char *line, hy_error *error) {
    call c = {.kind = 0};
    int r;
    if ((r = parse_thread(intake, hy_word_next(&line), error)) < 0)
        return r;
    if ((r = parse_kind(hy_word_next(&line), &c.kind, error)) < 0)
        return r;
    if ((r = hy_word_address("the block", hy_word_next(&line), &c.block, error)) < 0)
        return r;
    if ((r = parse_arguments(&c, &line, error)) < 0)
        return r;
    if ((r = parse_times(intake, &c, &line, error)) < 0)
        return r;
    return take(intake, &c, error);
}

const hy_importer hy_import_android = {
    .name = "android",
    .what = "Android's malloc debug (record_allocs) and memory_replay, without times or with",
    .recognise = recognise,
    .line = read_line,
};
