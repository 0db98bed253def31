/* SPDX-License-Identifier: MIT
 *
 * stage_expect.c - what a scenario expects, against what the heap's walk shows.  Also draws the map of blocks.
 *
 * Offsets count from the storage's start to the start of a block's range, its header included.  Lengths and offsets are
 * compared in bytes and said in units.
 */
#include "stage.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

typedef struct words {
    char text[300];
} words;

/* Bytes in units: whole where they are. */
static words in_units(const stage *self, uint64_t bytes) {
    words ret;
    if (bytes % self->unit == 0)
        snprintf(ret.text, sizeof ret.text, "%llu", (unsigned long long)(bytes / self->unit));
    else
        snprintf(ret.text, sizeof ret.text, "%.4g", (double)bytes / (double)self->unit);
    return ret;
}

/* An offset: bytes in hexadecimal, units as a number. */
static words as_offset(const stage *self, uint64_t bytes) {
    words ret;
    if (self->unit != 1)
        return in_units(self, bytes);
    snprintf(ret.text, sizeof ret.text, "+0x%llx", (unsigned long long)bytes);
    return ret;
}

static words as_hole(const stage *self, uint64_t start, uint64_t size) {
    words ret;
    snprintf(ret.text, sizeof ret.text, "%.40s:%.40s", in_units(self, start).text, in_units(self, size).text);
    return ret;
}

static uint64_t offset_of(const stage *self, uintptr_t address) {
    return address - (uintptr_t)self->storage;
}

/* ------------------------------------------------------------------------------------------------------ blocks ---- */

const hy_range *stage_range(const stage *self, const void *block) {
    for (size_t i = 0; i < self->map.count; i++)
        if (self->map.ranges[i].kind == HY_USED && self->map.ranges[i].block == (uintptr_t)block)
            return &self->map.ranges[i];
    return NULL;
}

static int expect_at(stage *self, const hy_step *step) {
    const stage_block *const block = stage_find(self, step->name);
    const words wanted = as_offset(self, step->number * self->unit);
    if (!block || (!block->block && !block->refused))
        return stage_disappoint(self, step->line, "expected %s at %s, but it is not allocated", step->name,
                                wanted.text);
    if (block->refused)
        return stage_disappoint(self, step->line, "expected %s at %s, but its request of line %u found no room",
                                step->name, wanted.text, block->line);
    const hy_range *const range = stage_range(self, block->block);
    if (!range)
        return stage_disappoint(self, step->line, "expected %s at %s, but walk does not show it", step->name,
                                wanted.text);
    const uint64_t found = offset_of(self, range->start);
    if (found == step->number * self->unit)
        return 0;
    return stage_disappoint(self, step->line, "expected %s at %s, found it at %s", step->name, wanted.text,
                            as_offset(self, found).text);
}

static uint64_t sum_of_holes(const stage *self, uint64_t *ret_largest) {
    uint64_t sum = 0;
    *ret_largest = 0;
    for (size_t i = 0; i < self->map.count; i++) {
        const hy_range *const range = &self->map.ranges[i];
        if (range->kind != HY_FREE)
            continue;
        sum += range->size;
        *ret_largest = range->size > *ret_largest ? range->size : *ret_largest;
    }
    return sum;
}

static int expect_fails(stage *self, const hy_step *step) {
    stage_block *const block = stage_find(self, step->name);
    if (!block || !block->refused)
        return stage_disappoint(self, step->line, "expected that %s fails, but it %s", step->name,
                                block && block->block ? "was served" : "is not allocated");
    block->unexpected = false;
    uint64_t largest = 0;
    const uint64_t sum = sum_of_holes(self, &largest), asked = block->units * self->unit;
    if (!step->number || sum >= asked)
        return 0;
    return stage_disappoint(self, step->line, "expected that %s fails although enough is free, but %s are free of %s",
                            step->name, in_units(self, sum).text, in_units(self, asked).text);
}

/* ------------------------------------------------------------------------------------------------------- holes ---- */

/* All holes, as a scenario writes them. */
static char *list_holes(const stage *self) {
    char *text = NULL;
    size_t size = 0;
    FILE *const out = open_memstream(&text, &size);
    if (!out)
        abort();
    for (size_t i = 0; i < self->map.count; i++) {
        const hy_range *const range = &self->map.ranges[i];
        if (range->kind == HY_FREE)
            fprintf(out, "%s%s", ftell(out) > 0 ? " " : "",
                    as_hole(self, offset_of(self, range->start), range->size).text);
    }
    if (ftell(out) == 0)
        fputs("none", out);
    fclose(out);
    return text;
}

static char *list_expected(const stage *self, const hy_step *step) {
    char *text = NULL;
    size_t size = 0;
    FILE *const out = open_memstream(&text, &size);
    if (!out)
        abort();
    for (size_t i = 0; i < step->hole_count; i++)
        fprintf(out, "%s%s", i ? " " : "",
                as_hole(self, step->holes[i].start * self->unit, step->holes[i].size * self->unit).text);
    if (step->hole_count == 0)
        fputs("none", out);
    fclose(out);
    return text;
}

static bool is_hole(const stage *self, const hy_step_hole *wanted) {
    for (size_t i = 0; i < self->map.count; i++) {
        const hy_range *const range = &self->map.ranges[i];
        if (range->kind == HY_FREE && offset_of(self, range->start) == wanted->start * self->unit &&
            range->size == wanted->size * self->unit)
            return true;
    }
    return false;
}

/* All of them are there; with `exactly`, and no others. */
static int expect_holes(stage *self, const hy_step *step, bool exactly) {
    size_t found = 0, count = 0;
    for (size_t i = 0; i < step->hole_count; i++)
        found += is_hole(self, &step->holes[i]);
    for (size_t i = 0; i < self->map.count; i++)
        count += self->map.ranges[i].kind == HY_FREE;
    if (found == step->hole_count && (!exactly || count == found))
        return 0;
    char *const wanted = list_expected(self, step), *const holes = list_holes(self);
    stage_disappoint(self, step->line, "expected %s %.150s, found %.150s", exactly ? "holes" : "the hole", wanted,
                     holes);
    free(wanted);
    free(holes);
    return 1;
}

/* Bytes of live blocks that nobody asked for. */
static uint64_t sum_of_waste(const stage *self) {
    uint64_t waste = 0;
    for (size_t i = 0; i < self->block_count; i++) {
        const hy_range *const range = self->blocks[i].block ? stage_range(self, self->blocks[i].block) : NULL;
        waste += range ? range->usable - self->blocks[i].size : 0;
    }
    return waste;
}

static int expect_gets(stage *self, const hy_step *step) {
    const stage_block *const block = stage_find(self, step->name);
    if (!block || !block->block)
        return stage_disappoint(self, step->line, "expected that %s gets %llu, but it %s", step->name,
                                (unsigned long long)step->number,
                                block && block->refused ? "found no room" : "is not allocated");
    if (block->units == step->number)
        return 0;
    return stage_disappoint(self, step->line, "expected that %s gets %llu, it got %llu", step->name,
                            (unsigned long long)step->number, (unsigned long long)block->units);
}

static int expect_amount(stage *self, const hy_step *step) {
    uint64_t largest = 0;
    const uint64_t sum = sum_of_holes(self, &largest);
    const char *what = "free";
    uint64_t found = sum;
    switch (step->kind) {
    case HY_STEP_EXPECT_LARGEST: what = "largest", found = largest; break;
    case HY_STEP_EXPECT_WASTE: what = "waste", found = sum_of_waste(self); break;
    case HY_STEP_EXPECT_MOVED: what = "moved", found = self->moved; break;
    default: break;
    }
    if (found == step->number * self->unit)
        return 0;
    return stage_disappoint(self, step->line, "expected %s %llu, found %s", what, (unsigned long long)step->number,
                            in_units(self, found).text);
}

/* --------------------------------------------------------------------------------------------------------- map ---- */

static char letter_of(const stage *self, const hy_range *range) {
    if (range->kind != HY_USED)
        return range->kind == HY_FREE ? '.' : '+';
    for (size_t i = 0; i < self->block_count; i++)
        if ((uintptr_t)self->blocks[i].block == range->block)
            return self->blocks[i].name[0];
    return '#';
}

/* What most of a unit is; *from moves on. */
static char unit_letter(const stage *self, size_t unit, size_t *from) {
    const uintptr_t start = (uintptr_t)self->storage + unit * self->unit, end = start + self->unit;
    size_t most = 0;
    char letter = ' ';
    while (*from < self->map.count && self->map.ranges[*from].start + self->map.ranges[*from].size <= start)
        ++*from;
    for (size_t i = *from; i < self->map.count && self->map.ranges[i].start < end; i++) {
        const hy_range *const range = &self->map.ranges[i];
        const uintptr_t low = range->start > start ? range->start : start;
        const uintptr_t high = range->start + range->size < end ? range->start + range->size : end;
        if (high - low > most) {
            most = high - low;
            letter = letter_of(self, range);
        }
    }
    return letter;
}

char *stage_draw(stage *self, size_t width) {
    const size_t units = self->storage_size / self->unit, rows = (units + width - 1) / width;
    char *const text = calloc(1, rows * width + 1);
    if (!text)
        abort();
    for (size_t unit = 0, from = 0; unit < units; unit++)
        text[unit] = unit_letter(self, unit, &from);
    return text;
}

static void print_rows(FILE *out, const char *rows, size_t width, const char *head) {
    for (size_t left = strlen(rows); left > 0; left -= left < width ? left : width, rows += width)
        fprintf(out, "%s%.*s\n", head, (int)width, rows);
}

void stage_print_map(stage *self, size_t width) {
    char *const rows = stage_draw(self, width);
    print_rows(self->out, rows, width, "");
    fputc('\n', self->out);
    free(rows);
}

static int expect_map(stage *self, const hy_step *step) {
    if (step->number == 0)
        return stage_disappoint(self, step->line, "expected a map without rows");
    if (self->storage_size / self->unit > HY_SCENARIO_SIZE)
        return stage_disappoint(self, step->line, "a map of more than %zu units", HY_SCENARIO_SIZE);
    char *const rows = stage_draw(self, step->number);
    const size_t size = strlen(rows), wanted = strlen(step->text), width = step->number;
    size_t at = 0;
    while (at < size && at < wanted && rows[at] == step->text[at])
        at++;
    const size_t row = at / width;
    if (size != wanted && at == (size < wanted ? size : wanted))
        stage_disappoint(self, step->line, "expected a map of %zu rows, found %zu", wanted / width,
                         (size + width - 1) / width);
    else if (size != wanted || at < size)
        stage_disappoint(self, step->line, "expected row %zu of the map to be %.*s, found %.*s", row + 1,
                         width < 100 ? (int)width : 100, step->text + row * width, width < 100 ? (int)width : 100,
                         rows + row * width);
    free(rows);
    return size != wanted || at < size;
}

int stage_expect(stage *self, const hy_step *step, hy_error *error) {
    hy_heapmap_take(&self->map, self->heap.heap);
    switch (step->kind) {
    case HY_STEP_EXPECT_AT: return expect_at(self, step);
    case HY_STEP_EXPECT_FAILS: return expect_fails(self, step);
    case HY_STEP_EXPECT_HOLE: return expect_holes(self, step, false);
    case HY_STEP_EXPECT_HOLES: return expect_holes(self, step, true);
    case HY_STEP_EXPECT_GETS: return expect_gets(self, step);
    case HY_STEP_EXPECT_LARGEST:
    case HY_STEP_EXPECT_WASTE:
    case HY_STEP_EXPECT_MOVED:
    case HY_STEP_EXPECT_FREE: return expect_amount(self, step);
    case HY_STEP_EXPECT_MAP: return expect_map(self, step);
    default: return hy_fail(error, -EINVAL, "%.100s:%u: this is no expectation", self->scenario->name, step->line);
    }
}
