/* SPDX-License-Identifier: MIT
 *
 * gbench.cc - the shim: each function of gbench.h is one call of Google Benchmark.
 */
#include "gbench.h"

#include <benchmark/benchmark.h>

using benchmark::State;
using benchmark::internal::Benchmark;

static Benchmark *real(hy_bench *bench) {
    return reinterpret_cast<Benchmark *>(bench);
}

static State *real(hy_bench_state *state) {
    return reinterpret_cast<State *>(state);
}

static const State *real(const hy_bench_state *state) {
    return reinterpret_cast<const State *>(state);
}

hy_bench *hy_bench_register(const char *name, hy_bench_body *body, void *context) {
    Benchmark *const made = benchmark::RegisterBenchmark(
        name, [body, context](State &state) { body(reinterpret_cast<hy_bench_state *>(&state), context); });
    return reinterpret_cast<hy_bench *>(made);
}

void hy_bench_argument(hy_bench *bench, int64_t argument) {
    real(bench)->Arg(argument);
}

void hy_bench_argument_name(hy_bench *bench, const char *name) {
    real(bench)->ArgName(name);
}

void hy_bench_threads(hy_bench *bench, int threads) {
    real(bench)->Threads(threads);
}

void hy_bench_real_time(hy_bench *bench) {
    real(bench)->UseRealTime();
}

void hy_bench_complexity(hy_bench *bench, hy_bench_order order) {
    static const benchmark::BigO orders[] = {benchmark::o1, benchmark::oLogN, benchmark::oN, benchmark::oNLogN,
                                             benchmark::oAuto};
    real(bench)->Complexity(orders[order]);
}

bool hy_bench_batch(hy_bench_state *state, int64_t iterations) {
    return real(state)->KeepRunningBatch(iterations);
}

int64_t hy_bench_get_argument(const hy_bench_state *state) {
    return real(state)->range(0);
}

int hy_bench_thread(const hy_bench_state *state) {
    return real(state)->thread_index();
}

int hy_bench_thread_count(const hy_bench_state *state) {
    return real(state)->threads();
}

int64_t hy_bench_iterations(const hy_bench_state *state) {
    return real(state)->iterations();
}

void hy_bench_pause(hy_bench_state *state) {
    real(state)->PauseTiming();
}

void hy_bench_resume(hy_bench_state *state) {
    real(state)->ResumeTiming();
}

void hy_bench_refuse(hy_bench_state *state, const char *reason) {
    real(state)->SkipWithError(reason);
}

void hy_bench_counter(hy_bench_state *state, const char *name, double value) {
    real(state)->counters[name] = value;
}

void hy_bench_items(hy_bench_state *state, int64_t items) {
    real(state)->SetItemsProcessed(items);
}

void hy_bench_set_complexity(hy_bench_state *state, int64_t n) {
    real(state)->SetComplexityN(n);
}

void hy_bench_initialize(int *argc, char **argv) {
    benchmark::Initialize(argc, argv);
}

bool hy_bench_unknown_arguments(int argc, char **argv) {
    return benchmark::ReportUnrecognizedArguments(argc, argv);
}

void hy_bench_add_context(const char *key, const char *value) {
    benchmark::AddCustomContext(key, value);
}

unsigned hy_bench_run(void) {
    const size_t count = benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return static_cast<unsigned>(count);
}
