/* SPDX-License-Identifier: MIT
 *
 * said.c - see said.h.
 */
#include "said.h"

#include "lists.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool read_metric(const char *line, hy_cell_result *result) {
    hy_metric m = {0};
    if (sscanf(line, "metric %39s %lf %11s", m.name, &m.value, m.unit) != 3)
        return true;
    hy_metric *const grown = hy_list_more(result->metrics, result->metric_count, sizeof m);
    if (!grown)
        return false;
    result->metrics = grown;
    result->metrics[result->metric_count++] = m;
    return true;
}

static bool read_point(const char *line, hy_cell_result *result) {
    hy_point p = {0};
    if (sscanf(line, "point %15s %lf %lf", p.series, &p.x, &p.y) != 3)
        return true;
    hy_point *const grown = hy_list_more(result->points, result->point_count, sizeof p);
    if (!grown)
        return false;
    result->points = grown;
    result->points[result->point_count++] = p;
    return true;
}

static bool read_bucket(const char *line, hy_cell_result *result) {
    hy_bucket b = {0};
    unsigned long long count = 0;
    if (sscanf(line, "bucket %15s %lf %lf %llu", b.kind, &b.low, &b.high, &count) != 4)
        return true;
    b.count = count;
    hy_bucket *const grown = hy_list_more(result->buckets, result->bucket_count, sizeof b);
    if (!grown)
        return false;
    result->buckets = grown;
    result->buckets[result->bucket_count++] = b;
    return true;
}

/* A figure, or "-" for none; *at goes on behind it. */
static double read_known(const char **at) {
    char *end;
    while (**at == ' ')
        ++*at;
    const double value = strtod(*at, &end);
    *at = end > *at ? end : *at + (**at == '-');
    return end > *at - 1 && (*at)[-1] != '-' ? value : NAN;
}

static bool read_phase(const char *line, hy_cell_result *result) {
    hy_phase_result p = {.number = 0};
    const char *at = line + strlen("phase ");
    double *const figures[] = {&p.times, &p.operations, &p.peak_live, &p.seconds, &p.peak_resident, &p.peak_committed};
    p.number = (unsigned)read_known(&at);
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
        *figures[i] = read_known(&at);
    snprintf(p.name, sizeof p.name, "%s", *at == ' ' ? at + 1 : at);
    hy_phase_result *const grown = hy_list_more(result->phases, result->phase_count, sizeof p);
    if (!grown)
        return false;
    result->phases = grown;
    result->phases[result->phase_count++] = p;
    return true;
}

static unsigned digit(char letter) {
    return letter <= '9' ? (unsigned)(letter - '0') : (unsigned)(letter - 'a' + 10);
}

/* The blob of that name, or a new one; NULL: there are too many. */
static hy_blob *find_blob(const char *name, hy_cell_result *result) {
    for (size_t i = 0; i < result->blob_count; i++)
        if (strcmp(result->blobs[i].name, name) == 0)
            return &result->blobs[i];
    if (result->blob_count == HY_BLOBS)
        return NULL;
    hy_blob *const blob = &result->blobs[result->blob_count++];
    snprintf(blob->name, sizeof blob->name, "%s", name);
    return blob;
}

static bool read_blob(const char *line, hy_cell_result *result) {
    char name[16];
    int at = 0;
    hy_blob *const blob = sscanf(line, "blob %15s %n", name, &at) == 1 && at > 0 ? find_blob(name, result) : NULL;
    const size_t size = blob ? strspn(line + at, "0123456789abcdef") / 2 : 0;
    if (size == 0)
        return true;
    if (blob->room - blob->size < size) {
        const size_t room = 2 * blob->room + size;
        unsigned char *const grown = realloc(blob->bytes, room);
        if (!grown)
            return false;
        blob->bytes = grown;
        blob->room = room;
    }
    for (size_t i = 0; i < size; i++, at += 2)
        blob->bytes[blob->size++] = (unsigned char)(digit(line[at]) << 4 | digit(line[at + 1]));
    return true;
}

static bool read_line(const char *line, hy_cell_result *result) {
    if (strncmp(line, "metric ", 7) == 0)
        return read_metric(line, result);
    if (strncmp(line, "point ", 6) == 0)
        return read_point(line, result);
    if (strncmp(line, "bucket ", 7) == 0)
        return read_bucket(line, result);
    if (strncmp(line, "phase ", 6) == 0)
        return read_phase(line, result);
    if (strncmp(line, "blob ", 5) == 0)
        return read_blob(line, result);
    if (strncmp(line, "version ", 8) == 0)
        snprintf(result->version, sizeof result->version, "%.63s", line + 8);
    else if (strncmp(line, "outcome ", 8) == 0 && sscanf(line, "outcome %15s", result->outcome) == 1) {
        const char *const blank = strchr(line + 8, ' ');
        snprintf(result->detail, sizeof result->detail, "%.511s", blank ? blank + 1 : "");
    }
    return true;
}

bool hy_said_read(const char *text, hy_cell_result *result) {
    bool fine = true;
    char line[768];
    for (const char *end; fine && (end = strchr(text, '\n')) != NULL; text = end + 1) {
        const size_t size = (size_t)(end - text);
        if (size >= sizeof line)
            continue;
        memcpy(line, text, size);
        line[size] = '\0';
        fine = read_line(line, result);
    }
    return fine;
}

void hy_said_free(hy_cell_result *result) {
    free(result->metrics);
    free(result->points);
    free(result->buckets);
    free(result->phases);
    for (size_t i = 0; i < result->blob_count; i++)
        free(result->blobs[i].bytes);
    result->metrics = NULL;
    result->points = NULL;
    result->buckets = NULL;
    result->phases = NULL;
    result->metric_count = result->point_count = result->bucket_count = result->phase_count = result->blob_count = 0;
    memset(result->blobs, 0, sizeof result->blobs);
}
