/* SPDX-License-Identifier: MIT
 *
 * problem_file.c - packing problems from and to files (see problem.h).
 */
#include "problem.h"
#include "source.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_LOOK ((size_t)4096)

/* All that is left of the file, behind `used` bytes that are there already. */
static int slurp(hy_source *source, char **text, size_t *used, hy_error *error) {
    size_t got = *used, room = *used;
    while (got > 0) {
        if (*used == HY_PROBLEM_MOST)
            return hy_fail(error, -EFBIG, "%s: more than %zu bytes; too large a packing problem", source->name,
                           HY_PROBLEM_MOST);
        room = room * 2 < HY_PROBLEM_MOST ? room * 2 : HY_PROBLEM_MOST;
        char *const grown = realloc(*text, room);
        if (!grown)
            return hy_fail(error, -ENOMEM, "%s: no memory for %zu bytes", source->name, room);
        *text = grown;
        const int r = hy_source_read(source, *text + *used, room - *used, &got);
        if (r < 0)
            return hy_fail(error, r, "%s: %s", source->name, strerror(-r));
        *used += got;
    }
    return 0;
}

static int read_source(hy_source *source, uint64_t align, hy_problem *ret_problem, hy_error *error) {
    size_t size;
    char *text = malloc(FIRST_LOOK);
    if (!text)
        return hy_fail(error, -ENOMEM, "%s: no memory", source->name);
    int r = hy_source_read(source, text, FIRST_LOOK, &size);
    const bool ours = r == 0 && hy_problem_begins(text, size);
    if (r < 0)
        hy_fail(error, r, "%s: %s", source->name, strerror(-r));
    else if (ours)
        r = slurp(source, &text, &size, error);
    if (r == 0 && ours)
        r = hy_problem_parse(text, size, source->name, align, ret_problem, error);
    free(text);
    return r < 0 ? r : ours;
}

int hy_problem_read(const char *path, uint64_t align, hy_problem *ret_problem, hy_error *error) {
    hy_source source;
    const int r = hy_source_open(&source, path, error);
    const int found = r < 0 ? r : read_source(&source, align, ret_problem, error);
    hy_source_close(&source);
    return found;
}

static bool needs_alignment(const hy_job *job) {
    for (size_t i = 0; i < job->count; i++)
        if ((uint64_t)1 << job->buffers[i].align > job->align)
            return true;
    return false;
}

void hy_problem_write(FILE *out, const hy_job *job, const hy_problem *problem) {
    const bool alignment = needs_alignment(job);
    fprintf(out, "id,lower,upper,size%s,offset\n", alignment ? ",alignment" : "");
    for (size_t i = 0; i < job->count; i++) {
        const hy_buffer *const b = &job->buffers[i];
        if (problem)
            fwrite(problem->ids[i].at, 1, problem->ids[i].size, out);
        else
            fprintf(out, "%zu", i);
        fprintf(out, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64, problem ? problem->moments[b->start] : b->start,
                problem ? problem->moments[b->end] : b->end, b->size);
        if (alignment)
            fprintf(out, ",%" PRIu64, (uint64_t)1 << b->align);
        fprintf(out, ",%" PRIu64 "\n", b->offset);
    }
}
