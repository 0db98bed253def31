/* SPDX-License-Identifier: MIT
 *
 * subject.c - opening the allocator under test, random numbers, patterns (see subject.h).
 */
#include "subject.h"

#include "support.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* --------------------------------------------------------------------------------------------------- verdicts ---- */

static void subject_say(subject *s, char kind, const char *format, va_list list) {
    subject_message message = {.kind = kind};
    vsnprintf(message.text, sizeof message.text, format, list);
    if (write(s->report, &message, sizeof message) != sizeof message)
        _exit(3);
}

void subject_fail(subject *s, const char *format, ...) {
    va_list list;
    va_start(list, format);
    subject_say(s, 'F', format, list);
    va_end(list);
    _exit(0);
}

void subject_skip(subject *s, const char *format, ...) {
    va_list list;
    va_start(list, format);
    subject_say(s, 'S', format, list);
    va_end(list);
    _exit(0);
}

void subject_needs(subject *s, bool has, const char *what) {
    if (!has)
        subject_skip(s, "%s", what);
}

void subject_needs_contents(subject *s) {
    subject_needs(s, !subject_has(s, HY_FAKE), "its blocks overlap by design");
}

void subject_needs_own_pages(subject *s) {
    subject_needs(s, !subject_has(s, HY_FOREIGN), "its pages are not ours to watch");
}

bool subject_has(const subject *s, uint32_t flags) {
    return (s->flags & flags) != 0;
}

size_t subject_peak(const subject *s) {
    size_t all = 0, resident = 0;
    if (!subject_has(s, HY_FOREIGN))
        return s->data->peak_committed + s->meta->peak_committed;
    FILE *const file = fopen("/proc/self/statm", "re");
    const bool is_known = file && fscanf(file, "%zu %zu", &all, &resident) == 2;
    if (file)
        fclose(file);
    return is_known ? resident * (size_t)getpagesize() : 0;
}

/* ---------------------------------------------------------------------------------------------------- opening ---- */

void subject_pages(subject *s) {
    const hy_pages_ops *const ops = hy_catalog_pages(s->catalog, (hy_text){"mmap", 4});
    _Alignas(16) char params[HY_PARAMS_SIZE];
    hy_error error = {""};
    EXPECT(s, ops && hy_params_parse(ops->params, ops->name, (hy_text){"", 0}, params, ops->params_size, &error) == 0,
           "no page source: %s", error.text);
    EXPECT(s, ops->create(params, &s->raw) == 0, "no page source");
    s->data = audit_wrap(s->raw);
    s->meta = audit_wrap(s->raw);
    EXPECT(s, s->data && s->meta, "no memory for the page sources");
}

/* A clock that only counts calls, and the same entropy every time: what cases run can be run again. */
static uint64_t calm_ticks(void) {
    static uint64_t now;
    return __atomic_add_fetch(&now, 1000, __ATOMIC_RELAXED);
}

static uint64_t calm_entropy(void) {
    return 0x5eed5eed5eed5eedu;
}

int subject_create(subject *s, bool threads, hy_instance *ret, hy_error *error) {
    static hy_host calm;
    calm = hy_host_default;
    calm.ticks = calm_ticks;
    calm.entropy = calm_entropy;
    const hy_open_options options = {
        .data = s->data, .meta = s->meta, .seed = s->seed, .threads = threads, .host = &calm};
    return hy_open(s->catalog, s->spec, &options, ret, error);
}

static void subject_say_version(subject *s) {
    subject_message message = {.kind = 'V'};
    const hy_heap *const heap = s->in.stack[0];
    const char *const version = heap->ops->version ? heap->ops->version((hy_heap *)heap) : NULL;
    snprintf(message.version, sizeof message.version, "%s", version ? version : "");
    if (write(s->report, &message, sizeof message) != sizeof message)
        _exit(3);
}

static void subject_start(subject *s, bool threads) {
    hy_error error = {""};
    const int r = subject_create(s, threads, &s->in, &error);
    if (r == -ENOENT && !memchr(s->spec.at, '/', s->spec.size)) /* not installed; but a file was meant */
        subject_skip(s, "%s", error.text);
    EXPECT(s, r == 0, "%s", error.text);
    s->heap = s->in.heap;
    s->flags = s->heap->ops->flags;
    s->max_align = hy_min(s->heap->ops->max_align, (size_t)4 << 20);
    s->align = hy_min(s->heap->ops->max_align, HY_MALLOC_ALIGN);
}

/* The largest power of two that is served, up to 1 MiB; exactly the block size where there is only one. */
static size_t subject_probe_largest(subject *s) {
    for (size_t size = hy_min((size_t)1 << 20, s->heap->max_size); size > 0; size /= 2) {
        void *const block = hy_alloc(s->heap, size, s->align);
        hy_free(s->heap, block, size);
        if (block)
            return size;
    }
    subject_fail(s, "a new heap does not serve a request of 1 byte");
}

static size_t subject_probe_room(subject *s) {
    const size_t size = hy_max(s->largest / 16, 1), most = hy_min((size_t)64 << 20, size * 4096);
    size_t room = 0;
    while (room < most && hy_alloc(s->heap, size, s->align))
        room += size;
    return room;
}

static void subject_probe(subject *s, bool threads) {
    subject_start(s, threads);
    subject_say_version(s);
    s->largest = subject_probe_largest(s);
    hy_close(&s->in);
    subject_start(s, threads);
    s->room = subject_probe_room(s);
    hy_close(&s->in);
}

static void subject_open_as(subject *s, bool threads) {
    subject_probe(s, threads);
    subject_check_pages(s);
    s->data->peak_committed = s->meta->peak_committed = 0; /* finding out was not the case itself */
    subject_start(s, threads);
}

void subject_open(subject *s) {
    subject_pages(s);
    subject_open_as(s, false);
}

void subject_open_dirty(subject *s) {
    subject_pages(s);
    audit_dirty(s->data);
    audit_dirty(s->meta);
    subject_open_as(s, false);
}

void subject_open_threads(subject *s) {
    subject_pages(s);
    subject_open_as(s, true);
}

void subject_renew(subject *s) {
    hy_error error = {""};
    hy_close(&s->in);
    EXPECT(s, subject_create(s, false, &s->in, &error) == 0, "%s", error.text);
    s->heap = s->in.heap;
}

static void subject_check_source(subject *s, const char *name, hy_pages *pages) {
    EXPECT(s, !audit_problem(pages), "%s pages: %s", name, audit_problem(pages));
    EXPECT(s, pages->committed == 0, "%zu bytes of %s pages are still committed after destroy", pages->committed, name);
    EXPECT(s, pages->reserved == 0, "%zu bytes of %s pages are still reserved after destroy", pages->reserved, name);
}

void subject_check_pages(subject *s) {
    subject_check_source(s, "data", s->data);
    subject_check_source(s, "meta", s->meta);
}

void subject_close(subject *s) {
    hy_close(&s->in);
    subject_check_pages(s);
}

/* ----------------------------------------------------------------------------------------------------- random ---- */

/* Vigna's splitmix64. */
uint64_t subject_random(subject *s) {
    uint64_t z = s->rng += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

size_t subject_below(subject *s, size_t limit) {
    return (size_t)(subject_random(s) % limit);
}

size_t subject_size(subject *s, size_t most) {
    const size_t octave = (size_t)1 << subject_below(s, hy_log2_floor(most) + 1);
    return hy_min(most, octave + subject_below(s, octave));
}

size_t subject_any_align(subject *s) {
    if (subject_below(s, 8) != 0)
        return s->align;
    return (size_t)1 << subject_below(s, hy_log2_floor(hy_min(s->max_align, 8192)) + 1);
}

bool subject_aligned(const subject *s, uintptr_t address, size_t align) {
    return subject_has(s, HY_FOREIGN) || address % align == 0;
}

/* --------------------------------------------------------------------------------------------------- patterns ---- */

static uint64_t pattern_word(uint64_t id, size_t i) {
    return (id + 1) * 0x9e3779b97f4a7c15u ^ (i + 1) * 0xc2b2ae3d27d4eb4fu;
}

void subject_fill(void *block, size_t size, uint64_t id) {
    const size_t words = size / 8;
    for (size_t i = 0; i < words; i++) {
        const uint64_t word = pattern_word(id, i);
        memcpy((char *)block + 8 * i, &word, 8);
    }
    const uint64_t last = pattern_word(id, words);
    memcpy((char *)block + 8 * words, &last, size % 8);
}

static bool is_word(const void *bytes, uint64_t expected) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word == expected;
}

size_t subject_verify(const void *block, size_t size, uint64_t id) {
    const char *const bytes = block;
    size_t at = 0;
    while (at + 8 <= size && is_word(bytes + at, pattern_word(id, at / 8)))
        at += 8;
    const uint64_t word = pattern_word(id, at / 8); /* the last bytes, or those that are wrong */
    const char *const expected = (const char *)&word;
    for (size_t i = 0; i < 8 && at + i < size; i++)
        if (bytes[at + i] != expected[i])
            return at + i;
    return size;
}
