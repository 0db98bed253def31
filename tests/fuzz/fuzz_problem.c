/* SPDX-License-Identifier: MIT
 *
 * fuzz_problem.c - packing problems as CSV: any bytes are refused with a sentence or are a problem, which is written
 * and read back the same.  Small ones are packed, too: what was packed must be proved, and lie between the limits.
 */
#include "problem.h"
#include "two_limits.h"

#include <stdlib.h>
#include <string.h>

#define MOST_BUFFERS 40u
#define MOST_STEPS 300u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(int is) {
    if (!is)
        abort();
}

static void expect_same(const hy_problem *a, const hy_problem *b) {
    expect(a->job.count == b->job.count && a->moment_count == b->moment_count);
    expect(memcmp(a->moments, b->moments, a->moment_count * sizeof *a->moments) == 0);
    for (size_t i = 0; i < a->job.count; i++) {
        const hy_buffer *const x = &a->job.buffers[i], *const y = &b->job.buffers[i];
        expect(a->ids[i].size == b->ids[i].size && memcmp(a->ids[i].at, b->ids[i].at, a->ids[i].size) == 0);
        expect(x->size == y->size && x->offset == y->offset && x->align == y->align);
        expect(x->start == y->start && x->end == y->end);
    }
}

static void write_and_read(const hy_problem *problem) {
    char *text = NULL;
    size_t size = 0;
    hy_problem back;
    FILE *const out = open_memstream(&text, &size);
    expect(out != NULL);
    hy_problem_write(out, &problem->job, problem);
    expect(fclose(out) == 0);
    expect(hy_problem_begins(text, size));
    expect(hy_problem_parse(text, size, "again", 1, &back, NULL) == 0);
    expect_same(problem, &back);
    hy_problem_clear(&back);
    free(text);
}

static void pack(hy_problem *problem) {
    const hy_limits_options options = {.given = problem->packed, .steps = MOST_STEPS, .seed = 1};
    hy_limits limits;
    hy_error error = {""};
    if (problem->job.count > MOST_BUFFERS)
        return;
    if (hy_limits_find(&problem->job, &options, &limits, &error) < 0) {
        expect(problem->packed && error.text[0] != '\0');
        return;
    }
    uint64_t top;
    expect(hy_packing_check(&problem->job, &top, NULL) == 0);
    expect(top == limits.upper && limits.lower <= limits.proven && limits.proven <= limits.upper);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    hy_problem problem;
    hy_error error = {""};
    if (hy_problem_parse((const char *)data, size, "input", 1, &problem, &error) < 0) {
        expect(error.text[0] != '\0');
        return 0;
    }
    write_and_read(&problem);
    pack(&problem);
    hy_problem_clear(&problem);
    return 0;
}
