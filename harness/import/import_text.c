/* SPDX-License-Identifier: MIT
 *
 * import_text.c - our own text (see text.h): one event a line, with times, threads and the numbers of objects.
 *
 * Nothing is mended here: an event that no trace can hold is a mistake of whoever wrote the text.
 */
#include "importers.h"

#include "format.h"
#include "text.h"
#include "words.h"

#include <errno.h>
#include <string.h>

static bool recognise(const char *line) {
    const size_t time = strspn(line, "0123456789"), gap = strspn(line + time, " \t");
    const char *const thread = line + time + gap, *const rest = thread + strspn(thread, "0123456789");
    const char *const kind = rest + strspn(rest, " \t");
    if (line[0] == '@')
        return line[1] >= 'a' && line[1] <= 'z' && strchr(line, '=');
    return time > 0 && gap > 0 && rest > thread && kind > rest && kind[0] >= 'a' && kind[0] <= 'z';
}

/* A line of the table of sites, which may stand anywhere. */
static bool is_table(const char *line) {
    static const char *const words[] = {"module\t", "frame\t", "site\t", "name\t"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strncmp(line, words[i], strlen(words[i])) == 0)
            return true;
    return false;
}

static int add_table(hy_intake *intake, const char *line, hy_error *error) {
    char text[HY_LINE_MAX + 1];
    const int size = snprintf(text, sizeof text, "%s\n", line);
    const int r = hy_intake_open(intake, true, error);
    if (r < 0 || size >= (int)sizeof text)
        return r < 0 ? r : hy_fail(error, -EINVAL, "longer than %d bytes", HY_LINE_MAX - 1);
    return hy_trace_add_table(intake->writer, text, (size_t)size, error);
}

static int add_mark(hy_intake *intake, const hy_mark *mark, hy_error *error) {
    const int r = hy_intake_open(intake, true, error);
    return r < 0 ? r : hy_trace_mark_phase(intake->writer, mark->thread, mark->time, mark->name, error);
}

static int describe(hy_intake *intake, const char *line, hy_error *error) {
    if (is_table(line))
        return add_table(intake, line, error);
    if (strncmp(line, "dropped=", 8) == 0)
        return hy_word_number("dropped", line + 8, &intake->meta.dropped, error);
    if (intake->writer)
        return hy_fail(error, -EINVAL, "a description after the first event");
    char text[HY_LINE_MAX + 1];
    const int size = snprintf(text, sizeof text, "%s\n", line);
    if (size >= (int)sizeof text)
        return hy_fail(error, -EINVAL, "longer than %d bytes", HY_LINE_MAX - 1);
    return hy_meta_get(text, (size_t)size, &intake->meta, error);
}

static int read_line(hy_intake *intake, void *state, char *line, hy_error *error) {
    hy_event event;
    hy_mark mark;
    uint32_t site;
    if (line[0] == '@')
        return describe(intake, line + 1, error);
    if (hy_mark_read(line, &mark))
        return add_mark(intake, &mark, error);
    const int r = hy_event_parse(line, &event, &site, error);
    return r < 0 ? r : hy_intake_append(intake, &event, site, error);
}

const hy_importer hy_import_text = {
    .name = "text",
    .what = "`heapyard info --events`: time, thread, kind, object, bytes, alignment, site",
    .recognise = recognise,
    .line = read_line,
};
