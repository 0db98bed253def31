/* SPDX-License-Identifier: MIT
 *
 * replay_options.c - the command line of `heapyard replay`, with its defaults (see replay_options.h).
 */
#include "replay_options.h"

#include "ceiling.h"

#include "bootstrap.h"
#include "registry.h"
#include "rounds.h"
#include "trials.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    OPTION_PASS = 256,
    OPTION_VERIFY,
    OPTION_YARD,
    OPTION_TOUCH,
    OPTION_TIMEOUT,
    OPTION_HEAP,
    OPTION_SEED,
    OPTION_RESUME,
    OPTION_FORMAT,
    OPTION_THREADS,
    OPTION_LAYOUT,
    OPTION_PRECISION,
    OPTION_BUDGET,
    OPTION_OPEN_LOOP,
    OPTION_WINDOW,
    OPTION_SELF_CHECK
};

static const struct argp_option table[] = {
    {"allocators", 'a', "SPEC,…", 0, "what to measure (replay: every allocator that can be opened here)", 0},
    {"repetitions", 'r', "N", 0,
     "of throughput and latency, 1 to 1000 (5; replay: more where there are many to compare)", 0},
    {"precision", OPTION_PRECISION, "SHARE", 0,
     "as many repetitions as make an interval's half width so small, judged by 7 of them: 2%", 0},
    {"budget", OPTION_BUDGET, "TIME", 0, "as many repetitions as all passes together have time for: 10m", 0},
    {"pass", OPTION_PASS, "NAME,…", 0, "throughput, latency, footprint, verify, yard, map, threads (the first three)",
     0},
    {"verify", OPTION_VERIFY, NULL, 0, "also check the contents of every block", 0},
    {"yard", OPTION_YARD, "SIZE", 0,
     "also count the requests that fail where the whole heap lies in so much memory: 64M, or 1.1x of the most live "
     "bytes",
     0},
    {"touch", OPTION_TOUCH, "WHAT", 0,
     "of each new block: none, first, page, all; +read: and reads it again before it is freed (first)", 0},
    {"threads", OPTION_THREADS, "HOW", 0,
     "faithful: as many as the trace has, kept together; free-running: each as fast as it can; serial: one (faithful)",
     0},
    {"open-loop", OPTION_OPEN_LOOP, "SPEED", OPTION_ARG_OPTIONAL,
     "latency at the recorded times, or so many times as fast; a late start counts (1)", 0},
    {"window", OPTION_WINDOW, "N", 0, "operations that are ready at once; a longer trace is streamed (4M above 8M)", 0},
    {"self-check", OPTION_SELF_CHECK, NULL, 0,
     "what the replayer itself costs on this trace; measures no allocator and stores nothing", 0},
    {"layout", OPTION_LAYOUT, "HOW", 0, "of each timed process: random stack and environment, or fixed (random)", 0},
    {"timeout", OPTION_TIMEOUT, "TIME", 0, "of one cell (20s)", 0},
    {"max-heap", OPTION_HEAP, "SIZE", 0, "memory that one cell may take (4G, or half of this machine's)", 0},
    {"seed", OPTION_SEED, "N", 0, "orders the cells and seeds the allocators (random)", 0},
    {"output", 'o', "FILE", 0, "the results database (results/local/results.db)", 0},
    {"resume", OPTION_RESUME, NULL, 0, "go on with the last campaign of the same command", 0},
    {"format", OPTION_FORMAT, "WORD", 0, "of the answer: text, csv, json or markdown (text)", 0},
    {0},
};

/* ------------------------------------------------------------------------------------------------ single options ----
 */

/* The place of `word` in `words`, or -1 after saying what was expected. */
static int word_index(const char *what, const char *word, size_t size, const char *const *words) {
    char expected[256] = "";
    for (int i = 0; words[i]; i++) {
        if (strlen(words[i]) == size && memcmp(words[i], word, size) == 0)
            return i;
        const size_t used = strlen(expected);
        snprintf(expected + used, sizeof expected - used, "%s%s", i ? ", " : "", words[i]);
    }
    cmd_fail("unknown %s \"%.*s\"; expected %s%s", what, (int)size, word, expected,
             hy_did_you_mean(word, size, words, NULL).text);
    return -1;
}

static int read_passes(const char *list, bool *ret_pass) {
    const char *names[HY_PASSES + 1];
    memcpy(names, hy_pass_names, sizeof names);
    names[HY_PASS_CONTROL] = NULL; /* the last; see replay_options_add_control */
    for (size_t size; *list; list += size + (list[size] == ',')) {
        size = strcspn(list, ",");
        const int pass = word_index("pass", list, size, names);
        if (pass < 0)
            return -EINVAL;
        ret_pass[pass] = true;
    }
    return 0;
}

static int read_timeout(const char *text, uint64_t *ret_time) {
    if (hy_parse_time(text, ret_time) == 0 && *ret_time >= 1000000)
        return 0;
    cmd_fail("--timeout is \"%s\"; expected a time of 1ms or more, as in 20s", text);
    return -EINVAL;
}

static int read_heap(const char *text, uint64_t *ret_bytes) {
    if (hy_parse_size(text, ret_bytes) == 0 && *ret_bytes >= 1 << 20)
        return 0;
    cmd_fail("--max-heap is \"%s\"; expected a size of 1M or more, as in 4G", text);
    return -EINVAL;
}

/* "64M" or "1.1x" */
static int read_yard(const char *text, hy_yard *ret_yard) {
    char *end = NULL;
    const double ratio = strtod(text, &end);
    hy_yard yard = {.ratio = 0};
    if (end != text && strcmp(end, "x") == 0 && ratio > 0 && ratio <= 1e6)
        yard.ratio = ratio;
    else if (hy_parse_size(text, &yard.bytes) < 0 || yard.bytes == 0) {
        cmd_fail("--yard is \"%s\"; expected a size, as in 64M, or a multiple of the most live bytes, as in 1.1x",
                 text);
        return -EINVAL;
    }
    *ret_yard = yard;
    return 0;
}

static int read_touch(const char *word, hy_touch *ret_touch) {
    static const char *const words[] = {"none",       "first",     "page",     "all", "none+read",
                                        "first+read", "page+read", "all+read", NULL};
    const int i = word_index("way to touch blocks", word, strlen(word), words);
    *ret_touch = i < 0 ? HY_TOUCH_FIRST : (hy_touch)i;
    return i < 0 ? -EINVAL : 0;
}

static int read_threads(const char *word, hy_form *ret_form) {
    static const char *const words[] = {"serial", "faithful", "free-running", NULL};
    const int i = word_index("way to replay threads", word, strlen(word), words);
    *ret_form = i < 0 ? HY_FORM_FAITHFUL : (hy_form)i;
    return i < 0 ? -EINVAL : 0;
}

/* "2x", "2", or NULL: as it was */
static int read_speed(const char *text, double *ret_speed) {
    char *end = NULL;
    const double speed = text ? strtod(text, &end) : 1;
    if (!text || (end != text && speed >= 1e-3 && speed <= 1e6 && (*end == '\0' || strcmp(end, "x") == 0))) {
        *ret_speed = speed;
        return 0;
    }
    cmd_fail("--open-loop is \"%s\"; expected how many times as fast as it was recorded, as in 2x", text);
    return -EINVAL;
}

/* "256K": powers of 1024, as everywhere */
static int read_window(const char *text, uint64_t *ret_window) {
    if (hy_parse_size(text, ret_window) == 0 && *ret_window >= 16 && *ret_window <= UINT32_MAX / 4)
        return 0;
    cmd_fail("--window is \"%s\"; expected a number of operations from 16 to 1G, as in 4M", text);
    return -EINVAL;
}

static int read_layout(const char *word, hy_layout_kind *ret_layout) {
    hy_error error;
    const int i = word_index("layout", word, strlen(word), hy_layout_names);
    if (i < 0)
        return -EINVAL;
    *ret_layout = (hy_layout_kind)i;
    if (hy_layout_check(*ret_layout, &error) == 0)
        return 0;
    cmd_fail("%s", error.text);
    return -EINVAL;
}

/* ------------------------------------------------------------------------------------------------- all of them ---- */

void replay_options_add_trace(hy_replay_options *o, char *path) {
    cmd_add_path(&o->traces, &o->trace_count, path);
}

static error_t parse_option(int key, char *text, struct argp_state *state) {
    hy_replay_options *const o = state->input;
    int r = 0;
    switch (key) {
    case 'a': r = cmd_add_specs(&o->specs, text); break;
    case 'r':
        r = cmd_unsigned("--repetitions", text, 1, 1000, &o->plan.repetitions);
        o->repetitions_given = true;
        break;
    case OPTION_PRECISION: r = cmd_precision(text, &o->plan.precision); break;
    case OPTION_BUDGET: r = cmd_budget(text, &o->plan.budget); break;
    case 'o': o->database = text; break;
    case OPTION_PASS:
        r = read_passes(text, o->plan.pass);
        o->passes_given = true;
        break;
    case OPTION_VERIFY: o->plan.pass[HY_PASS_VERIFY] = true; break;
    case OPTION_YARD:
        r = read_yard(text, &o->plan.yard);
        o->plan.pass[HY_PASS_YARD] = true;
        break;
    case OPTION_TOUCH: r = read_touch(text, &o->plan.touch); break;
    case OPTION_THREADS: r = read_threads(text, &o->plan.threads); break;
    case OPTION_OPEN_LOOP: r = read_speed(text, &o->plan.open_loop); break;
    case OPTION_WINDOW: r = read_window(text, &o->plan.window); break;
    case OPTION_SELF_CHECK: o->self_check = true; break;
    case OPTION_LAYOUT: r = read_layout(text, &o->plan.layout); break;
    case OPTION_TIMEOUT: r = read_timeout(text, &o->plan.timeout); break;
    case OPTION_HEAP: r = read_heap(text, &o->plan.most_bytes); break;
    case OPTION_SEED: r = cmd_number("--seed", text, 0, INT64_MAX, &o->plan.seed); break;
    case OPTION_RESUME: o->plan.resume = true; break;
    case OPTION_FORMAT: r = cmd_format(text, &o->format); break;
    case ARGP_KEY_ARG: replay_options_add_trace(o, text); break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return r < 0 ? EINVAL : 0;
}

static uint64_t random_seed(void) {
    return hy_host_default.entropy() >> 33; /* short enough to be typed again */
}

void replay_options_start(int argc, char **argv, hy_replay_options *o) {
    const uint64_t half = hy_ceiling(), most = (uint64_t)4 << 30;
    *o = (hy_replay_options){.database = "results/local/results.db"};
    o->plan.repetitions = 5;
    o->plan.touch = HY_TOUCH_FIRST;
    o->plan.threads = HY_FORM_FAITHFUL;
    o->plan.timeout = 20000000000u;
    o->plan.most_bytes = half < most ? half : most;
    o->plan.seed = random_seed();
    cmd_typed(argc, argv, o->command, sizeof o->command);
}

static void add_spec(hy_specs *specs, size_t place, const char *text) {
    char **const grown = realloc(specs->text, (specs->count + 1) * sizeof *grown);
    if (!grown)
        abort();
    specs->text = grown;
    memmove(grown + place + 1, grown + place, (specs->count - place) * sizeof *grown);
    grown[place] = strdup(text);
    specs->count++;
}

/* Everyone who can be opened; an allocator of this list that this build does not have is left out. */
static void add_default_specs(hy_specs *specs) {
    static const char *const names[] = {"bump-wrap",  "bump",   "region",   "first-fit", "best-fit",
                                        "segregated", "system", "jemalloc", "mimalloc",  "tcmalloc"};
    enum { COUNT = sizeof names / sizeof *names };
    static hy_probed probed[COUNT];
    const char *known[COUNT];
    size_t count = 0;
    hy_error error;
    for (size_t i = 0; i < COUNT; i++)
        if (hy_catalog_heap(&hy_registry, (hy_text){names[i], strlen(names[i])}))
            known[count++] = names[i];
    if (hy_probe(known, count, probed, &error) < 0)
        return;
    for (size_t i = 0; i < count; i++)
        if (probed[i].ok)
            add_spec(specs, specs->count, known[i]);
}

/* `null`, the harness measuring itself, is always there and always first; nobody is there twice. */
static void arrange_specs(hy_specs *specs) {
    add_spec(specs, 0, "null");
    cmd_drop_doubles(specs);
}

const struct argp replay_argp = {
    .options = table,
    .parser = parse_option,
    .args_doc = "TRACE…",
    .doc = "Replays traces on allocators: a fresh process for each cell, in random order, stored at once.",
};

int replay_options_finish(hy_replay_options *o, const char *command) {
    if (o->trace_count == 0)
        return cmd_fail("no trace to replay; expected heapyard %s TRACE… (`heapyard record` makes them)", command);
    if (o->format == HY_FORMAT_GBENCH)
        return cmd_fail("%s answers as text, csv, json or markdown; gbench is what `heapyard bench` answers", command);
    if (o->plan.pass[HY_PASS_YARD] && o->plan.yard.bytes == 0 && o->plan.yard.ratio == 0)
        return cmd_fail("the pass yard needs a size; expected --yard 64M, or --yard 1.1x (of the most live bytes)");
    if (hy_rounds_are_open(&o->plan) && o->repetitions_given)
        return cmd_fail("--repetitions says how many there are, --precision and --budget have it found out; "
                        "expected one or the other");
    arrange_specs(&o->specs);
    if (!o->passes_given)
        o->plan.pass[HY_PASS_THROUGHPUT] = o->plan.pass[HY_PASS_LATENCY] = o->plan.pass[HY_PASS_FOOTPRINT] = true;
    if (o->self_check && strcmp(command, "replay") != 0)
        return cmd_fail("--self-check is of the replayer alone; expected heapyard replay TRACE… --self-check");
    if (o->plan.open_loop > 0 && !o->plan.pass[HY_PASS_LATENCY])
        return cmd_fail("--open-loop is about the pass latency, which is not measured here");
    if (hy_rounds_are_open(&o->plan) && !o->plan.pass[HY_PASS_THROUGHPUT])
        return cmd_fail("--precision and --budget are about rounds of the pass throughput, which --pass leaves out");
    o->plan.traces = o->traces;
    o->plan.trace_count = o->trace_count;
    o->plan.specs = o->specs.text;
    o->plan.spec_count = o->specs.count;
    o->plan.command = o->command;
    if (hy_rounds_are_open(&o->plan) && o->plan.most_latency == 0)
        o->plan.most_latency = HY_ROUNDS_PILOT; /* the rest of the time is for what verdicts are about */
    return 0;
}

void replay_options_add_control(hy_replay_options *o, size_t spec) {
    const bool enough = hy_rounds_are_open(&o->plan) || o->plan.repetitions >= HY_BOOTSTRAP_LEAST;
    o->plan.control = spec;
    o->plan.pass[HY_PASS_CONTROL] = o->plan.pass[HY_PASS_THROUGHPUT] && enough;
}

/* Rounds from which on a verdict is possible, however many are compared. */
static unsigned rounds_for_verdicts(const hy_campaign_plan *plan) {
    size_t candidates = 0;
    for (size_t i = 0; i < plan->spec_count; i++)
        candidates += !hy_spec_is_limit(plan->specs[i]);
    const size_t family = candidates > 1 ? (candidates - 1) * plan->trace_count : 1;
    return (unsigned)hy_judge_least_rounds(family, HY_RULES_DEFAULT.alpha);
}

int replay_options_read(int argc, char **argv, hy_replay_options *ret_options) {
    hy_replay_options *const o = ret_options;
    replay_options_start(argc, argv, o);
    const int r = cmd_parse(&replay_argp, argc, argv, o);
    if (r != 0)
        return r;
    if (o->specs.count == 0 && o->trace_count > 0 && !o->self_check)
        add_default_specs(&o->specs);
    const int finished = replay_options_finish(o, "replay");
    if (finished == 0 && !o->repetitions_given)
        o->plan.repetitions = rounds_for_verdicts(&o->plan);
    if (finished == 0)
        replay_options_add_control(o, hy_campaign_baseline(&o->plan));
    return finished;
}

void replay_options_free(hy_replay_options *options) {
    cmd_free_specs(&options->specs);
    free(options->traces);
}
