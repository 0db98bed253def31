/* SPDX-License-Identifier: MIT
 *
 * conform.c - runs each case in a child process and makes a verdict of what the child said and how it ended.
 */
#include "conform.h"

#include "clock.h"
#include "deviations.h"
#include "subject.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static const conform_case *const groups[] = {cases_basic, cases_contents, cases_random,  cases_walk,
                                             cases_pages, cases_bulk,     cases_threads, cases_handover};
#define GROUPS (sizeof groups / sizeof *groups)

static const conform_case *find_case(size_t i) {
    for (size_t g = 0; g < GROUPS; g++)
        for (const conform_case *c = groups[g]; c->name; c++)
            if (i-- == 0)
                return c;
    return NULL;
}

bool hy_conform_case(size_t i, const char **ret_name, const char **ret_summary) {
    const conform_case *const c = find_case(i);
    if (!c)
        return false;
    *ret_name = c->name;
    *ret_summary = c->summary;
    return true;
}

/* What is known of a child when it has ended. */
typedef struct outcome {
    subject_message last;
    char version[sizeof((subject_message *)NULL)->version];
    int status;
    bool late;
} outcome;

/* In the child. */
static void __attribute__((noreturn)) run_case(const conform_case *c, subject *s) {
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    c->run(s);
    const subject_message done = {.kind = 'D'};
    _exit(write(s->report, &done, sizeof done) == sizeof done ? 0 : 3);
}

/* Reads messages until the child closes its end; false: it took too long. */
static bool listen(int from, unsigned seconds, outcome *ret) {
    const uint64_t end = hy_now() + (uint64_t)seconds * 1000000000u;
    for (;;) {
        const uint64_t now = hy_now();
        struct pollfd wait = {.fd = from, .events = POLLIN};
        const int ready = now < end ? poll(&wait, 1, (int)((end - now) / 1000000 + 1)) : 0;
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0)
            return false;
        subject_message message;
        const ssize_t size = read(from, &message, sizeof message);
        if (size != (ssize_t)sizeof message)
            return true;
        if (message.kind == 'V')
            memcpy(ret->version, message.version, sizeof ret->version);
        else
            ret->last = message;
    }
}

static int start_child(const conform_case *c, subject *s, unsigned seconds, outcome *ret) {
    int ends[2];
    if (pipe(ends) < 0)
        return -errno;
    fflush(NULL);
    const pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        s->report = ends[1];
        run_case(c, s);
    }
    const int failed = child < 0 ? errno : 0;
    close(ends[1]);
    if (child > 0) {
        ret->late = !listen(ends[0], seconds, ret);
        if (ret->late && kill(-child, SIGKILL) < 0)
            kill(child, SIGKILL);
        while (waitpid(child, &ret->status, 0) < 0 && errno == EINTR)
            continue;
    }
    close(ends[0]);
    return -failed;
}

static hy_verdict judge(const outcome *o, unsigned seconds, char *ret_reason, size_t room) {
    if (o->late)
        snprintf(ret_reason, room, "took longer than %u s", seconds);
    else if (WIFSIGNALED(o->status))
        snprintf(ret_reason, room, "died of signal SIG%s", sigabbrev_np(WTERMSIG(o->status)));
    else if (o->last.kind == 'F' || o->last.kind == 'S')
        snprintf(ret_reason, room, "%s", o->last.text);
    else if (WEXITSTATUS(o->status) != 0 || o->last.kind != 'D')
        snprintf(ret_reason, room, "the process ended with exit code %d", WEXITSTATUS(o->status));
    else
        return HY_VERDICT_OK;
    return !o->late && !WIFSIGNALED(o->status) && o->last.kind == 'S' ? HY_VERDICT_SKIPPED : HY_VERDICT_FAILED;
}

/* Sets the verdict against the table of known deviations. */
static hy_verdict compare(hy_verdict verdict, const char *known, char *reason, size_t room) {
    if (!known || verdict == HY_VERDICT_SKIPPED)
        return verdict;
    if (verdict == HY_VERDICT_OK) {
        snprintf(reason, room, "passes, but is listed as a known deviation (%s); mend deviations.c", known);
        return HY_VERDICT_FAILED;
    }
    char seen[512];
    snprintf(seen, sizeof seen, "%.500s", reason);
    snprintf(reason, room, "%s: %s", known, seen);
    return HY_VERDICT_DEVIATES;
}

/* The same for a library named by its path.  One that the adapter of this library was not measured with may lack the
 * deviation. */
static hy_verdict compare_kin(hy_verdict verdict, const hy_heap_ops *kin, const char *known, char *reason,
                              size_t room) {
    if (!known || verdict != HY_VERDICT_FAILED)
        return verdict;
    char seen[512];
    snprintf(seen, sizeof seen, "%.500s", reason);
    snprintf(reason, room, "that of %s, whose library it is by its name, %s: %s: %s", kin->name, kin->params[0].def,
             known, seen);
    return HY_VERDICT_DEVIATES;
}

/* Where a foreign malloc fails the case of alignment: is it only for blocks that are too small for anything that must
 * be aligned so? */
static void add_hint(const conform_case *c, subject *s, unsigned seconds, char *reason, size_t room) {
    outcome o = {.last.kind = 0};
    char ignored[64];
    const size_t used = strlen(reason);
    s->small_align = true;
    if (start_child(c, s, seconds, &o) == 0 && judge(&o, seconds, ignored, sizeof ignored) == HY_VERDICT_OK)
        snprintf(reason + used, room - used,
                 "; only blocks below 16 bytes are aligned to less, and to all that so small an object can need: so "
                 "it is, as a known deviation, with jemalloc, mimalloc and tcmalloc");
}

/* Whether `name` is one of the words of a comma-separated list. */
static bool is_listed(const char *list, const char *name) {
    const size_t size = strlen(name);
    for (const char *at = list; *at; at += strcspn(at, ","), at += *at == ',')
        if (strcspn(at, ",") == size && memcmp(at, name, size) == 0)
            return true;
    return false;
}

int hy_conform(const hy_catalog *catalog, const char *spec, const hy_conform_options *options,
               hy_conform_report *report, void *context, hy_error *error) {
    unsigned seconds = options->seconds ? options->seconds : 120;
    const hy_heap_ops *ops;
    int r = hy_spec_check(catalog, (hy_text){spec, strlen(spec)}, &ops, error), failed = 0, ran = 0;
    if (r < 0)
        return r;
    const hy_heap_ops *const kin = hy_deviations_kin(catalog, ops);
    for (size_t i = 0; find_case(i); i++) {
        const conform_case *const c = find_case(i);
        if (options->only && !is_listed(options->only, c->name))
            continue;
        subject s = {.catalog = catalog,
                     .spec = {spec, strlen(spec)},
                     .seed = options->seed,
                     .rng = options->seed * 0x9e3779b97f4a7c15u + i};
        outcome o = {.last.kind = 0};
        char reason[1024] = "";
        r = start_child(c, &s, seconds, &o);
        if (r < 0)
            return hy_fail_parts(error, r, "cannot start a process for a case", NULL);
        hy_verdict verdict = judge(&o, seconds, reason, sizeof reason);
        if (ops->flags & HY_FOREIGN)
            verdict = compare(verdict, hy_known_deviation(ops->name, o.version, c->name), reason, sizeof reason);
        if (kin)
            verdict =
                compare_kin(verdict, kin, hy_known_deviation(kin->name, o.version, c->name), reason, sizeof reason);
        if (verdict == HY_VERDICT_FAILED && ops->flags & HY_FOREIGN && strcmp(c->name, "align") == 0)
            add_hint(c, &s, seconds, reason, sizeof reason);
        const hy_case_result result = {c->name, c->summary, verdict, verdict == HY_VERDICT_OK ? NULL : reason};
        report(context, &result);
        if (o.late && !options->seconds)
            seconds = 10; /* what hangs once does so again */
        failed += verdict == HY_VERDICT_FAILED;
        ran++;
    }
    if (ran == 0)
        return hy_fail_parts(error, -EINVAL, "there is no case \"", options->only, "\"; --list shows all", NULL);
    return failed;
}
