/* SPDX-License-Identifier: MIT
 *
 * ctf_folder.h - a folder with a CTF trace (what LTTng writes) as text: the output of babeltrace2, which must be
 * installed.
 */
#ifndef HY_CTF_FOLDER_H
#define HY_CTF_FOLDER_H

#include "source.h"

#include <stdbool.h>
#include <sys/types.h>

typedef struct hy_ctf_folder {
    pid_t reader; /* babeltrace2; 0: none */
} hy_ctf_folder;

bool hy_ctf_folder_is(const char *path);
/* Starts babeltrace2, whose output is the source.  0 or -errno with the sentence. */
int hy_ctf_folder_open(hy_ctf_folder *folder, const char *path, hy_source *ret_source, hy_error *error);
/* Waits for it; does nothing if there is none.  0, or -EINVAL with a part of a sentence: it failed. */
int hy_ctf_folder_close(hy_ctf_folder *folder, hy_error *error);

#endif
