/* SPDX-License-Identifier: MIT
 *
 * flat_stage.c - two programs in one flat memory (see flat_stage.h).
 *
 *  1. The memory is one range of shared pages.  A monitor gives it out: as a whole (alone), to anybody who asks, as if
 *     there were only him (unbounded), or in halves, by the allocator `partitions` (bounded).
 *  2. A opens a heap in what it got, allocates a variable, writes a text into it and keeps a checksum; then it waits.
 *  3. B, if it gets memory, opens a heap of the same kind, allocates all that there is and writes to it.
 *  4. A looks at its variable again.
 *
 * Both are processes of their own, so nothing but these pages is shared; metadata of the heaps lies in them, too.
 */
#include "flat_stage.h"

#include "fixed_pages.h"
#include "memory_model.h"
#include "registry.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define GRANULE ((size_t)4096)
#define A_SAYS "A: the answer is 42; nobody else may write here"
#define B_BLOCK ((size_t)64)

const char *const hy_flat_names[] = {"alone", "unbounded", "bounded", NULL};

typedef struct stage {
    const char *spec;
    char *memory;
    size_t size;
    hy_flat_outcome *outcome; /* shared, as the memory is */
    hy_error *failure;        /* shared: what a program could not do */
} stage;

static uint64_t checksum(const char *text) {
    uint64_t sum = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
    for (size_t i = 0; i < HY_FLAT_TEXT; i++)
        sum = (sum ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
    return sum;
}

/* -------------------------------------------------------------------------------------------------------- programs
 * ---- */

static int open_heap(const stage *s, const hy_flat_program *program, hy_instance *ret) {
    hy_pages *pages;
    if (hy_fixed_pages_over(s->memory + program->base, program->limit, GRANULE, &pages) < 0)
        return hy_fail(s->failure, -ENOMEM, "no memory for a page source");
    return hy_open(&hy_registry, (hy_text){s->spec, strlen(s->spec)},
                   &(hy_open_options){.data = pages, .meta = pages, .seed = 1}, ret, s->failure);
}

_Noreturn static void program_a(const stage *s, int say, int hear) {
    static hy_instance heap;
    hy_flat_outcome *const o = s->outcome;
    if (open_heap(s, &o->a, &heap) < 0)
        _exit(1);
    char *const variable = hy_alloc(heap.heap, HY_FLAT_TEXT, 1), word;
    if (!variable) {
        hy_fail(s->failure, -ENOMEM, "%s has no room for %d bytes in %zu", s->spec, HY_FLAT_TEXT, o->a.limit);
        _exit(1);
    }
    memset(variable, 0, HY_FLAT_TEXT);
    memcpy(variable, A_SAYS, sizeof A_SAYS);
    o->a.blocks = 1;
    o->variable = (size_t)(variable - s->memory);
    memcpy(o->before, variable, HY_FLAT_TEXT);
    o->checksum_before = checksum(variable);
    if (write(say, "", 1) != 1 || read(hear, &word, 1) != 1)
        _exit(1);
    memcpy(o->after, variable, HY_FLAT_TEXT);
    o->checksum_after = checksum(variable);
    _exit(0);
}

_Noreturn static void program_b(const stage *s) {
    static hy_instance heap;
    if (open_heap(s, &s->outcome->b, &heap) < 0)
        _exit(1);
    for (char *block; (block = hy_alloc(heap.heap, B_BLOCK, 1)) && s->outcome->b.blocks < s->size / B_BLOCK;) {
        memset(block, 'B', B_BLOCK - 1);
        block[B_BLOCK - 1] = '\0';
        s->outcome->b.blocks++;
    }
    _exit(0);
}

/* --------------------------------------------------------------------------------------------------------- monitor
 * ---- */

/* Single contiguous allocation: the first owns all, the second is refused. */
static int admit_alone(stage *s, hy_error *error) {
    const hy_model flat = {.kind = HY_MODEL_FLAT, .unit = 1};
    hy_memory *monitor;
    const int r = hy_flat_memory_ops.create(&flat, s->size, 2, &monitor, error);
    if (r < 0)
        return r;
    s->outcome->a.limit = monitor->ops->take(monitor, 0, 1, 1);
    s->outcome->b.limit = monitor->ops->take(monitor, 1, 1, 1);
    monitor->ops->destroy(monitor);
    return 0;
}

/* Two partitions, each told its base and limit. */
static int admit_bounded(stage *s, hy_error *error) {
    char spec[64];
    hy_pages *pages;
    hy_instance halves;
    snprintf(spec, sizeof spec, "partitions:block=%zu", s->size / 2);
    int r = hy_fixed_pages_over(s->memory, s->size, GRANULE, &pages);
    if (r < 0)
        return hy_fail(error, r, "no memory for a page source");
    r = hy_open(&hy_registry, (hy_text){spec, strlen(spec)}, &(hy_open_options){.data = pages}, &halves, error);
    hy_flat_program *const both[] = {&s->outcome->a, &s->outcome->b};
    for (size_t i = 0; r == 0 && i < 2; i++) {
        char *const base = hy_alloc(halves.heap, s->size / 2, 1);
        both[i]->base = base ? (size_t)(base - s->memory) : 0;
        both[i]->limit = base ? halves.heap->ops->usable_size(halves.heap, base) : 0;
    }
    if (r == 0)
        hy_close(&halves);
    pages->ops->destroy(pages);
    return r;
}

static int admit(stage *s, hy_flat_act act, hy_error *error) {
    hy_flat_program *const a = &s->outcome->a, *const b = &s->outcome->b;
    int r = 0;
    if (act == HY_FLAT_ALONE)
        r = admit_alone(s, error);
    else if (act == HY_FLAT_BOUNDED)
        r = admit_bounded(s, error);
    else
        a->limit = b->limit = s->size; /* nobody keeps account */
    a->admitted = a->limit > 0;
    b->admitted = b->limit > 0;
    const size_t from = a->base > b->base ? a->base : b->base;
    const size_t a_end = a->base + a->limit, b_end = b->base + b->limit, to = a_end < b_end ? a_end : b_end;
    s->outcome->overlap = b->admitted && to > from ? to - from : 0;
    return r;
}

/* ------------------------------------------------------------------------------------------------------------ play
 * ---- */

static int reap(pid_t pid, hy_flat_program *program) {
    int status = 0;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -errno;
    program->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    return WIFEXITED(status) && WEXITSTATUS(status) != 0 ? -ECANCELED : 0;
}

static pid_t start_a(const stage *s, int *ret_hear, int *ret_say) {
    int ready[2], go[2];
    if (pipe2(ready, O_CLOEXEC) < 0 || pipe2(go, O_CLOEXEC) < 0)
        return -1;
    const pid_t pid = fork();
    if (pid == 0) {
        close(ready[0]);
        close(go[1]);
        program_a(s, ready[1], go[0]);
    }
    close(ready[1]);
    close(go[0]);
    *ret_hear = ready[0];
    *ret_say = go[1];
    return pid;
}

static int play(const stage *s, hy_error *error) {
    int hear = -1, say = -1, r = 0;
    char word;
    const pid_t a = start_a(s, &hear, &say);
    if (a < 0)
        return hy_fail(error, -errno, "cannot make a process: %s", strerror(errno));
    const bool ready = read(hear, &word, 1) == 1;
    if (ready && s->outcome->b.admitted) {
        const pid_t b = fork();
        if (b == 0)
            program_b(s);
        r = b < 0 ? -errno : reap(b, &s->outcome->b);
    }
    const bool told = ready && write(say, "", 1) == 1;
    close(say);
    close(hear);
    const int ended = reap(a, &s->outcome->a);
    if (ready && told && r == 0 && ended == 0)
        return 0;
    return hy_fail(error, -ECANCELED, "%s", s->failure->text[0] ? s->failure->text : "a program ended too early");
}

int hy_flat_play(hy_flat_act act, const char *spec, size_t memory, hy_flat_outcome *ret, hy_error *error) {
    const hy_heap_ops *ops;
    int r = hy_spec_check(&hy_registry, (hy_text){spec, strlen(spec)}, &ops, error);
    if (r < 0)
        return r;
    if (ops->flags & HY_FOREIGN)
        return hy_fail(error, -ENOTSUP, "%s takes its memory where it likes; a heap of our own is needed", spec);
    const size_t shared = memory + 2 * GRANULE;
    char *const range = mmap(NULL, shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (range == MAP_FAILED)
        return hy_fail(error, -errno, "no memory of %zu bytes: %s", memory, strerror(errno));
    stage s = {.spec = spec,
               .memory = range,
               .size = memory,
               .outcome = (hy_flat_outcome *)(void *)(range + memory),
               .failure = (hy_error *)(void *)(range + memory + GRANULE)};
    r = admit(&s, act, error);
    if (r == 0)
        r = play(&s, error);
    if (r == 0)
        *ret = *s.outcome;
    munmap(range, shared);
    return r;
}
