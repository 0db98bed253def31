/* SPDX-License-Identifier: MIT
 *
 * placements.c - `placements OPERATIONS TRACE...`: one policy places every block alike, whatever structure holds the
 * holes.
 *
 * Each policy runs on all its structures side by side, operation by operation (0: all of a trace; else so many from its
 * start).  Where a block lies is told from where the heap's first range does; each heap has one run.  One line of TAP
 * for a trace and a policy; the first difference is named.
 */
#include "compile.h"
#include "registry.h"
#include "replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 8 };

/* A policy, and everything that must decide like the first of the list. */
typedef struct group {
    const char *policy;
    const char *specs[MOST]; /* ends with NULL */
} group;

#define FIT(policy, more) "fit:policy=" policy ",order=address," more

static const group groups[] = {
    {"first fit",
     {FIT("first", "structure=address-tree"), FIT("first", "structure=implicit"), FIT("first", "structure=list"),
      FIT("first", "structure=address-tree,metadata=header")}},
    {"next fit",
     {FIT("next", "structure=address-tree"), FIT("next", "structure=implicit"), FIT("next", "structure=list"),
      FIT("next", "structure=address-tree,metadata=header")}},
    {"best fit",
     {FIT("best", "structure=size-tree"), FIT("best", "structure=implicit"), FIT("best", "structure=list"),
      FIT("best", "structure=bins")}},
    {"worst fit",
     {FIT("worst", "structure=size-tree"), FIT("worst", "structure=address-tree"), FIT("worst", "structure=implicit"),
      FIT("worst", "structure=list"), FIT("worst", "structure=bins"),
      FIT("worst", "structure=address-tree,metadata=header")}},
    {"first fit with merging put off",
     {FIT("first", "structure=address-tree,merge=every:64"), FIT("first", "structure=list,merge=every:64"),
      FIT("first", "structure=address-tree,metadata=header,merge=every:64")}},
    {"best fit with merging put off",
     {FIT("best", "structure=size-tree,merge=slice:2"), FIT("best", "structure=list,merge=slice:2"),
      FIT("best", "structure=bins,merge=slice:2")}},
};

/* One heap at work. */
typedef struct subject {
    const char *spec;
    hy_instance instance;
    hy_replay replay;
    uintptr_t start; /* of its first range; 0: it has none yet */
} subject;

static int note_start(void *context, const hy_range *range) {
    *(uintptr_t *)context = range->start;
    return 1;
}

/* Does one operation; where its block lies, from the start of the heap. */
static size_t step(subject *s, const hy_op *op) {
    void *const block = hy_op_obtain(&s->replay, op);
    if (!block)
        return SIZE_MAX;
    if (s->start == 0)
        s->instance.heap->ops->walk(s->instance.heap, note_start, &s->start);
    s->replay.slot[op->slot] = block;
    hy_touch_block(block, op->size, HY_TOUCH_FIRST);
    return (uintptr_t)block - s->start;
}

/* An operation on all heaps.  False: some block lies elsewhere, or there is no room; both have been said. */
static bool step_all(subject *subjects, size_t count, const hy_op *op, size_t number) {
    if (op->kind == HY_OP_FREE) {
        for (subject *s = subjects; s < subjects + count; s++)
            s->instance.heap->ops->free(s->instance.heap, s->replay.slot[op->slot], 0);
        return true;
    }
    const size_t wanted = step(subjects, op);
    for (size_t i = 0; i < count; i++) {
        const size_t got = i == 0 ? wanted : step(&subjects[i], op);
        if (got == wanted && got != SIZE_MAX)
            continue;
        printf("# operation %zu, %llu bytes: %s places them at +0x%zx, %s at +0x%zx\n", number,
               (unsigned long long)op->size, subjects[0].spec, wanted, subjects[i].spec, got);
        return false;
    }
    return true;
}

/* What every heap's own check says at the end. */
static bool are_sound(const subject *subjects, size_t count) {
    for (const subject *s = subjects; s < subjects + count; s++) {
        const char *const wrong = s->instance.heap->ops->check(s->instance.heap);
        if (wrong)
            printf("# %s: %s\n", s->spec, wrong);
        if (wrong)
            return false;
    }
    return true;
}

static bool run(subject *subjects, size_t count, const hy_program *program, size_t most, size_t *ret_placed) {
    const hy_op *end, *const start = hy_program_lane(program, 0, &end);
    size_t placed = 0, number = 0;
    for (const hy_op *op = start; op != end && (most == 0 || number < most); op++) {
        if (op->kind > HY_OP_FREE)
            continue;
        if (!step_all(subjects, count, op, ++number))
            return false;
        placed += op->kind != HY_OP_FREE;
    }
    *ret_placed = placed;
    return are_sound(subjects, count);
}

static bool open_subject(subject *s, const char *spec, const hy_program *program) {
    hy_error error = {""};
    *s = (subject){.spec = spec};
    bool opened = hy_open(&hy_registry, (hy_text){spec, strlen(spec)}, NULL, &s->instance, &error) == 0;
    if (opened && hy_replay_start(&s->replay, program, &s->instance, HY_TOUCH_FIRST, &error) < 0) {
        hy_close(&s->instance);
        opened = false;
    }
    if (!opened)
        printf("# %s\n", error.text);
    return opened;
}

static bool compare(const group *g, const hy_program *program, size_t most, size_t *ret_placed, size_t *ret_count) {
    static subject subjects[MOST];
    size_t count = 0;
    bool same = true;
    for (; same && g->specs[count]; count += same)
        same = open_subject(&subjects[count], g->specs[count], program);
    same = same && run(subjects, count, program, most, ret_placed);
    *ret_count = count;
    while (count-- > 0) {
        hy_replay_end(&subjects[count].replay);
        hy_close(&subjects[count].instance);
    }
    return same;
}

static bool compare_trace(const char *path, size_t most, unsigned *number) {
    int fd = -1;
    hy_program program;
    hy_error error = {""};
    bool same = true;
    if (hy_compile_trace(path, HY_FORM_SERIAL, &fd, &error) < 0 || hy_program_map(fd, &program, &error) < 0) {
        printf("not ok %u - %s: %s\n", ++*number, path, error.text);
        return false;
    }
    for (const group *g = groups; g < groups + sizeof groups / sizeof *groups; g++) {
        size_t placed = 0, count = 0;
        const bool good = compare(g, &program, most, &placed, &count);
        const char *const slash = strrchr(path, '/'), *const name = slash ? slash + 1 : path;
        printf("%s %u - %s: %s places %zu blocks alike in %zu ways\n", good ? "ok" : "not ok", ++*number, name,
               g->policy, placed, count);
        fflush(stdout);
        same = same && good;
    }
    hy_program_unmap(&program);
    return same;
}

int main(int argc, char **argv) {
    unsigned number = 0;
    bool same = true;
    if (argc < 3) {
        fprintf(stderr, "usage: placements OPERATIONS TRACE...\n");
        return 2;
    }
    for (int i = 2; i < argc; i++)
        same = compare_trace(argv[i], strtoul(argv[1], NULL, 10), &number) && same;
    printf("1..%u\n", number);
    return same ? 0 : 1;
}
