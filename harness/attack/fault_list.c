/* SPDX-License-Identifier: MIT
 *
 * fault_list.c - see fault_list.h.
 */
#include "fault_list.h"

#include <string.h>

#define HY_FAULTS(file) extern const hy_fault hy_faults_##file[];
#include "faults.inc"
#undef HY_FAULTS

#define HY_FAULTS(file) hy_faults_##file,
static const hy_fault *const files[] = {
#include "faults.inc"
    NULL};

static size_t list_length(const hy_fault *list) {
    size_t length = 0;
    while (list[length].name)
        length++;
    return length;
}

size_t hy_fault_list_count(void) {
    size_t count = 0;
    for (const hy_fault *const *file = files; *file; file++)
        count += list_length(*file);
    return count;
}

const hy_fault *hy_fault_list_at(size_t number) {
    for (const hy_fault *const *file = files; *file; file++) {
        const size_t length = list_length(*file);
        if (number < length)
            return &(*file)[number];
        number -= length;
    }
    return NULL;
}

const hy_fault *hy_fault_list_find(const char *name) {
    for (const hy_fault *const *file = files; *file; file++)
        for (const hy_fault *fault = *file; fault->name; fault++)
            if (strcmp(fault->name, name) == 0)
                return fault;
    return NULL;
}

const char *hy_fault_class_name(hy_fault_class class) {
    static const char *const names[HY_FAULT_CLASSES] = {
        [HY_TEMPORAL] = "temporal", [HY_SPATIAL] = "spatial",       [HY_INVALID_FREE] = "invalid free",
        [HY_METADATA] = "metadata", [HY_DISCLOSURE] = "disclosure", [HY_LIMIT] = "limit"};
    return names[class];
}
