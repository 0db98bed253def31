/* SPDX-License-Identifier: MIT
 *
 * partition_models.h - `heapyard partition models` and `heapyard partition flat`.
 */
#ifndef HY_PARTITION_MODELS_H
#define HY_PARTITION_MODELS_H

#include "machine_page.h"

/* argv[0] is "partition models" or "partition flat"; an exit code. */
int cmd_partition_models(int argc, char **argv);
int cmd_partition_flat(int argc, char **argv);

/* Parts of the page about contiguous memory: two programs in one memory, and a recorded job on all models.  An exit
 * code. */
int cmd_partition_flat_section(hy_machine_page *page);
int cmd_partition_models_section(hy_machine_page *page, const char *trace);

#endif
