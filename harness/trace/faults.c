/* SPDX-License-Identifier: MIT
 *
 * faults.c - see faults.h.
 *
 * With numbers, what is below the next number was born once.  With addresses, the dead stay in the table, so that a
 * second free is told from one of a stranger; an address can be born again.
 */
#include "faults.h"

#include "format.h"
#include "objects.h"
#include "ranges.h"
#include "source.h"
#include "text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

const char *const hy_fault_names[HY_FAULTS + 1] = {
    "double-free", "unknown-free", "dead-realloc", "wrong-birth", "overlap", "time",
    "thread",      "unreadable",   "zero-size",    "leak",        NULL};

typedef struct inquiry {
    hy_faults *found;
    bool addresses;
    hy_objects objects; /* `born` is the place of the birth; `kind` is DEAD for what is known to have died */
    hy_ranges ranges;
    uint64_t place, next_id, time;
    uint32_t threads;
} inquiry;

#define DEAD HY_EVENT_KINDS

__attribute__((format(printf, 4, 5))) static void inquiry_note(inquiry *self, hy_fault fault, uint64_t place,
                                                               const char *format, ...) {
    hy_fault_count *const count = &self->found->of[fault];
    if (count->count++ > 0)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(count->detail, sizeof count->detail, format, arguments);
    va_end(arguments);
    count->place = place;
}

/* ---- events ---- */

static hy_object *inquiry_living(const inquiry *self, uint64_t id) {
    hy_object *const object = hy_objects_find(&self->objects, id);
    return object && object->kind != DEAD ? object : NULL;
}

static bool inquiry_was_born(const inquiry *self, uint64_t id) {
    return self->addresses ? hy_objects_find(&self->objects, id) != NULL : id < self->next_id;
}

static int inquiry_range(inquiry *self, uint64_t id, uint64_t size) {
    uint64_t other = 0;
    if (!self->addresses || size == 0)
        return 0;
    const int r = hy_ranges_add(&self->ranges, id, id + size, &other);
    if (r == 0)
        inquiry_note(self, HY_FAULT_OVERLAP, self->place,
                     "%" PRIu64 " B at %#" PRIx64 " overlap the block at %#" PRIx64, size, id, other);
    return r < 0 ? r : 0;
}

static int inquiry_birth(inquiry *self, const hy_event *event) {
    hy_object *object = hy_objects_find(&self->objects, event->id);
    if (event->size == 0)
        inquiry_note(self, HY_FAULT_ZERO_SIZE, self->place, "%s of object %" PRIu64, hy_event_name(event->kind),
                     event->id);
    if (object && object->kind != DEAD) {
        inquiry_note(self, HY_FAULT_WRONG_BIRTH, self->place, "object %" PRIu64 " is alive", event->id);
        return 0;
    }
    if (!self->addresses && event->id != self->next_id)
        inquiry_note(self, HY_FAULT_WRONG_BIRTH, self->place, "object %" PRIu64 "; expected %" PRIu64, event->id,
                     self->next_id);
    if (!self->addresses && event->id < self->next_id)
        return 0;
    object = object ? object : hy_objects_add(&self->objects, event->id);
    if (!object)
        return -ENOMEM;
    object->kind = event->kind & 15u;
    object->size = event->size;
    object->born = self->place;
    self->next_id = event->id + 1;
    return inquiry_range(self, event->id, event->size);
}

static void inquiry_death(inquiry *self, hy_object *object, uint64_t id) {
    if (!self->addresses) {
        hy_objects_remove(&self->objects, object);
        return;
    }
    object->kind = DEAD;
    hy_ranges_remove(&self->ranges, id);
}

static int inquiry_touch(inquiry *self, const hy_event *event) {
    hy_object *const object = inquiry_living(self, event->id);
    const bool frees = event->kind == HY_EVENT_FREE, born = inquiry_was_born(self, event->id);
    if (!object) {
        const hy_fault fault = !frees ? HY_FAULT_DEAD_REALLOC : born ? HY_FAULT_DOUBLE_FREE : HY_FAULT_UNKNOWN_FREE;
        inquiry_note(self, fault, self->place, "object %" PRIu64 "%s", event->id,
                     born ? " is dead" : " was never born");
        return 0;
    }
    if (frees) {
        inquiry_death(self, object, event->id);
        return 0;
    }
    object->size = event->size;
    hy_ranges_remove(&self->ranges, event->id);
    return inquiry_range(self, event->id, event->size);
}

static int inquiry_event(inquiry *self, const hy_event *event) {
    self->found->events++;
    if (event->time < self->time)
        inquiry_note(self, HY_FAULT_TIME, self->place, "%" PRIu64 " ns after %" PRIu64 " ns", event->time, self->time);
    self->time = event->time > self->time ? event->time : self->time;
    if (event->thread > self->threads)
        inquiry_note(self, HY_FAULT_THREAD, self->place, "thread %" PRIu32 "; expected at most %" PRIu32, event->thread,
                     self->threads);
    self->threads = event->thread >= self->threads ? event->thread + 1 : self->threads;
    if (hy_event_is_birth(event))
        return inquiry_birth(self, event);
    return event->kind <= HY_EVENT_FREE ? inquiry_touch(self, event) : 0;
}

/* What lives at the end; the first is the one that was born first. */
static void inquiry_end(inquiry *self) {
    const size_t slots = self->objects.slots ? (size_t)1 << self->objects.bits : 0;
    const hy_object *oldest = NULL;
    uint64_t count = 0;
    for (size_t i = 0; i < slots; i++) {
        const hy_object *const is = &self->objects.slots[i];
        if (is->key == 0 || is->kind == DEAD)
            continue;
        count++;
        self->found->leaked_bytes += is->size;
        oldest = oldest && oldest->born <= is->born ? oldest : is;
    }
    if (!oldest)
        return;
    inquiry_note(self, HY_FAULT_LEAK, oldest->born, "object %" PRIu64 " of %" PRIu64 " B; all together %" PRIu64 " B",
                 oldest->key - 1, oldest->size, self->found->leaked_bytes);
    self->found->of[HY_FAULT_LEAK].count = count;
}

/* ---- text and trace files ---- */

/* A line, its end cut off.  Only -ENOMEM ends the inquiry. */
static int inquiry_line(inquiry *self, char *line) {
    const char *const start = line + strspn(line, " \t");
    hy_event event;
    hy_mark mark;
    uint32_t site;
    hy_error why;
    if (start[0] == '\0' || start[0] == '#' || start[0] == '@' || hy_mark_read(start, &mark))
        return 0;
    if (hy_event_parse(start, &event, &site, &why) == 0)
        return inquiry_event(self, &event);
    inquiry_note(self, HY_FAULT_UNREADABLE, self->place, "%.190s", why.text);
    return 0;
}

/* The next line without its end; of a longer one the beginning.  Its length, or -1: there is none.  *ret_zero: a byte
 * of value 0 comes next, which ends all. */
static long next_line(FILE *from, char *ret_line, bool *ret_zero) {
    long size = 0;
    int c = getc_unlocked(from);
    if (c == EOF)
        return -1;
    for (; c != EOF && c != '\n' && c != '\0'; c = getc_unlocked(from), size++)
        if (size < HY_LINE_MAX - 1)
            ret_line[size] = (char)c;
    *ret_zero = c == '\0';
    if (size > 0 && size < HY_LINE_MAX && ret_line[size - 1] == '\r')
        size--;
    ret_line[size < HY_LINE_MAX ? size : HY_LINE_MAX - 1] = '\0';
    return size;
}

/* Lines that are too long are one fault each, whatever stands in them.  What has a byte of value 0 is no text. */
static int inquiry_text(inquiry *self, FILE *from) {
    char line[HY_LINE_MAX];
    bool zero = false;
    for (long size; !zero && (size = next_line(from, line, &zero)) >= 0;) {
        int r = 0;
        self->place++;
        if (zero)
            inquiry_note(self, HY_FAULT_UNREADABLE, self->place, "a byte of value 0; expected text");
        else if (size >= HY_LINE_MAX)
            inquiry_note(self, HY_FAULT_UNREADABLE, self->place, "longer than %d bytes", HY_LINE_MAX - 1);
        else
            r = inquiry_line(self, line);
        if (r < 0)
            return r;
    }
    return 0;
}

static int inquiry_trace(inquiry *self, hy_trace_reader *reader) {
    const hy_event *events;
    size_t count;
    hy_error why;
    int r;
    while ((r = hy_trace_next(reader, &events, &count, &why)) > 0)
        for (size_t i = 0; i < count; i++, self->place++) {
            r = inquiry_event(self, &events[i]);
            if (r < 0)
                return r;
        }
    if (r < 0)
        inquiry_note(self, HY_FAULT_UNREADABLE, self->place, "%.190s", why.text);
    else if (hy_trace_warning(reader))
        inquiry_note(self, HY_FAULT_UNREADABLE, self->place, "%.190s", hy_trace_warning(reader));
    return r == -ENOMEM ? r : 0;
}

static int inquiry_finish(inquiry *self, int r, hy_error *error) {
    if (r == 0)
        inquiry_end(self);
    hy_objects_clear(&self->objects);
    hy_ranges_clear(&self->ranges);
    return r < 0 ? hy_fail(error, r, "no memory to note the objects of a trace") : 0;
}

/* A file that begins as a trace does; what cannot be opened is left to whoever opens it next.  Pipes are text: what was
 * read of them would be gone. */
static bool is_trace(const char *path) {
    char head[4];
    struct stat status;
    FILE *const file = stat(path, &status) == 0 && S_ISREG(status.st_mode) ? fopen(path, "rbe") : NULL;
    const bool is = file && fread(head, 1, sizeof head, file) == sizeof head && memcmp(head, "\x89HYT", 4) == 0;
    if (file)
        fclose(file);
    return is;
}

static int find_in_trace(const char *path, hy_faults *ret, hy_error *error) {
    hy_trace_reader *reader;
    inquiry self = {.found = ret};
    hy_error why;
    const int r = hy_trace_open(path, &reader, &why);
    if (r == -EINVAL)
        inquiry_note(&self, HY_FAULT_UNREADABLE, 0, "%.190s", why.text);
    if (r < 0)
        return r == -EINVAL ? 0 : hy_fail(error, r, "%s", why.text);
    const int end = inquiry_finish(&self, inquiry_trace(&self, reader), error);
    ret->sites = hy_trace_sites(reader)->site_count > 1;
    hy_trace_close(reader);
    return end;
}

int hy_faults_find(const char *path, bool addresses, hy_faults *ret, hy_error *error) {
    const bool standard = strcmp(path, "-") == 0;
    char name[256];
    *ret = (hy_faults){.text = standard || !is_trace(path)};
    if (!ret->text)
        return find_in_trace(path, ret, error);
    FILE *from;
    int r = hy_source_stream(path, &from, error);
    if (r < 0)
        return r;
    hy_text_clean(name, sizeof name, standard ? "standard input" : path);
    inquiry self = {.found = ret, .addresses = addresses};
    r = inquiry_finish(&self, inquiry_text(&self, from), error);
    if (r == 0 && ferror(from))
        r = hy_fail(error, -EIO, "%s: cannot be read: %s", name, strerror(errno));
    fclose(from);
    return r;
}

int hy_faults_find_text(const char *text, uint64_t size, bool addresses, hy_faults *ret, hy_error *error) {
    inquiry self = {.found = ret, .addresses = addresses};
    *ret = (hy_faults){.text = true};
    FILE *const from = fmemopen((void *)(uintptr_t)text, size, "rb");
    if (!from)
        return hy_fail(error, -errno, "text in memory: %s", strerror(errno));
    const int r = inquiry_finish(&self, inquiry_text(&self, from), error);
    fclose(from);
    return r;
}
