/* SPDX-License-Identifier: MIT */
#include "images.h"

#include "clock.h"

#include <errno.h>
#include <gnu/libc-version.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

enum { SNAPSHOT_PATIENCE_MS = 5000 };

/* ------------------------------------------------------------------------------------------------ description ---- */

/* Appends an argument as a shell would want to read it. */
static void image_append(char *to, size_t size, const char *word) {
    const size_t used = strlen(to);
    const bool plain = *word && word[strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                                  "_-+=:,./@%^")] == '\0';
    snprintf(to + used, size - used, "%s%s%s%s", used ? " " : "", plain ? "" : "'", word, plain ? "" : "'");
}

static void image_machine(char *to, size_t size) {
    struct utsname name;
    uname(&name);
    snprintf(to, size, "%s %s %s, glibc %s", name.sysname, name.release, name.machine, gnu_get_libc_version());
}

static hy_trace_meta image_meta(const hy_images *images, uint32_t pid) {
    hy_trace_meta meta = {.started = (uint64_t)time(NULL), .pid = pid};
    snprintf(meta.origin, sizeof meta.origin, "%s", images->options->origin);
    image_machine(meta.machine, sizeof meta.machine);
    return meta;
}

static void image_command_of_root(const hy_images *images, char *to, size_t size) {
    to[0] = '\0';
    for (char *const *word = images->options->argv; *word; word++)
        image_append(to, size, *word);
}

/* The arguments lie one after the other, each ended by NUL but perhaps the last. */
static void image_command(const hy_record_process *process, char *to, size_t size) {
    char text[sizeof process->command + 1] = "";
    const size_t length =
        process->command_size < sizeof process->command ? process->command_size : sizeof process->command;
    memcpy(text, process->command, length);
    to[0] = '\0';
    for (size_t at = 0; at < length; at += strlen(text + at) + 1)
        image_append(to, size, text + at);
}

/* ------------------------------------------------------------------------------------------------------- files ---- */

/* "FILE.PID", then "FILE.PID.2", ...; to be freed.  NULL: no memory. */
static char *image_path(hy_images *images, uint32_t pid) {
    size_t i = 0;
    while (i < images->name_count && images->names[i].pid != pid)
        i++;
    if (i == images->name_count) {
        struct hy_image_name *const grown = realloc(images->names, (i + 1) * sizeof *grown);
        if (!grown)
            return NULL;
        images->names = grown;
        grown[i] = (struct hy_image_name){pid, 0};
        images->name_count++;
    }
    const uint32_t number = ++images->names[i].files;
    char *path = NULL;
    const int n = number == 1 ? asprintf(&path, "%s.%u", images->options->output, pid)
                              : asprintf(&path, "%s.%u.%u", images->options->output, pid, number);
    return n < 0 ? NULL : path;
}

/* A child's file gets its name with its first event, so that a process without events uses none up. */
static int image_open(hy_images *images, hy_image *image, hy_error *error) {
    hy_stream *const stream = &image->stream;
    if (stream->writer || stream->path)
        return 0;
    stream->path = image->root ? strdup(images->options->output) : image_path(images, image->process->pid);
    if (!stream->path)
        return hy_fail(error, -ENOMEM, "no memory for one more process");
    if (!image->root)
        return 0;
    stream->writer = images->first;
    images->first = NULL;
    return stream->writer ? 0 : hy_stream_open(stream, error);
}

int hy_images_begin(hy_images *images, hy_error *error) {
    hy_trace_meta meta = image_meta(images, images->root);
    image_command_of_root(images, meta.command, sizeof meta.command);
    return (images->options->sites > 0 ? hy_trace_create_noted : hy_trace_create)(images->options->output, &meta,
                                                                                  &images->first, error);
}

/* ------------------------------------------------------------------------------------------- coming and going ---- */

static hy_image *image_create(hy_images *images, uint32_t index) {
    hy_record_process *const process = hy_record_process_at(images->share->head, index);
    hy_image *const image = calloc(1, sizeof *image);
    if (!image)
        return NULL;
    image->process = process;
    image->visible = process->pid_space == images->share->head->pid_space;
    image->root = image->visible && process->pid == images->root;
    image->waiting = process->inherits != 0;
    image->attached = hy_ticks();
    image->stream = (hy_stream){.meta = image_meta(images, process->pid),
                                .limit = images->options->limit,
                                .start = process->started,
                                .tick = images->tick};
    image_command(process, image->stream.meta.command, sizeof image->stream.meta.command);
    if (images->options->sites > 0 && !(image->stream.places = hy_places_create(image->visible ? process->pid : 0))) {
        free(image);
        return NULL;
    }
    __atomic_store_n(&process->mapped, 1, __ATOMIC_RELEASE);
    return image;
}

/* A new image in the same process means that exec has ended the earlier one. */
static void images_mark_replaced(hy_images *images, hy_image *fresh) {
    for (uint32_t i = 0; i < hy_share_processes(images->share); i++) {
        hy_image *const image = images->all[i];
        if (!image || image == fresh || !image->visible || !fresh->visible)
            continue;
        if (image->process->pid == fresh->process->pid)
            (image->stream.start < fresh->stream.start ? image : fresh)->dead = true;
    }
}

int hy_images_attach(hy_images *images, hy_error *error) {
    const uint32_t used = hy_share_processes(images->share);
    for (uint32_t i = 0; i < used; i++) {
        if (images->all[i] ||
            __atomic_load_n(&hy_record_process_at(images->share->head, i)->state, __ATOMIC_ACQUIRE) != 2)
            continue;
        images->all[i] = image_create(images, i);
        if (!images->all[i])
            return hy_fail(error, -ENOMEM, "no memory for one more process");
        images->living++;
        images_mark_replaced(images, images->all[i]);
    }
    return 0;
}

void hy_images_bury(hy_images *images, bool root_ended) {
    for (uint32_t i = 0; i < hy_share_processes(images->share); i++) {
        hy_image *const image = images->all[i];
        if (!image || image->dead)
            continue;
        if (image->root)
            image->dead = root_ended;
        else if (image->visible)
            image->dead = kill((pid_t)image->process->pid, 0) < 0 && errno == ESRCH;
    }
}

/* ------------------------------------------------------------------------------------------------- snapshots ---- */

static void images_forget(hy_images *images, size_t i) {
    memmove(images->snapshots + i, images->snapshots + i + 1,
            (images->snapshot_count - i - 1) * sizeof *images->snapshots);
    images->snapshot_count--;
}

static bool images_waited(const hy_images *images, uint64_t since, uint64_t now) {
    return now > since && (double)(now - since) * images->tick > 1e6 * SNAPSHOT_PATIENCE_MS;
}

/* Keeps what `image` holds for the child of its fork.  Children that do not show up lose theirs in the end. */
static int images_remember(hy_images *images, const hy_image *image, uint64_t fork, hy_error *error) {
    const uint64_t now = hy_ticks();
    while (images->snapshot_count > 0 && images_waited(images, images->snapshots[0].made, now)) {
        free(images->snapshots[0].blocks);
        images_forget(images, 0);
    }
    const size_t bytes = (images->snapshot_count + 1) * sizeof(hy_snapshot);
    hy_snapshot *const grown = realloc(images->snapshots, bytes);
    if (!grown)
        return hy_fail(error, -ENOMEM, "no memory for one more fork");
    images->snapshots = grown;
    hy_block *const blocks = hy_addresses_list(&image->stream.living);
    grown[images->snapshot_count++] = (hy_snapshot){fork, now, blocks, blocks ? image->stream.living.count : 0};
    return 0;
}

bool hy_image_ready(hy_images *images, hy_image *image, uint64_t now) {
    for (size_t i = 0; image->waiting && i < images->snapshot_count; i++) {
        if (images->snapshots[i].fork != image->process->inherits)
            continue;
        image->stream.inherited = images->snapshots[i].blocks;
        image->stream.inherited_count = images->snapshots[i].count;
        images_forget(images, i);
        image->waiting = false;
    }
    if (images_waited(images, image->attached, now))
        image->waiting = false;
    return !image->waiting;
}

int hy_images_take(hy_images *images, hy_image *image, hy_stream_thread *thread, const hy_raw_record *record,
                   unsigned put_back, hy_error *error) {
    if (record->kind == HY_RAW_FORK)
        return images_remember(images, image, record->address, error);
    int r = image_open(images, image, error);
    if (r == 0)
        r = hy_stream_take(&image->stream, thread, record, put_back, error);
    if (image->stream.full)
        __atomic_store_n(&image->process->stop, 1, __ATOMIC_RELAXED);
    return r;
}

/* ------------------------------------------------------------------------------------------------- finishing ---- */

static void images_note_refusal(hy_images *images, const hy_image *image) {
    const hy_record_process *const process = image->process;
    hy_record_outcome *const outcome = &images->outcome;
    const size_t room = sizeof process->image, size = process->image_size < room ? process->image_size : room;
    outcome->refused++;
    outcome->root_refused |= image->root;
    snprintf(outcome->refusal, sizeof outcome->refusal, "%.*s", (int)size, process->image);
}

static void images_note(hy_images *images, const hy_image *image) {
    hy_record_outcome *const outcome = &images->outcome;
    struct stat st;
    outcome->files++;
    outcome->events += image->stream.events;
    outcome->dropped += image->dropped + image->stream.unknown;
    outcome->lost += image->stream.lost;
    outcome->limited |= image->stream.full;
    outcome->crowded += image->process->crowded;
    if (stat(image->stream.path, &st) == 0)
        outcome->bytes += (uint64_t)st.st_size;
}

static bool images_is_replaced(const hy_images *images, const hy_image *image) {
    for (uint32_t i = 0; i < hy_share_processes(images->share); i++)
        if (image->root && images->all[i] && images->all[i]->root && images->all[i]->stream.start > image->stream.start)
            return true;
    return false;
}

/* Makes way for the root's next image. */
static int image_set_aside(hy_images *images, hy_image *image, hy_error *error) {
    char *const path = image_path(images, images->root);
    if (!path)
        return hy_fail(error, -ENOMEM, "no memory for one more process");
    const int r = rename(image->stream.path, path) < 0 ? -errno : 0;
    if (r < 0)
        hy_fail(error, r, "cannot rename %s to %s: %s", image->stream.path, path, strerror(-r));
    free(image->stream.path);
    image->stream.path = path;
    return r;
}

static int image_finish(hy_images *images, hy_image *image, hy_error *error) {
    const bool replaced = images_is_replaced(images, image);
    int r = image->root && !replaced && !image->process->refused ? image_open(images, image, error) : 0;
    const int closed = hy_stream_close(&image->stream, image->dropped, r < 0 ? NULL : error);
    r = r < 0 ? r : closed;
    if (image->process->refused)
        images_note_refusal(images, image);
    if (r < 0 || !image->stream.path)
        return r;
    if (replaced && !images->options->follow) {
        images->outcome.replaced++;
        return 0;
    }
    if (replaced)
        r = image_set_aside(images, image, error);
    images_note(images, image);
    return r;
}

static void images_release(hy_images *images, uint32_t index) {
    hy_image *const image = images->all[index];
    hy_record_process *const process = image->process;
    free(image->stream.path);
    hy_order_free(&image->order);
    free(image);
    images->all[index] = NULL;
    images->living--;
    process->refused = process->crowded = process->stop = 0;
    __atomic_store_n(&process->state, 0, __ATOMIC_RELEASE);
}

int hy_images_finish(hy_images *images, uint32_t index, hy_error *error) {
    const int r = image_finish(images, images->all[index], error);
    images_release(images, index);
    return r;
}

void hy_images_end(hy_images *images) {
    for (uint32_t i = 0; i < HY_RECORD_PROCESSES; i++) {
        if (!images->all[i])
            continue;
        hy_stream_close(&images->all[i]->stream, images->all[i]->dropped, NULL);
        images_release(images, i);
    }
    if (images->first)
        hy_trace_finish(images->first, NULL);
    images->outcome.uncounted = images->share->head->lost;
    for (size_t i = 0; i < images->snapshot_count; i++)
        free(images->snapshots[i].blocks);
    free(images->snapshots);
    free(images->names);
}
