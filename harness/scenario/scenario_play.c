/* SPDX-License-Identifier: MIT
 *
 * scenario_play.c - playing a scenario on one spec.
 *
 *  1. Conditions are judged once; lines whose condition does not hold are as if they were not there.
 *  2. Each case gets a fresh heap in a fresh storage, then the lines before the first case, then its own.
 *  3. A request that finds no room must be expected before anything else is done to the heap.
 *  4. The first expectation that does not hold ends the play; a broken invariant at the end of a case is one.
 */
#include "fixed_pages.h"
#include "stage.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define DEFAULT_STORAGE ((size_t)4096)

int stage_disappoint(stage *self, unsigned line, const char *format, ...) {
    char sentence[400];
    va_list list;
    va_start(list, format);
    vsnprintf(sentence, sizeof sentence, format, list);
    va_end(list);
    hy_fail(&self->play->failure, 0, "%.60s:%u: %s%.40s%s%s", self->scenario->name, line, self->title ? "case " : "",
            self->title ? self->title : "", self->title ? ": " : "", sentence);
    self->play->failed = true;
    return 1;
}

stage_block *stage_find(stage *self, const char *name) {
    for (size_t i = 0; i < self->block_count; i++)
        if (strcmp(self->blocks[i].name, name) == 0)
            return &self->blocks[i];
    return NULL;
}

/* ------------------------------------------------------------------------------------------------- conditions ---- */

/* Which steps count.  To be freed. */
static bool *judge_steps(const hy_scenario *scenario, const hy_catalog *catalog, hy_text spec) {
    bool *const counts = calloc(scenario->count, sizeof *counts);
    if (!counts)
        abort();
    bool any = false, was_else = false; /* of the conditions right above */
    for (size_t i = 0; i < scenario->count; i++) {
        const char *const condition = scenario->steps[i].condition;
        const bool is_else = condition && strcmp(condition, "else") == 0;
        if (!condition || (!is_else && was_else))
            any = false;
        counts[i] = !condition || (is_else ? !any : hy_condition_holds(catalog, spec, condition));
        any |= condition && !is_else && counts[i];
        was_else = is_else;
    }
    return counts;
}

/* ------------------------------------------------------------------------------------------------- the storage ---- */

static void read_settings(stage *self, const bool *counts) {
    self->storage_size = DEFAULT_STORAGE;
    self->unit = 1;
    for (size_t i = 0; i < self->scenario->count; i++) {
        const hy_step *const step = &self->scenario->steps[i];
        if (counts[i] && step->kind == HY_STEP_STORAGE)
            self->storage_size = step->number;
        if (counts[i] && step->kind == HY_STEP_UNIT)
            self->unit = step->number;
        if (counts[i] && step->kind == HY_STEP_HEADER)
            self->header = step->number;
    }
}

/* An allocator that is told its storage's size (simple) is told the scenario's, unless the user said one. */
static void add_storage(const hy_heap_ops *ops, hy_text spec, size_t size, char *ret, size_t ret_size) {
    hy_spec parts;
    const hy_param *param = ops->params;
    snprintf(ret, ret_size, "%.*s", (int)spec.size, spec.at);
    while (param && param->name && strcmp(param->name, "storage") != 0)
        param++;
    if (!param || !param->name || hy_spec_parse(spec, &parts, NULL) < 0)
        return;
    hy_text params = parts.part[parts.count - 1].params;
    const char *const before = params.size ? "," : ":";
    char key[HY_TEXT_SIZE], value[HY_TEXT_SIZE];
    while (hy_params_next(&params, key, value, NULL) == 1)
        if (strcmp(key, "storage") == 0)
            return;
    snprintf(ret, ret_size, "%.*s%sstorage=%zu", (int)spec.size, spec.at, before, size);
}

static int stage_unwalkable(hy_text spec, hy_error *error) {
    return hy_fail(error, -ENOTSUP, "%.*s cannot be walked, so nothing can be expected of its ranges", (int)spec.size,
                   spec.at);
}

static int stage_open(stage *self, const hy_catalog *catalog, const char *spec, hy_error *error) {
    self->storage_bytes = self->storage_size;
    self->storage =
        mmap(NULL, self->storage_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (self->storage == MAP_FAILED) {
        self->storage = NULL;
        return hy_fail(error, -ENOMEM, "no memory for a storage of %zu bytes", self->storage_size);
    }
    int r = hy_fixed_pages_over(self->storage, self->storage_size, 1, &self->pages);
    if (r < 0)
        return hy_fail(error, r, "no memory for a page source");
    r = hy_open(catalog, (hy_text){spec, strlen(spec)}, &(hy_open_options){.data = self->pages}, &self->heap, error);
    self->open = r == 0;
    if (r == 0 && !self->heap.heap->ops->walk)
        return stage_unwalkable((hy_text){spec, strlen(spec)}, error);
    return r;
}

static void stage_close(stage *self) {
    if (self->open)
        hy_close(&self->heap);
    if (self->pages)
        self->pages->ops->destroy(self->pages);
    if (self->storage)
        munmap(self->storage, self->storage_bytes);
    self->open = false;
    self->pages = NULL;
    self->storage = NULL;
    self->block_count = 0;
    self->moved = 0;
}

/* What found no room, and no line expected that. */
static int check_refusals(stage *self) {
    for (size_t i = 0; i < self->block_count; i++)
        if (self->blocks[i].unexpected)
            return stage_disappoint(self, self->blocks[i].line,
                                    "%s found no room, and the lines below do not expect it", self->blocks[i].name);
    return 0;
}

static int play_step(stage *self, const hy_step *step, hy_error *error) {
    if (step->kind > HY_STEP_MAP) {
        const int r = stage_expect(self, step, error);
        self->play->held += r == 0;
        return r;
    }
    if (step->kind > HY_STEP_CASE && check_refusals(self))
        return 1;
    return step->kind > HY_STEP_CASE ? stage_act(self, step, error) : 0;
}

/* ------------------------------------------------------------------------------------------------------- cases ---- */

static int play_range(stage *self, const bool *counts, size_t from, size_t to, hy_error *error) {
    int r = 0;
    for (size_t i = from; i < to && r == 0; i++)
        if (counts[i])
            r = play_step(self, &self->scenario->steps[i], error);
    return r;
}

static int check_heap(stage *self, unsigned line) {
    hy_heap *const heap = self->heap.heap;
    const char *const wrong = heap->ops->check ? heap->ops->check(heap) : NULL;
    return wrong ? stage_disappoint(self, line, "the heap is damaged: %s", wrong) : 0;
}

/* The index of the next case from `from` on, or the number of steps. */
static size_t next_case(const hy_scenario *scenario, size_t from) {
    while (from < scenario->count && scenario->steps[from].kind != HY_STEP_CASE)
        from++;
    return from;
}

static int play_case(stage *self, const hy_catalog *catalog, const char *spec, const bool *counts, size_t from,
                     hy_error *error) {
    const hy_scenario *const scenario = self->scenario;
    const size_t layout = next_case(scenario, 0), end = from < scenario->count ? next_case(scenario, from + 1) : from;
    self->title = from < scenario->count ? scenario->steps[from].text : NULL;
    int r = stage_open(self, catalog, spec, error);
    if (r == 0)
        r = play_range(self, counts, 0, layout, error);
    if (r == 0)
        r = play_range(self, counts, from, end, error);
    if (r == 0)
        r = check_refusals(self);
    if (r == 0)
        r = check_heap(self, scenario->steps[end - 1].line);
    stage_close(self);
    return r;
}

int hy_scenario_play(const hy_scenario *scenario, const hy_catalog *catalog, hy_text spec, FILE *out, hy_play *ret_play,
                     hy_error *error) {
    const hy_heap_ops *ops = NULL;
    int r = hy_spec_check(catalog, spec, &ops, error);
    if (r == 0 && !ops->walk)
        r = stage_unwalkable(spec, error);
    if (r < 0)
        return r;
    hy_play play = {.held = 0};
    stage self = {.scenario = scenario, .out = out, .play = &play};
    self.blocks = calloc(scenario->count, sizeof *self.blocks);
    if (!self.blocks)
        abort();
    bool *const counts = judge_steps(scenario, catalog, spec);
    char text[HY_SPEC_SIZE + 64];
    read_settings(&self, counts);
    add_storage(ops, spec, self.storage_size, text, sizeof text);
    size_t from = next_case(scenario, 0);
    do {
        r = play_case(&self, catalog, text, counts, from, error);
        from = next_case(scenario, from + 1);
    } while (r == 0 && from < scenario->count);
    hy_heapmap_free(&self.map);
    free(self.blocks);
    free(counts);
    if (r >= 0)
        *ret_play = play;
    return r < 0 ? r : 0;
}
