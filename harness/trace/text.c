/* SPDX-License-Identifier: MIT
 *
 * text.c - see text.h.
 */
#include "text.h"

#include "format.h"
#include "words.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define BAD(...) hy_fail(error, -EINVAL, __VA_ARGS__)

/* ---- out ---- */

size_t hy_event_line(const hy_event *event, char *ret_line) {
    int size = snprintf(ret_line, HY_EVENT_LINE, "%" PRIu64 " %" PRIu32 " %s", event->time, event->thread,
                        hy_event_name(event->kind));
    if (event->kind <= HY_EVENT_FREE)
        size += snprintf(ret_line + size, HY_EVENT_LINE - (size_t)size, " %" PRIu64, event->id);
    if (event->kind <= HY_EVENT_REALLOC)
        size += snprintf(ret_line + size, HY_EVENT_LINE - (size_t)size, " %" PRIu64, event->size);
    if (event->kind == HY_EVENT_ALIGNED)
        size += snprintf(ret_line + size, HY_EVENT_LINE - (size_t)size, " %" PRIu64, (uint64_t)1 << event->align);
    return (size_t)size;
}

static void print_table(const hy_trace_reader *reader, FILE *to) {
    size_t size;
    const char *const text = hy_trace_table(reader, &size);
    for (size_t at = 0, end; at < size; at = end) {
        end = (size_t)((const char *)memchr(text + at, '\n', size - at) - text) + 1;
        fputc('@', to);
        fwrite(text + at, 1, end - at, to);
    }
}

static void print_mark(const hy_mark *mark, FILE *to) {
    fprintf(to, "%" PRIu64 " %" PRIu32 " phase%s%s\n", mark->time, mark->thread, mark->name[0] ? " " : "", mark->name);
}

static void print_block(const hy_trace_reader *reader, const hy_event *events, size_t count, uint64_t first, FILE *to) {
    const uint32_t *const sites = hy_trace_event_sites(reader);
    size_t marks, next = 0;
    const hy_mark *const mark = hy_trace_marks(reader, &marks);
    print_table(reader, to);
    for (size_t i = 0; i < count; i++) {
        char line[HY_EVENT_LINE + 16];
        for (; next < marks && mark[next].event == first + i; next++)
            print_mark(&mark[next], to);
        size_t size = hy_event_line(&events[i], line);
        if (sites && sites[i])
            size += (size_t)sprintf(line + size, " @%" PRIu32, sites[i]);
        line[size] = '\n';
        fwrite(line, 1, size + 1, to);
    }
    for (; next < marks; next++)
        print_mark(&mark[next], to);
}

int hy_text_export(hy_trace_reader *reader, FILE *to, hy_error *error) {
    const hy_trace_meta *const meta = hy_trace_get_meta(reader);
    fprintf(to, "@command=%s\n@origin=%s\n@machine=%s\n@started=%" PRIu64 "\n@pid=%" PRIu64 "\n", meta->command,
            meta->origin, meta->machine, meta->started, meta->pid);
    const hy_event *events;
    uint64_t first = 0;
    size_t count;
    int r;
    while ((r = hy_trace_next(reader, &events, &count, error)) > 0) {
        print_block(reader, events, count, first, to);
        first += count;
    }
    print_block(reader, NULL, 0, first, to);
    fprintf(to, "@dropped=%" PRIu64 "\n", meta->dropped);
    return r;
}

/* ---- in ---- */

static int parse_kind(const char *word, uint8_t *ret_kind, hy_error *error) {
    const char *names[HY_EVENT_KINDS + 1] = {NULL};
    for (uint8_t kind = 0; kind < HY_EVENT_KINDS; kind++) {
        names[kind] = hy_event_name(kind);
        if (strcmp(word, names[kind]) == 0) {
            *ret_kind = kind;
            return 0;
        }
    }
    const hy_hint hint = hy_did_you_mean(word, strlen(word), names, NULL);
    return BAD("unknown kind of event \"%s\"%s", hy_word_show(word).text, hint.text);
}

/* "@5" */
static bool parse_site(const char *word, uint32_t *ret_site) {
    char *end;
    if (word[0] != '@' || word[1] < '0' || word[1] > '9' || strlen(word) > 9)
        return false;
    *ret_site = (uint32_t)strtoul(word + 1, &end, 10);
    return *end == '\0';
}

bool hy_mark_read(const char *line, hy_mark *ret_mark) {
    unsigned long long time;
    unsigned thread;
    int used = 0;
    if (line[0] < '0' || line[0] > '9' || sscanf(line, "%19llu%*[ \t]%9u%*[ \t]phase%n", &time, &thread, &used) != 2 ||
        used == 0 || (line[used] != '\0' && line[used] != ' ' && line[used] != '\t'))
        return false;
    *ret_mark = (hy_mark){.time = time, .thread = thread};
    hy_text_clean(ret_mark->name, sizeof ret_mark->name, line + used + (line[used] != '\0'));
    return true;
}

static int parse_words(char *line, hy_event *event, uint32_t *site, hy_error *error) {
    uint64_t thread, align;
    int r;
    if ((r = hy_word_number("the time", hy_word_next(&line), &event->time, error)) < 0)
        return r;
    if ((r = hy_word_number("the thread", hy_word_next(&line), &thread, error)) < 0)
        return r;
    if (thread >= UINT32_MAX)
        return BAD("the thread is %" PRIu64 "; expected less than 2^32 - 1", thread);
    event->thread = (uint32_t)thread;
    if ((r = parse_kind(hy_word_next(&line), &event->kind, error)) < 0)
        return r;
    if (event->kind <= HY_EVENT_FREE && (r = hy_word_number("the object", hy_word_next(&line), &event->id, error)) < 0)
        return r;
    if (event->kind <= HY_EVENT_REALLOC &&
        (r = hy_word_number("the size", hy_word_next(&line), &event->size, error)) < 0)
        return r;
    if (event->kind == HY_EVENT_ALIGNED) {
        if ((r = hy_word_number("the alignment", hy_word_next(&line), &align, error)) < 0)
            return r;
        if (align == 0 || (align & (align - 1)) != 0)
            return BAD("the alignment is %" PRIu64 "; expected a power of two", align);
        event->align = (uint8_t)__builtin_ctzll(align);
    }
    const char *more = hy_word_next(&line);
    if (event->kind <= HY_EVENT_REALLOC && parse_site(more, site))
        more = hy_word_next(&line);
    return more[0] ? BAD("\"%s\" is too much for %s", hy_word_show(more).text, hy_event_name(event->kind)) : 0;
}

int hy_event_parse(const char *line, hy_event *ret_event, uint32_t *ret_site, hy_error *error) {
    char words[HY_LINE_MAX];
    const size_t size = strlen(line);
    if (size >= sizeof words)
        return BAD("longer than %d bytes", HY_LINE_MAX - 1);
    memcpy(words, line, size + 1);
    hy_event event = {.id = 0};
    uint32_t site = 0;
    const int r = parse_words(words, &event, &site, error);
    if (r == 0) {
        *ret_event = event;
        *ret_site = site;
    }
    return r;
}
