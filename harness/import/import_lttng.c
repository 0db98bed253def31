/* SPDX-License-Identifier: MIT
 *
 * import_lttng.c - the events of LTTng's libc wrapper (liblttng-ust-libc-wrapper.so), as babeltrace2 prints them:
 *
 *   [15:19:37.255429412] (+0.000000691) host lttng_ust_libc:malloc: { cpu_id = 0 }, { vtid = 7, vpid = 7 }, { size = 5,
 *                                                                    ptr = 0x557CA293AB30 }
 *
 * (all in one line).  Threads and processes are known if the contexts vtid and vpid were added.  A folder with a CTF
 * trace is handed to babeltrace2 first (ctf_folder.h).  Other events are passed over.
 *
 * Not there: the wrapper does not tell of aligned_alloc; what it frees of that is dropped.
 */
#include "importers.h"

#include "spec.h"
#include "words.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BAD(...) hy_fail(error, -EINVAL, __VA_ARGS__)

static const char provider[] = "lttng_ust_libc:";

static bool recognise(const char *line) {
    return line[0] == '[' && strstr(line, provider);
}

/* The value of " name = ", or "" */
static hy_word_shown field(const char *fields, const char *name) {
    char key[24];
    hy_word_shown value = {""};
    const size_t size = (size_t)snprintf(key, sizeof key, " %s = ", name);
    const char *const found = strstr(fields, key);
    if (found)
        snprintf(value.text, sizeof value.text, "%.*s", (int)strcspn(found + size, " ,}"), found + size);
    return value;
}

static int number(const char *fields, const char *name, uint64_t *ret, hy_error *error) {
    return hy_word_number(name, field(fields, name).text, ret, error);
}

static int address(const char *fields, const char *name, uint64_t *ret, hy_error *error) {
    return hy_word_address(name, field(fields, name).text, ret, error);
}

/* "[H:M:S.ns]" or "[S.ns]", perhaps with the day before it: ns. */
static int parse_time(const char *line, uint64_t *ret_time, hy_error *error) {
    char text[44], *c = text, *end = NULL;
    snprintf(text, sizeof text, "%.*s", (int)strcspn(line + 1, "]"), line + 1);
    char *const day = strrchr(text, ' ');
    uint64_t seconds = 0;
    for (c = day ? day + 1 : text; *c >= '0' && *c <= '9'; c = end + 1) {
        const uint64_t part = strtoul(c, &end, 10), most = INT64_MAX / 1000000000 - 1;
        seconds = 60 * seconds + (part < most ? part : most);
        if (seconds >= most || (*end != ':' && *end != '.'))
            break;
        if (*end == '.' && strspn(end + 1, "0123456789") == 9 && end[10] == '\0') {
            *ret_time = 1000000000 * seconds + strtoul(end + 1, NULL, 10);
            return 0;
        }
    }
    return BAD("the time is \"%s\"; expected [15:19:37.255429412]", hy_word_show(text).text);
}

static int read_birth(hy_intake *intake, hy_event_kind kind, const char *fields, hy_error *error) {
    const bool posix = kind == HY_EVENT_ALIGNED && strstr(fields, " out_ptr = ");
    uint64_t block, size = 0, more = 0;
    int r = address(fields, posix ? "out_ptr" : "ptr", &block, error);
    if (r == 0 && posix && strcmp(field(fields, "result").text, "0") != 0)
        block = 0;
    if (r == 0 && block != 0)
        r = number(fields, "size", &size, error);
    if (r == 0 && block != 0 && kind != HY_EVENT_MALLOC)
        r = number(fields, kind == HY_EVENT_CALLOC ? "nmemb" : "alignment", &more, error);
    if (r == 0 && block != 0 && kind == HY_EVENT_CALLOC)
        r = hy_intake_product(more, size, &size, error);
    return r < 0 ? r : hy_intake_birth(intake, kind, block, size, kind == HY_EVENT_ALIGNED ? more : 0, error);
}

static int read_realloc(hy_intake *intake, const char *fields, hy_error *error) {
    uint64_t old, block, size = 0;
    int r = address(fields, "in_ptr", &old, error);
    if (r == 0)
        r = address(fields, "ptr", &block, error);
    if (r == 0 && (block != 0 || strcmp(field(fields, "size").text, "0") == 0))
        r = number(fields, "size", &size, error);
    else if (r == 0) /* failed, whatever was asked for */
        size = 1;
    return r < 0 ? r : hy_intake_realloc(intake, old, block, size, error);
}

static int read_free(hy_intake *intake, const char *fields, hy_error *error) {
    uint64_t block;
    const int r = address(fields, "ptr", &block, error);
    return r < 0 ? r : hy_intake_free(intake, block, error);
}

static int take(hy_intake *intake, const char *call, hy_error *error) {
    const char *const fields = call + strcspn(call, "{");
    const size_t size = strcspn(call, ":");
    const hy_text name = {call, size};
    if (hy_text_is(name, "malloc"))
        return read_birth(intake, HY_EVENT_MALLOC, fields, error);
    if (hy_text_is(name, "calloc"))
        return read_birth(intake, HY_EVENT_CALLOC, fields, error);
    if (hy_text_is(name, "memalign") || hy_text_is(name, "posix_memalign"))
        return read_birth(intake, HY_EVENT_ALIGNED, fields, error);
    if (hy_text_is(name, "realloc"))
        return read_realloc(intake, fields, error);
    return hy_text_is(name, "free") ? read_free(intake, fields, error) : 0;
}

/* Whose call it is; false, if of a process that is not taken. */
static int parse_context(hy_intake *intake, const char *line, bool *ret_ours, hy_error *error) {
    uint64_t thread = 0, process = 0;
    int r = 0;
    if (strstr(line, " vpid = "))
        r = number(line, "vpid", &process, error);
    if (r == 0 && strstr(line, " vtid = "))
        r = number(line, "vtid", &thread, error);
    hy_intake_thread(intake, thread);
    *ret_ours = r == 0 && (process == 0 || hy_intake_is_ours(intake, process));
    return r;
}

static int read_line(hy_intake *intake, void *state, char *line, hy_error *error) {
    const char *const call = strstr(line, provider);
    uint64_t time = 0;
    bool ours = false;
    if (line[0] != '[' || !call)
        return 0;
    int r = parse_time(line, &time, error);
    if (r == 0)
        r = parse_context(intake, line, &ours, error);
    if (r < 0 || !ours)
        return r;
    hy_intake_time(intake, time);
    return take(intake, call + sizeof provider - 1, error);
}

const hy_importer hy_import_lttng = {
    .name = "lttng",
    .what = "LTTng's libc wrapper, as babeltrace2 prints it; or a folder with a CTF trace",
    .strays = true,
    .recognise = recognise,
    .line = read_line,
};
