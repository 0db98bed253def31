/* SPDX-License-Identifier: MIT
 *
 * partition_models.h - `heapyard partition models` and `heapyard partition flat`.
 */
#ifndef HY_PARTITION_MODELS_H
#define HY_PARTITION_MODELS_H

/* argv[0] is "partition models" or "partition flat"; an exit code. */
int cmd_partition_models(int argc, char **argv);
int cmd_partition_flat(int argc, char **argv);

#endif
