/* SPDX-License-Identifier: MIT
 *
 * cases_pages.c - page sources: used rightly, given back wholly, survived when they refuse; instances side by side;
 * the same decisions in the same circumstances.
 */
#include "shadow_heap.h"

#include "support.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Blocks of every flavour still live when the heap goes. */
static void run_destroy(subject *s) {
    shadow_heap shadow;
    subject_open(s);
    subject_needs_contents(s);
    subject_needs_own_pages(s);
    shadow_init(&shadow, s, s->heap, 400);
    for (unsigned i = 0; i < 3000; i++)
        shadow_step(&shadow);
    shadow_alloc(&shadow, s->largest, s->align, false);
    EXPECT(s, shadow.count > 0 || shadow.bytes == 0, "nothing lives");
    shadow_drop(&shadow);
    subject_close(s);
}

/* --------------------------------------------------------------------------------------------------- failing ---- */

/* One life of a heap while the n-th page request fails.  Whether that request was ever made. */
static bool failing_life(subject *s, hy_pages *failing, uint64_t n, bool lasting) {
    hy_error error = {""};
    shadow_heap shadow;
    const uint64_t before = audit_requests(failing);
    s->rng = n * 77 + 1;
    audit_fail(failing, n, lasting);
    if (subject_create(s, false, &s->in, &error) < 0) {
        EXPECT(s, audit_requests(failing) - before >= n, "create fails though every page request was granted: %s",
               error.text);
        audit_fail(failing, 0, false);
        subject_check_pages(s);
        return true;
    }
    s->heap = s->in.heap;
    shadow_init(&shadow, s, s->heap, 64);
    for (unsigned i = 0; i < 250; i++) {
        shadow_step(&shadow);
        shadow_check(&shadow);
    }
    if (s->heap->ops->walk)
        shadow_walk(&shadow);
    shadow_verify(&shadow);
    const bool reached = audit_requests(failing) - before >= n;
    audit_fail(failing, 0, false);
    if (!subject_has(s, HY_NO_REUSE | HY_REGIONS))
        shadow_free_all(&shadow);
    EXPECT(s, shadow_alloc(&shadow, hy_min(s->largest, 64), s->align, false),
           "64 bytes are refused after the %zuth page request had failed, and pages are to be had again", (size_t)n);
    shadow_verify(&shadow);
    shadow_drop(&shadow);
    hy_close(&s->in);
    subject_check_pages(s);
    return reached;
}

static void run_failing(subject *s) {
    enum { MOST = 300 };
    subject_open(s);
    subject_needs_contents(s);
    subject_needs_own_pages(s);
    subject_close(s);
    for (int lasting = 0; lasting < 2; lasting++) {
        for (uint64_t n = 1; n <= MOST && failing_life(s, s->data, n, lasting); n++)
            continue;
        for (uint64_t n = 1; n <= MOST && failing_life(s, s->meta, n, lasting); n++)
            continue;
    }
}

/* ------------------------------------------------------------------------------------------------------- full ---- */

static size_t fill_up(shadow_heap *shadow, size_t size) {
    size_t served = 0;
    while (shadow->count < shadow->room && shadow_alloc(shadow, size, shadow->s->align, false))
        served++;
    return served;
}

/* Limits both sources to what they hold now and a little more, so that the heap runs full. */
static void run_full(subject *s) {
    enum { BLOCKS = 20000 };
    shadow_heap shadow;
    subject_open(s);
    subject_needs_contents(s);
    subject_needs_own_pages(s);
    const size_t size = hy_min(s->largest, 700);
    shadow_init(&shadow, s, s->heap, BLOCKS);
    shadow_alloc(&shadow, size, s->align, false);
    audit_limit(s->data, s->data->committed + ((size_t)2 << 20));
    audit_limit(s->meta, s->meta->committed + ((size_t)2 << 20));
    const size_t served = fill_up(&shadow, size);
    subject_needs(s, shadow.count < shadow.room, "it took what it needs when it was made");
    EXPECT(s, !hy_alloc(s->heap, size, s->align), "a full heap serves");
    shadow_verify(&shadow);
    shadow_check(&shadow);
    for (size_t i = 0; i < served / 2; i++)
        shadow_free(&shadow, shadow_victim(&shadow));
    shadow_verify(&shadow);
    shadow_check(&shadow);
    const size_t again = fill_up(&shadow, size);
    if (!subject_has(s, HY_NO_REUSE | HY_REGIONS))
        EXPECT(s, again >= served / 2, "of %zu freed blocks only %zu can be had again", served / 2, again);
    shadow_verify(&shadow);
    shadow_drop(&shadow);
    subject_close(s);
}

/* ---------------------------------------------------------------------------------------------------- several ---- */

static void run_instances(subject *s) {
    hy_instance other;
    hy_error error = {""};
    shadow_heap a, b;
    subject_open(s);
    subject_needs_contents(s);
    EXPECT(s, subject_create(s, false, &other, &error) == 0, "a second instance: %s", error.text);
    shadow_init(&a, s, s->heap, 200);
    shadow_init(&b, s, other.heap, 200);
    a.most = b.most = s->room / 4;
    for (unsigned i = 0; i < 4000; i++)
        shadow_step(subject_below(s, 2) ? &a : &b);
    shadow_verify(&a);
    shadow_verify(&b);
    if (other.heap->ops->reset && !subject_has(s, HY_FOREIGN))
        other.heap->ops->reset(other.heap);
    hy_close(&other);
    shadow_verify(&a);
    shadow_check(&a);
    for (unsigned i = 0; i < 1000; i++)
        shadow_step(&a);
    shadow_verify(&a);
    shadow_drop(&a);
    shadow_drop(&b);
    subject_close(s);
}

/* The addresses of a random run, made one number. */
static uint64_t address_digest(subject *s) {
    shadow_heap shadow;
    uint64_t digest = 0;
    shadow_init(&shadow, s, s->heap, 300);
    for (unsigned i = 0; i < 4000; i++) {
        shadow_step(&shadow);
        for (size_t j = 0; i % 16 == 0 && j < shadow.count; j++)
            digest = (digest ^ shadow.block[j].start) * 0x100000001b3u;
    }
    shadow_drop(&shadow);
    return digest;
}

/* Two children of one process have the same address space to start from. */
static void run_same(subject *s) {
    uint64_t digest[2] = {1, 2};
    subject_open(s);
    subject_needs_contents(s);
    subject_needs_own_pages(s);
    for (int i = 0; i < 2; i++) {
        int ends[2];
        EXPECT(s, pipe(ends) == 0, "no pipe");
        const pid_t child = fork();
        if (child == 0) {
            const uint64_t mine = address_digest(s);
            _exit(write(ends[1], &mine, sizeof mine) == sizeof mine ? 0 : 1);
        }
        close(ends[1]);
        const ssize_t size = read(ends[0], &digest[i], sizeof *digest);
        close(ends[0]);
        waitpid(child, NULL, 0);
        if (size != (ssize_t)sizeof *digest)
            _exit(0); /* the child has said why */
    }
    EXPECT(s, digest[0] == digest[1], "two runs with the same seed and the same pages placed blocks differently");
    subject_close(s);
}

const conform_case cases_pages[] = {
    {"destroy", "destroy gives all pages back, live blocks or not", run_destroy},
    {"failing", "any one page request may fail, or all from there on: no harm, no leak", run_failing},
    {"full", "a heap that is full says so, and serves again after frees", run_full},
    {"instances", "two instances side by side do not disturb each other", run_instances},
    {"same", "the same seed and pages give the same placement", run_same},
    {NULL, NULL, NULL},
};
