/* SPDX-License-Identifier: MIT
 *
 * run_suite.c - see run_suite.h.
 *
 *   1. The suite, the allocators and the names of programs are checked before anything runs.
 *   2. Each program is measured by itself, in the order of the suite, with a seed of its own that follows from the
 *      campaign's: one that is measured alone is measured as it is among others.
 *   3. One that cannot be measured is kept with the reason, and the others go on.
 */
#include "run_suite.h"

#include "machine.h"
#include "measure.h"
#include "program_campaign.h"
#include "random.h"
#include "suite_place.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

static const char usual_allocators[] = "system,jemalloc,mimalloc,tcmalloc,segregated";

typedef struct tour {
    const hy_run_compare *asked;
    const hy_specs *specs;
    hy_serving *serving; /* of each spec */
    unsigned rounds;
    hy_suite suite;
    char file[HY_PATH_SIZE], folder[HY_PATH_SIZE], work[HY_PATH_SIZE];
    const volatile sig_atomic_t *stop;
    hy_store *store;
    int64_t campaign;
    uint64_t seed;
    size_t measured, skipped, failed, missing, runs;
} tour;

/* -------------------------------------------------------------------------------------------------------- suite ----
 */

static char *read_file(const char *path, size_t *ret_size, hy_error *error) {
    FILE *const in = fopen(path, "re");
    char *text = NULL;
    size_t size = 0;
    FILE *const out = in ? open_memstream(&text, &size) : NULL;
    char piece[4096];
    for (size_t got; in && out && (got = fread(piece, 1, sizeof piece, in)) > 0;)
        fwrite(piece, 1, got, out);
    const bool bad = !in || !out || ferror(in);
    const int why = errno;
    if (out)
        fclose(out);
    if (in)
        fclose(in);
    if (bad) {
        free(text);
        hy_fail(error, -why, "%s: cannot be read: %s", path, strerror(why));
        return NULL;
    }
    *ret_size = size;
    return text;
}

/* -ENOENT with a sentence that names the suites which come with heapyard. */
static int fail_unknown(const char *given, hy_error *error) {
    char path[HY_PATH_SIZE], names[256] = "";
    glob_t found = {.gl_pathc = 0};
    if (hy_find_part(HY_PART_SUITE, "real.suite", path, error) < 0)
        return -ENOENT;
    snprintf(strrchr(path, '/'), sizeof "/*.suite", "/*.suite");
    glob(path, 0, NULL, &found);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        const char *const name = strrchr(found.gl_pathv[i], '/') + 1;
        const size_t used = strlen(names);
        snprintf(names + used, sizeof names - used, "%.*s, ", (int)(strlen(name) - strlen(".suite")), name);
    }
    globfree(&found);
    return hy_fail(error, -ENOENT, "no suite \"%s\" comes with heapyard; expected %sor a file: ./%s", given, names,
                   given);
}

/* A name without / is that of a shipped suite. */
static int find_suite(tour *t, hy_error *error) {
    char name[HY_PATH_SIZE];
    const char *const given = t->asked->suite, *const dot = strrchr(given, '.');
    int r = 0;
    if (strchr(given, '/')) {
        snprintf(t->file, sizeof t->file, "%s", given);
    } else {
        snprintf(name, sizeof name, "%s%s", given, dot && strcmp(dot, ".suite") == 0 ? "" : ".suite");
        if (hy_find_part(HY_PART_SUITE, name, t->file, error) < 0)
            return fail_unknown(given, error);
    }
    char *const real = realpath(t->file, NULL);
    if (!real)
        return hy_fail(error, -errno, "%s: %s", t->file, strerror(errno));
    snprintf(t->folder, sizeof t->folder, "%.*s", (int)(strrchr(real, '/') - real), real);
    free(real);
    size_t size;
    char *const text = read_file(t->file, &size, error);
    r = text ? hy_suite_parse(text, size, t->file, &t->suite, error) : -EIO;
    free(text);
    return r;
}

static int check_name(const tour *t, const char *name, hy_error *error) {
    if (hy_suite_find(&t->suite, name))
        return 0;
    const char **const names = calloc(t->suite.count + 1, sizeof *names);
    if (!names)
        abort();
    for (size_t i = 0; i < t->suite.count; i++)
        names[i] = t->suite.program[i].name;
    hy_fail(error, -ENOENT, "%s has no program \"%s\"%s", t->file, name,
            hy_did_you_mean(name, strlen(name), names, NULL).text);
    free(names);
    return -ENOENT;
}

/* Each allocator can be a program's malloc, and is there: shown with a program that every machine has.  What serves is
 * found now, as paths may be seen from this folder. */
static int plan_serving(tour *t, hy_error *error) {
    char shell[] = "/bin/sh";
    char *const any[] = {shell, NULL};
    int r = 0;
    t->serving = calloc(t->specs->count, sizeof *t->serving);
    if (!t->serving)
        abort();
    for (size_t i = 0; r == 0 && i < t->specs->count; i++) {
        r = hy_serving_plan(t->specs->text[i], &t->serving[i], error);
        if (r == 0)
            r = hy_serving_prove(&t->serving[i], any, error);
    }
    return r;
}

/* ------------------------------------------------------------------------------------------------------ folders ----
 */

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *where) {
    (void)status;
    (void)kind;
    (void)where;
    remove(path);
    return 0;
}

/* The folder for all programs: the one that was named and is kept, or one that goes away afterwards. */
static int make_work(tour *t, hy_error *error) {
    char path[HY_PATH_SIZE];
    const char *const temporary = getenv("TMPDIR");
    snprintf(path, sizeof path, "%s/heapyard-suite-XXXXXX", temporary ? temporary : "/tmp");
    const char *const made = t->asked->work ? t->asked->work : mkdtemp(path);
    if (!made || (t->asked->work && mkdir(made, 0777) != 0 && errno != EEXIST))
        return hy_fail(error, -errno, "%s: %s", made ? made : path, strerror(errno));
    char *const real = realpath(made, NULL);
    if (!real)
        return hy_fail(error, -errno, "%s: %s", made, strerror(errno));
    snprintf(t->work, sizeof t->work, "%s", real);
    free(real);
    return 0;
}

static void remove_work(const tour *t) {
    if (!t->asked->work && t->work[0])
        nftw(t->work, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* ----------------------------------------------------------------------------------------------------- campaign ----
 */

static int read_campaign(void *context, int columns, const char *const *text) {
    tour *const t = context;
    (void)columns;
    t->campaign = strtoll(text[0], NULL, 10);
    t->seed = (uint64_t)strtoll(text[1], NULL, 10);
    return 0;
}

static int start_campaign(tour *t, hy_error *error) {
    const char *const arguments[] = {t->asked->command, NULL};
    if (!t->asked->resume) {
        char *const environment = hy_machine_json();
        t->seed = t->asked->seed;
        const int r = hy_store_campaign(t->store, t->asked->command, t->seed, environment ? environment : "{}",
                                        &t->campaign, error);
        free(environment);
        return r;
    }
    const int r = hy_store_query(t->store, "SELECT id, seed FROM campaign WHERE command = ?1 ORDER BY id DESC LIMIT 1",
                                 arguments, read_campaign, t, error);
    if (r == 0 && t->campaign == 0)
        return hy_fail(error, -ENOENT, "nothing to resume: no campaign of this command is in the results");
    return r;
}

/* ----------------------------------------------------------------------------------------------------- programs ----
 */

/* 0, or 1 with why it is skipped. */
static int check_packages(const hy_suite_program *program, bool install, hy_error *why) {
    char missing[2048];
    if (hy_suite_missing(program, missing, sizeof missing) == 0)
        return 0;
    if (install) {
        fprintf(stderr, "heapyard: %s: apt-get install %s\n", program->name, missing);
        if (hy_suite_install(missing, why) < 0)
            fprintf(stderr, "heapyard: %s\n", why->text);
        else if (hy_suite_missing(program, missing, sizeof missing) == 0)
            return 0;
    }
    hy_fail(why, 0, "skipped: needs %s: apt-get install %s", missing, missing);
    return 1;
}

/* A trace that is not there is none: traces stay in the source tree. */
static int hash_trace(const tour *t, const hy_suite_program *program, char ret[17], hy_error *error) {
    char path[2 * HY_PATH_SIZE];
    const char *const name = program->trace ? program->trace : "";
    snprintf(path, sizeof path, "%s%s%s", name[0] == '/' ? "" : t->folder, name[0] == '/' ? "" : "/", name);
    return run_trace_hash(name[0] && access(path, F_OK) == 0 ? path : NULL, ret, error);
}

static int run_there(tour *t, const hy_suite_program *program, const hy_suite_place *place, const char *trace,
                     hy_error *error) {
    const hy_program_plan plan = {.name = program->name,
                                  .argv = place->argv,
                                  .input = program->input_file,
                                  .check = {program->output, program->files.word, program->filter},
                                  .trace = trace,
                                  .before = program->before,
                                  .workers = program->workers.word,
                                  .made_of = place->made_of,
                                  .must_succeed = true,
                                  .specs = t->specs->text,
                                  .spec_count = t->specs->count,
                                  .serving = t->serving,
                                  .baseline = run_baseline(t->specs),
                                  .rounds = t->rounds,
                                  .timeout = t->asked->timeout,
                                  .campaign = t->campaign,
                                  .seed = hy_random(t->seed, XXH3_64bits(program->name, strlen(program->name))) >> 1,
                                  .command = t->asked->command,
                                  .stop = t->stop,
                                  .show_progress = run_show_progress};
    hy_program_end end;
    const int r = hy_program_run_campaign(&plan, t->store, &end, error);
    if (r == 0) {
        t->missing += end.missing;
        t->runs += end.runs;
    }
    return r;
}

static int measure_program(tour *t, const hy_suite_program *program, hy_error *why) {
    char trace[17];
    hy_suite_place place;
    int r = hash_trace(t, program, trace, why);
    if (r == 0)
        r = hy_suite_enter(program, t->folder, t->work, &place, why);
    if (r < 0)
        return r;
    r = run_there(t, program, &place, trace, why);
    hy_suite_leave(&place);
    return r;
}

static void announce(const hy_suite_program *program) {
    fprintf(stderr, "heapyard: %s", program->name);
    if (program->threads > 1)
        fprintf(stderr, " (%u threads)", program->threads);
    fputc('\n', stderr);
}

/* 0, or -errno with the sentence where not even that it went wrong can be kept. */
static int visit(tour *t, const hy_suite_program *program, hy_error *error) {
    hy_error why;
    const bool skip = check_packages(program, t->asked->install, &why) != 0;
    if (!skip)
        announce(program);
    const int r = skip ? 0 : measure_program(t, program, &why);
    if (*t->stop)
        return 0;
    t->skipped += skip;
    t->failed += r < 0;
    t->measured += !skip && r == 0;
    if (!skip && r == 0)
        return hy_store_skipped(t->store, t->campaign, program->name, NULL, error);
    fprintf(stderr, "heapyard: %s: %s\n", program->name, why.text);
    return hy_store_skipped(t->store, t->campaign, program->name, why.text, error);
}

static bool is_wanted(const char *name, char *const *names, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return count == 0;
}

/* -------------------------------------------------------------------------------------------------------- whole ----
 */

static int answer(const tour *t) {
    const int r = run_answer(t->store, t->asked->database, t->campaign, &t->asked->wish);
    if (*t->stop) {
        fprintf(stderr, "heapyard: stopped; the same command with --resume goes on\n");
        return 128 + (int)*t->stop;
    }
    if (r == HY_EXIT_INPUT || t->failed > 0)
        return r == HY_EXIT_INPUT ? r : HY_EXIT_MEASURED;
    return t->measured == 0 && t->skipped > 0 ? HY_EXIT_CANNOT : r;
}

static int visit_all(tour *t, char *const *names, size_t count, hy_error *error) {
    int r = start_campaign(t, error);
    if (r == 0)
        r = make_work(t, error);
    for (size_t i = 0; r == 0 && i < t->suite.count && !*t->stop; i++)
        if (is_wanted(t->suite.program[i].name, names, count))
            r = visit(t, &t->suite.program[i], error);
    remove_work(t);
    return r;
}

static int check_options(const hy_run_compare *asked) {
    if (asked->wish.format == HY_FORMAT_GBENCH)
        return cmd_fail("run answers as text, csv, json or markdown; gbench is what `heapyard bench` answers");
    if (asked->name || asked->trace || asked->input || asked->ignore_output)
        return cmd_fail("a suite says itself what its programs read, and how they are checked; expected no --name, "
                        "--trace, --input or --ignore-output beside --suite");
    if (asked->precision > 0 || asked->budget > 0)
        return cmd_fail("--precision and --budget are of one program; expected --rounds beside --suite");
    return 0;
}

int run_suite(const hy_run_compare *asked, hy_specs *specs, unsigned rounds, char **names, size_t name_count) {
    hy_run_compare with_defaults = *asked;
    tour t = {.asked = &with_defaults, .specs = specs, .rounds = rounds ? rounds : RUN_USUAL_ROUNDS};
    hy_error error;
    if (check_options(asked) != 0)
        return HY_EXIT_INPUT;
    if (!asked->database)
        with_defaults.database = RUN_DATABASE;
    if (specs->count == 0 && cmd_add_specs(specs, usual_allocators) < 0)
        return HY_EXIT_INPUT;
    cmd_drop_doubles(specs); /* the baseline's second run in each round is there anyway */
    int r = find_suite(&t, &error);
    for (size_t i = 0; r == 0 && i < name_count; i++)
        r = check_name(&t, names[i], &error);
    if (r == 0)
        r = plan_serving(&t, &error);
    if (r == 0)
        r = hy_store_open(with_defaults.database, true, &t.store, &error);
    if (r == 0) {
        t.stop = cmd_listen_for_stop();
        r = visit_all(&t, names, name_count, &error);
    }
    r = r < 0 ? cmd_fail("%s", error.text) : answer(&t);
    hy_store_close(t.store);
    hy_suite_free(&t.suite);
    free(t.serving);
    return r;
}
