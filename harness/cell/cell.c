/* SPDX-License-Identifier: MIT
 *
 * cell.c - `heapyard-cell`, the measured child: one program, one heap, one pass, then it ends.
 *
 * Started by `heapyard replay` through exec, so that settings in the environment act, with
 *
 *     heapyard-cell PROGRAM-FD SPEC PASS TOUCH SEED MOST-BYTES CPU
 *
 * where CPU is the core to stay on, or -1.  What it has to say goes to file descriptor 3, one fact a line:
 *
 *     version 5.3.0
 *     metric ns_per_op 12.5 ns
 *     point live 4096 2048
 *     bucket malloc 20 21 17
 *     outcome no-room no room for 64 bytes at operation 17 of 100
 *
 * The outcome is the last line; a child that says none has crashed.
 */
#include "registry.h"
#include "replay.h"
#include "resident.h"
#include "suitable.h"

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
    hy_touch touch;
    uint64_t seed, most_bytes;
    int cpu;
} order;

static int order_read(char **argv, order *ret_order, hy_error *error) {
    *ret_order = (order){.program_fd = atoi(argv[1]),
                         .spec = {argv[2], strlen(argv[2])},
                         .touch = (hy_touch)atoi(argv[4]),
                         .seed = strtoull(argv[5], NULL, 10),
                         .most_bytes = strtoull(argv[6], NULL, 10),
                         .cpu = atoi(argv[7])};
    while (ret_order->pass < HY_PASSES && strcmp(argv[3], hy_pass_names[ret_order->pass]) != 0)
        ret_order->pass++;
    if (ret_order->pass == HY_PASSES || ret_order->touch > HY_TOUCH_ALL)
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

static void run_pass(hy_replay *replay, hy_pass pass, FILE *out, hy_ending *ret_ending) {
    switch (pass) {
    case HY_PASS_LATENCY: hy_pass_latency(replay, out, ret_ending); break;
    case HY_PASS_FOOTPRINT: hy_pass_footprint(replay, out, ret_ending); break;
    case HY_PASS_VERIFY: hy_pass_verify(replay, out, ret_ending); break;
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
        replay.opened_bytes = opened_bytes;
        run_pass(&replay, o->pass, out, &ending);
        if (ending.detail[0] == '\0' && replay.most_align < HY_MALLOC_ALIGN)
            snprintf(ending.detail, sizeof ending.detail, "unaligned: blocks are aligned to %zu only",
                     replay.most_align);
        say_outcome(out, ending.outcome, ending.detail);
        hy_replay_end(&replay);
    }
}

static void run(const order *o, FILE *out) {
    static hy_instance instance;
    hy_error error;
    hy_program program;
    if (hy_program_map(o->program_fd, &program, &error) < 0) {
        say_outcome(out, "failed", error.text);
        return;
    }
    const hy_opening opening = {
        .catalog = &hy_registry, .spec = o->spec, .options = {.seed = o->seed, .threads = program.head->lanes > 1}};
    const bool weigh = o->pass == HY_PASS_FOOTPRINT;
    const size_t before = weigh ? hy_resident_now() : 0;
    const int opened = hy_open(opening.catalog, opening.spec, &opening.options, &instance, &error);
    if (opened == -EINVAL || opened == -ENOTSUP) { /* settings that do not go together */
        say_outcome(out, "refused", error.text);
    } else if (opened < 0) {
        say_outcome(out, "failed", error.text);
    } else {
        const size_t after = weigh ? hy_resident_now() : 0;
        run_heap(o, &program, &opening, &instance, after > before ? after - before : 0, out);
        hy_close(&instance);
    }
    hy_program_unmap(&program);
}

int main(int argc, char **argv) {
    order o;
    hy_error error;
    static char buffer[1 << 16];
    FILE *const out = argc == 8 ? fdopen(ANSWER_FD, "w") : NULL;
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
    run(&o, out);
    return 0;
}
