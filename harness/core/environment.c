/* SPDX-License-Identifier: MIT
 *
 * environment.c - settings as environment variables (see environment.h).
 *
 * Which variable a parameter is, stands in its table (hy_param.environment).  Parameters of one variable are joined:
 * with ":" in GLIBC_TUNABLES, which also holds the loader's own setting, with "," elsewhere.
 */
#include "environment.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char environment_always[] = "GLIBC_TUNABLES=glibc.rtld.optional_static_tls=16384";

/* The length of a variable's name with its "=". */
static size_t name_size(const char *entry) {
    return strcspn(entry, "=") + 1;
}

enum { NAME_ROOM = 64 }; /* more than any name in a table of parameters */

static void copy_name(const char *entry, char ret_name[NAME_ROOM]) {
    const size_t size = name_size(entry) - 1, kept = size < NAME_ROOM ? size : NAME_ROOM - 1;
    memcpy(ret_name, entry, kept);
    ret_name[kept] = '\0';
}

static char *entry_of(hy_environment *environment, const char *assignment) {
    const size_t size = name_size(assignment);
    for (size_t i = 0; i < environment->count; i++)
        if (strncmp(environment->entry[i], assignment, size) == 0)
            return environment->entry[i];
    return NULL;
}

/* Adds `before` (a NAME= and perhaps a key) and `value`. */
static int entry_add(hy_environment *environment, const char *before, const char *value, hy_error *error) {
    char *const known = entry_of(environment, before);
    const char *const key = before + name_size(before);
    int wanted = 0;
    if (known && key[0]) {
        const char *const joint = strncmp(before, "GLIBC_TUNABLES=", 15) == 0 ? ":" : ",";
        const size_t used = strlen(known);
        wanted = (int)used + snprintf(known + used, HY_ENVIRONMENT_SIZE - used, "%s%s%s", joint, key, value);
    } else {
        if (!known && environment->count == HY_ENVIRONMENT_COUNT)
            return hy_fail(error, -ENOSPC, "too many settings by environment variables; at most %d",
                           HY_ENVIRONMENT_COUNT);
        char *const entry = known ? known : environment->entry[environment->count++];
        wanted = snprintf(entry, HY_ENVIRONMENT_SIZE, "%s%s", before, value);
    }
    if (wanted >= HY_ENVIRONMENT_SIZE)
        return hy_fail(error, -E2BIG, "the settings for %.*s are longer than %d characters", (int)name_size(before) - 1,
                       before, HY_ENVIRONMENT_SIZE - 1);
    return 0;
}

static void show_rule(const hy_param *param, const hy_rule *rule, char *ret, size_t room) {
    const char *const choice = param->choices[rule->choice], *const kind = strchr(choice, ':');
    const int word = (int)strcspn(choice, ":");
    if (!kind)
        snprintf(ret, room, "%s", choice);
    else if (strcmp(kind, ":REAL") == 0)
        snprintf(ret, room, "%.*s:%g", word, choice, (double)rule->number / HY_RULE_REAL);
    else
        snprintf(ret, room, "%.*s:%llu", word, choice, (unsigned long long)rule->number);
}

/* The value as the allocator reads it: plain numbers without our units, 1 and 0 for yes and no. */
static void show_value(const hy_param *param, const void *params, char *ret, size_t room) {
    const void *const field = (const char *)params + param->offset;
    switch (param->type) {
    case HY_PARAM_SIZE:
    case HY_PARAM_COUNT:
    case HY_PARAM_SHARE:
    case HY_PARAM_TIME: snprintf(ret, room, "%llu", *(const unsigned long long *)field); break;
    case HY_PARAM_BOOL: snprintf(ret, room, "%d", *(const bool *)field); break;
    case HY_PARAM_CHOICE: snprintf(ret, room, "%s", param->choices[*(const uint32_t *)field]); break;
    case HY_PARAM_TEXT: snprintf(ret, room, "%s", (const char *)field); break;
    case HY_PARAM_RULE: show_rule(param, field, ret, room); break;
    }
}

static const hy_param *param_named(const hy_param *table, const char *name) {
    while (table && table->name && strcmp(table->name, name) != 0)
        table++;
    return table && table->name ? table : NULL;
}

static int add_params(const hy_heap_ops *ops, hy_text text, hy_environment *environment, hy_error *error) {
    _Alignas(16) char params[HY_PARAMS_SIZE];
    char key[HY_TEXT_SIZE], value[HY_TEXT_SIZE], shown[HY_TEXT_SIZE];
    int r = hy_params_parse(ops->params, ops->name, text, params, ops->params_size, error);
    while (r >= 0 && (r = hy_params_next(&text, key, value, error)) > 0) {
        const hy_param *const param = param_named(ops->params, key);
        if (!param || !param->environment)
            continue;
        show_value(param, params, shown, sizeof shown);
        r = entry_add(environment, param->environment, shown, error);
    }
    return r;
}

int hy_spec_environment(const hy_catalog *catalog, hy_text text, hy_environment *ret_environment, hy_error *error) {
    hy_spec spec;
    const hy_heap_ops *ops = NULL;
    int r = hy_spec_check(catalog, text, &ops, error);
    if (r == 0)
        r = hy_spec_parse(text, &spec, error);
    if (r < 0)
        return r;
    ret_environment->count = 0;
    r = entry_add(ret_environment, environment_always, "", error);
    return r < 0 ? r : add_params(ops, spec.part[spec.count - 1].params, ret_environment, error);
}

int hy_environment_apply(const hy_environment *environment) {
    for (size_t i = 0; i < environment->count; i++) {
        const char *const entry = environment->entry[i];
        char name[NAME_ROOM];
        copy_name(entry, name);
        if (setenv(name, entry + name_size(entry), 1) != 0)
            return -ENOMEM;
    }
    return 0;
}

static bool is_setting(const char *entry) {
    static const char *const prefixes[] = {"MALLOC_",         "MIMALLOC_",   "TCMALLOC_",
                                           "GLIBC_TUNABLES=", "LD_PRELOAD=", "HEAPYARD_SPEC="};
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (strncmp(entry, prefixes[i], strlen(prefixes[i])) == 0)
            return true;
    return false;
}

void hy_environment_forget(void) {
    char **kept = environ;
    for (char **entry = environ; *entry; entry++)
        if (!is_setting(*entry))
            *kept++ = *entry;
    *kept = NULL;
}

bool hy_environment_is_set(const hy_environment *environment) {
    for (size_t i = 0; i < environment->count; i++) {
        const char *const entry = environment->entry[i];
        char name[NAME_ROOM];
        copy_name(entry, name);
        const char *const now = getenv(name);
        if (!now || strcmp(now, entry + name_size(entry)) != 0)
            return false;
    }
    return true;
}
