/* SPDX-License-Identifier: MIT
 *
 * gbench.h - Google Benchmark for C: register, loop, arguments, threads, counters, complexity.
 *
 * gbench.cc behind it is the only C++ file of the project.  A body runs once a repetition and thread:
 *
 *     static void pair(hy_bench_state *state, void *context) {
 *         while (hy_bench_batch(state, 1024))
 *             for (int i = 0; i < 1024; i++)
 *                 ...one iteration...
 *     }
 */
#ifndef HY_GBENCH_H
#define HY_GBENCH_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct hy_bench hy_bench;             /* a registered benchmark */
typedef struct hy_bench_state hy_bench_state; /* one run of it, in one thread */
typedef void hy_bench_body(hy_bench_state *state, void *context);

typedef enum hy_bench_order { HY_BENCH_O1, HY_BENCH_OLOGN, HY_BENCH_ON, HY_BENCH_ONLOGN, HY_BENCH_OFIT } hy_bench_order;

/* `name` is copied; `context` is handed to every run of the body and must live until hy_bench_run is over. */
hy_bench *hy_bench_register(const char *name, hy_bench_body *body, void *context);
void hy_bench_argument(hy_bench *bench, int64_t argument); /* one more run, with this argument */
void hy_bench_argument_name(hy_bench *bench, const char *name);
void hy_bench_threads(hy_bench *bench, int threads); /* runs the body in so many threads at once */
void hy_bench_real_time(hy_bench *bench);            /* judge by wall time (threads that wait) */
void hy_bench_complexity(hy_bench *bench, hy_bench_order order);

/* In a body. */

/* Starts or goes on; false: enough.  The caller then does exactly `iterations` iterations. */
bool hy_bench_batch(hy_bench_state *state, int64_t iterations);
int64_t hy_bench_get_argument(const hy_bench_state *state);
int hy_bench_thread(const hy_bench_state *state);
int hy_bench_thread_count(const hy_bench_state *state);
int64_t hy_bench_iterations(const hy_bench_state *state);
void hy_bench_pause(hy_bench_state *state);
void hy_bench_resume(hy_bench_state *state);
/* Ends the run with a reason that the result shows; the body must return soon after. */
void hy_bench_refuse(hy_bench_state *state, const char *reason);
void hy_bench_counter(hy_bench_state *state, const char *name, double value);
void hy_bench_items(hy_bench_state *state, int64_t items); /* gives items per second */
void hy_bench_set_complexity(hy_bench_state *state, int64_t n);

/* Reads and removes Google Benchmark's own flags (--benchmark_…) from the arguments. */
void hy_bench_initialize(int *argc, char **argv);
/* True if unknown arguments are left; they have been named on stderr. */
bool hy_bench_unknown_arguments(int argc, char **argv);
/* Adds a line to the context of the results (JSON "context"). */
void hy_bench_add_context(const char *key, const char *value);
/* Runs what matches the filter; the number of benchmarks run. */
unsigned hy_bench_run(void);

#ifdef __cplusplus
}
#endif
#endif
