/* SPDX-License-Identifier: MIT
 *
 * memory_model.c - the names of models, and the simplest of them: flat memory (see memory_model.h).
 */
#include "memory_model.h"

#include "spec.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ----------------------------------------------------------------------------------------------------------- names
 * ---- */

#define EXPECTED "expected flat, fixed:BLOCK, dynamic:POLICY[:tidy] or paged:POLICY[:PAGE]"

static int parse_unit(const char *word, const char *what, uint64_t least, uint64_t *ret, hy_error *error) {
    if (hy_parse_size(word, ret) < 0 || *ret < least || *ret > (UINT64_C(1) << 40))
        return hy_fail(error, -EINVAL, "\"%s\" is no size of a %s; expected %" PRIu64 " bytes to 1T", word, what,
                       least);
    return 0;
}

static bool is_policy(const char *word) {
    static const char *const policies[] = {"first", "next", "best", "worst", NULL};
    for (size_t i = 0; policies[i]; i++)
        if (strcmp(word, policies[i]) == 0)
            return true;
    return false;
}

static int parse_fixed(hy_model *model, const char *block, const char *more, hy_error *error) {
    model->kind = HY_MODEL_FIXED;
    if (more)
        return hy_fail(error, -EINVAL, "model \"%s\": nothing follows the block's size", model->name);
    if (parse_unit(block ? block : "", "block", 64, &model->unit, error) < 0)
        return -EINVAL;
    snprintf(model->spec, sizeof model->spec, "partitions:block=%" PRIu64 ",grain=1,policy=first", model->unit);
    return 0;
}

static int parse_dynamic(hy_model *model, const char *policy, const char *more, hy_error *error) {
    model->kind = HY_MODEL_DYNAMIC;
    model->unit = 1;
    if (!policy || !is_policy(policy))
        return hy_fail(error, -EINVAL, "model \"%s\": expected dynamic:first, next, best or worst", model->name);
    if (more && strcmp(more, "tidy") != 0)
        return hy_fail(error, -EINVAL, "model \"%s\": expected dynamic:%s or dynamic:%s:tidy", model->name, policy,
                       policy);
    model->tidy = more != NULL;
    snprintf(model->spec, sizeof model->spec, "fit:policy=%s,order=address,metadata=out-of-band,grain=1", policy);
    return 0;
}

static int parse_paged(hy_model *model, const char *policy, const char *page, hy_error *error) {
    model->kind = HY_MODEL_PAGED;
    model->lru = policy && strcmp(policy, "lru") == 0;
    if (!model->lru && !(policy && strcmp(policy, "fifo") == 0))
        return hy_fail(error, -EINVAL, "model \"%s\": expected paged:fifo or paged:lru", model->name);
    return parse_unit(page ? page : "4K", "page", 512, &model->unit, error);
}

int hy_model_parse(const char *name, size_t size, hy_model *ret, hy_error *error) {
    hy_model model = {.kind = HY_MODEL_FLAT, .unit = 1};
    char words[64], *rest = words;
    if (size >= sizeof model.name)
        return hy_fail(error, -EINVAL, "\"%.*s…\" is no model; " EXPECTED, 40, name);
    snprintf(model.name, sizeof model.name, "%.*s", (int)size, name);
    memcpy(words, model.name, sizeof words);
    const char *const kind = strsep(&rest, ":"), *const one = strsep(&rest, ":"), *const two = rest;
    int r = 0;
    if (strcmp(kind, "fixed") == 0)
        r = parse_fixed(&model, one, two, error);
    else if (strcmp(kind, "dynamic") == 0)
        r = parse_dynamic(&model, one, two, error);
    else if (strcmp(kind, "paged") == 0)
        r = parse_paged(&model, one, two, error);
    else if (strcmp(kind, "flat") != 0 || one)
        r = hy_fail(error, -EINVAL, "\"%s\" is no model; " EXPECTED, model.name);
    if (r == 0)
        *ret = model;
    return r;
}

/* ------------------------------------------------------------------------------------------------------------ flat
 * ---- */

typedef struct flat_memory {
    hy_memory memory;
    uint64_t machine;
    bool owned;
} flat_memory;

static int flat_create(const hy_model *model, uint64_t machine, size_t programs, hy_memory **ret, hy_error *error) {
    (void)model;
    (void)programs;
    flat_memory *const self = calloc(1, sizeof *self);
    if (!self)
        return hy_fail(error, -ENOMEM, "no memory for a model");
    *self = (flat_memory){.memory = {.ops = &hy_flat_memory_ops, .most = machine}, .machine = machine};
    *ret = &self->memory;
    return 0;
}

static void flat_destroy(hy_memory *memory) {
    free(memory);
}

/* Whoever comes first owns all of it. */
static uint64_t flat_take(hy_memory *memory, size_t program, uint64_t minimum, uint64_t preferred) {
    flat_memory *const self = (flat_memory *)memory;
    (void)program;
    (void)preferred;
    if (self->owned || minimum > self->machine)
        return 0;
    self->owned = true;
    return self->machine;
}

static void flat_leave(hy_memory *memory, size_t program) {
    (void)program;
    ((flat_memory *)memory)->owned = false;
}

static void flat_holes(const hy_memory *memory, uint64_t *ret_free, uint64_t *ret_largest) {
    const flat_memory *const self = (const flat_memory *)memory;
    *ret_free = *ret_largest = self->owned ? 0 : self->machine;
}

const hy_memory_ops hy_flat_memory_ops = {
    .create = flat_create, .destroy = flat_destroy, .take = flat_take, .leave = flat_leave, .holes = flat_holes};
