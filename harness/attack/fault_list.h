/* SPDX-License-Identifier: MIT
 *
 * fault_list.h - the whole catalogue, in the order of the list in faults/meson.build.
 */
#ifndef HY_FAULT_LIST_H
#define HY_FAULT_LIST_H

#include "fault.h"

size_t hy_fault_list_count(void);
const hy_fault *hy_fault_list_at(size_t number);
/* NULL: there is none. */
const hy_fault *hy_fault_list_find(const char *name);

/* "temporal", "invalid free", … */
const char *hy_fault_class_name(hy_fault_class class);

#endif
