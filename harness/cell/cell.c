/* SPDX-License-Identifier: MIT
 *
 * cell.c - `heapyard-cell`, the measured child: one program, one heap, one pass, then it ends.
 *
 * Started by `heapyard replay` through exec, so that settings in the environment act, with
 *
 *     heapyard-cell PROGRAM-FD SPEC PASS TOUCH SEED MOST-BYTES CPU YARD STACK FAILURES FEED SPEED
 *
 * where PASS may also be raw or handover (self.h), CPU is the core to stay on, or -1, YARD the bytes of the region that
 * the whole heap is to lie in, or 0, STACK the bytes that the stack is to start lower (layout.h), and FAILURES after
 * how many of them the pass yard ends (0: it goes on to the end). FEED is the socket where the windows of a long trace
 * are asked for (feed.h), or 0: the program is all there; SPEED that of the open loop, or 0: there is none. What it has
 * to say goes to file descriptor 3, one fact a line:
 *
 *     version 5.3.0
 *     metric ns_per_op 12.5 ns
 *     point live 4096 2048
 *     bucket malloc 20 21 17
 *     phase 1 2 1000 4096 - 8192 8192 load
 *                             (number, times, operations, most live bytes, seconds, most resident bytes, most
 *                             committed bytes, name; "-": unknown)
 *     blob places 01a2ff      (bytes of the map pass, in hexadecimal; those of several lines are one string)
 *     outcome no-room no room for 64 bytes at operation 17 of 100
 *
 * The outcome is the last line; a child that says none has crashed.
 */
#include "registry.h"
#include "replay.h"
#include "resident.h"
#include "self.h"
#include "suitable.h"
#include "units.h"

#include <alloca.h>
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ANSWER_FD 3

typedef struct order {
    int program_fd;
    hy_text spec;
    hy_pass pass;
    hy_self self;
    hy_touch touch;
    uint64_t seed, most_bytes, yard, failures;
    size_t stack;
    int cpu, feed;
    double speed;
} order;

static int order_read(char **argv, order *ret_order, hy_error *error) {
    *ret_order = (order){.program_fd = atoi(argv[1]),
                         .spec = {argv[2], strlen(argv[2])},
                         .touch = (hy_touch)atoi(argv[4]),
                         .seed = strtoull(argv[5], NULL, 10),
                         .most_bytes = strtoull(argv[6], NULL, 10),
                         .cpu = atoi(argv[7]),
                         .yard = strtoull(argv[8], NULL, 10),
                         .stack = strtoull(argv[9], NULL, 10),
                         .failures = strtoull(argv[10], NULL, 10),
                         .feed = atoi(argv[11]),
                         .speed = strtod(argv[12], NULL)};
    if (strcmp(argv[3], "raw") == 0 || strcmp(argv[3], "handover") == 0) {
        ret_order->self = argv[3][0] == 'r' ? HY_SELF_RAW : HY_SELF_HANDOVER;
        return 0;
    }
    while (ret_order->pass < HY_PASSES && strcmp(argv[3], hy_pass_names[ret_order->pass]) != 0)
        ret_order->pass++;
    if (ret_order->pass == HY_PASSES || ret_order->touch >= HY_TOUCHES)
        return hy_fail(error, -EINVAL, "unknown pass \"%s\" or way to touch \"%s\"", argv[3], argv[4]);
    return 0;
}

static void pin(int cpu) {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET((size_t)cpu, &one);
    sched_setaffinity(0, sizeof one, &one);
}

static void say_outcome(FILE *out, const char *outcome, const char *detail) {
    fprintf(out, "outcome %s %s\n", outcome, detail);
    fflush(out);
}

static void say_version(FILE *out, const hy_instance *instance) {
    const hy_heap_ops *const ops = instance->heap->ops;
    const char *const version = ops->version ? ops->version(instance->heap) : NULL;
    fprintf(out, "version %s\n", version ? version : HY_VERSION);
    fflush(out);
}

static void run_pass(hy_replay *replay, const order *o, FILE *out, hy_ending *ret_ending) {
    if (o->self) {
        (o->self == HY_SELF_RAW ? hy_self_raw : hy_self_handover)(replay, out, ret_ending);
        return;
    }
    switch (o->pass) {
    case HY_PASS_LATENCY: (replay->speed > 0 ? hy_pass_open_loop : hy_pass_latency)(replay, out, ret_ending); break;
    case HY_PASS_FOOTPRINT: hy_pass_footprint(replay, out, ret_ending); break;
    case HY_PASS_THREADS: hy_pass_threads(replay, out, ret_ending); break;
    case HY_PASS_VERIFY: hy_pass_verify(replay, out, ret_ending); break;
    case HY_PASS_YARD: hy_pass_yard(replay, out, ret_ending); break;
    case HY_PASS_MAP: hy_pass_map(replay, out, ret_ending); break;
    default: hy_pass_throughput(replay, out, ret_ending); break;
    }
}

/* With the heap open. */
static void run_heap(const order *o, const hy_program *program, const hy_opening *opening, hy_instance *instance,
                     size_t opened_bytes, FILE *out) {
    hy_error error;
    hy_replay replay;
    hy_ending ending;
    say_version(out, instance);
    if (hy_suitable(instance, &program->head->facts, o->pass, o->most_bytes, &error) < 0) {
        say_outcome(out, "refused", error.text);
    } else if (hy_replay_start(&replay, program, instance, o->touch, &error) < 0) {
        say_outcome(out, "failed", error.text);
    } else {
        replay.opening = opening;
        replay.most_failures = o->failures;
        replay.opened_bytes = opened_bytes;
        replay.speed = o->speed;
        run_pass(&replay, o, out, &ending);
        if (program->head->streamed && strcmp(ending.outcome, "ok") == 0)
            fprintf(out, "metric windows %llu count\n", (unsigned long long)replay.windows);
        if (ending.detail[0] == '\0' && replay.most_align < HY_MALLOC_ALIGN)
            snprintf(ending.detail, sizeof ending.detail, "unaligned: blocks are aligned to %zu only",
                     replay.most_align);
        say_outcome(out, ending.outcome, ending.detail);
        hy_replay_end(&replay);
    }
}

/* The region that the heap is to lie in, or NULL: none, or the heap is one of those that hy_suitable will refuse.
 * 0 or -errno with the sentence. */
static int make_yard(const order *o, hy_pages **ret_pages, hy_error *error) {
    char size[40];
    _Alignas(16) char params[HY_PARAMS_SIZE];
    const hy_pages_ops *const ops = hy_catalog_pages(&hy_registry, (hy_text){"fixed", 5});
    const hy_heap_ops *heap = NULL;
    *ret_pages = NULL;
    if (o->yard == 0)
        return 0;
    if (hy_spec_check(&hy_registry, o->spec, &heap, error) == 0 && heap->flags & (HY_FAKE | HY_FOREIGN))
        return 0;
    if (o->yard > o->most_bytes)
        return hy_fail(error, -ENOTSUP, "a yard of %s is more than --max-heap, %s", hy_show_bytes(o->yard).text,
                       hy_show_bytes(o->most_bytes).text);
    const int length = snprintf(size, sizeof size, "size=%llu", (unsigned long long)o->yard);
    int r = hy_params_parse(ops->params, "yard", (hy_text){size, (size_t)length}, params, ops->params_size, error);
    if (r == 0 && (r = ops->create(params, ret_pages)) < 0)
        hy_fail(error, r, "no memory for a yard of %s", hy_show_bytes(o->yard).text);
    return r;
}

/* How a heap that could not be opened ends. */
static const char *outcome_of(const order *o, int error) {
    if (error == -EINVAL || error == -ENOTSUP)
        return "refused"; /* settings that do not go together */
    return o->yard && error == -ENOMEM ? "no-room" : "failed";
}

static void run_program(const order *o, const hy_program *program, FILE *out) {
    static hy_instance instance;
    hy_error error;
    hy_pages *yard = NULL;
    const bool weigh = o->pass == HY_PASS_FOOTPRINT || o->pass == HY_PASS_THREADS;
    const size_t before = weigh ? hy_resident_now() : 0;
    int r = make_yard(o, &yard, &error);
    const hy_opening opening = {
        .catalog = &hy_registry,
        .spec = o->spec,
        .options = {.data = yard, .meta = yard, .seed = o->seed, .threads = program->head->lanes > 1}};
    if (r == 0)
        r = hy_open(opening.catalog, opening.spec, &opening.options, &instance, &error);
    if (r < 0) {
        say_outcome(out, outcome_of(o, r), error.text);
    } else {
        const size_t after = weigh ? hy_resident_now() : 0;
        run_heap(o, program, &opening, &instance, after > before ? after - before : 0, out);
        hy_close(&instance);
    }
    if (yard)
        yard->ops->destroy(yard);
}

static void run(const order *o, FILE *out) {
    hy_error error;
    hy_program program;
    if (hy_program_map(o->program_fd, &program, &error) < 0) {
        say_outcome(out, "failed", error.text);
        return;
    }
    program.feed = o->feed;
    if (program.head->streamed && hy_program_next(&program, &error) < 0)
        say_outcome(out, "failed", error.text);
    else
        run_program(o, &program, out);
    hy_program_unmap(&program);
}

/* Whatever follows lies lower on the stack by so much.  Not inlined: else the room would be given back before. */
static __attribute__((noinline)) void run_lower(const order *o, FILE *out) {
    volatile char *const room = alloca(o->stack + 1);
    run(o, out);
    room[o->stack] = 0; /* it is in use until here */
}

int main(int argc, char **argv) {
    order o;
    hy_error error;
    static char buffer[1 << 16];
    FILE *const out = argc == 13 ? fdopen(ANSWER_FD, "w") : NULL;
    if (!out) {
        fputs("heapyard-cell is started by `heapyard replay`, not by hand.\n", stderr);
        return 2;
    }
    setvbuf(out, buffer, _IOFBF, sizeof buffer);
    if (order_read(argv, &o, &error) < 0) {
        say_outcome(out, "failed", error.text);
        return 0;
    }
    if (o.cpu >= 0)
        pin(o.cpu);
    run_lower(&o, out);
    return 0;
}
