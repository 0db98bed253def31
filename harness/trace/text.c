/* SPDX-License-Identifier: MIT
 *
 * text.c - see text.h.
 */
#include "text.h"

#include "words.h"

#include <errno.h>
#include <inttypes.h>
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

int hy_text_export(hy_trace_reader *reader, FILE *to, hy_error *error) {
    const hy_trace_meta *const meta = hy_trace_get_meta(reader);
    fprintf(to, "@command=%s\n@origin=%s\n@machine=%s\n@started=%" PRIu64 "\n@pid=%" PRIu64 "\n", meta->command,
            meta->origin, meta->machine, meta->started, meta->pid);
    const hy_event *events;
    size_t count;
    int r;
    while ((r = hy_trace_next(reader, &events, &count, error)) > 0) {
        for (size_t i = 0; i < count; i++) {
            char line[HY_EVENT_LINE];
            const size_t size = hy_event_line(&events[i], line);
            line[size] = '\n';
            fwrite(line, 1, size + 1, to);
        }
    }
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

static int parse_words(char *line, hy_event *event, hy_error *error) {
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
    const char *const more = hy_word_next(&line);
    return more[0] ? BAD("\"%s\" is too much for %s", hy_word_show(more).text, hy_event_name(event->kind)) : 0;
}

int hy_event_parse(const char *line, hy_event *ret_event, hy_error *error) {
    char words[HY_LINE_MAX];
    const size_t size = strlen(line);
    if (size >= sizeof words)
        return BAD("longer than %d bytes", HY_LINE_MAX - 1);
    memcpy(words, line, size + 1);
    hy_event event = {.id = 0};
    const int r = parse_words(words, &event, error);
    if (r == 0)
        *ret_event = event;
    return r;
}
