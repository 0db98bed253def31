/* SPDX-License-Identifier: MIT
 *
 * sites.h - where in the program calls come from, and the phases that it says it is in.
 *
 *   module   a file that code was run from: its path, and its build id if it has one
 *   frame    a place in a module; what debug information calls it: function, file, line
 *   site     a frame and the site that called it: a call stack is a path to the root of the tree of sites
 *   mark     the beginning of a phase: a thread said hy_phase("name")
 *
 * Modules, frames and sites are numbered as they come; site 0 is no site.  A trace holds them as lines of text (see
 * traces/README.md), which can only be added to.
 */
#ifndef HY_SITES_H
#define HY_SITES_H

#include "error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HY_MODULES_MAX 65536u
#define HY_FRAMES_MAX (1u << 20)
#define HY_SITES_MAX (1u << 22) /* with site 0 */
#define HY_TABLE_MAX (1u << 26) /* bytes of all lines of a trace */
#define HY_SITE_TEXT 1024u      /* bytes of a path or the name of a function, with the terminator */
#define HY_BUILD_ID 64u         /* of a build id in hexadecimal */
#define HY_TABLE_LINE (2 * HY_SITE_TEXT + 128u)

typedef struct hy_module {
    char *path;
    char build_id[HY_BUILD_ID + 1]; /* "": unknown */
} hy_module;

typedef struct hy_frame {
    uint64_t offset; /* in the module's file, of the byte before the address that is returned to */
    uint32_t module;
    uint32_t line;  /* 0: unknown */
    char *function; /* NULL: not named */
    char *file;     /* "" : unknown; NULL: not named */
} hy_frame;

typedef struct hy_site {
    uint32_t caller; /* a smaller number; 0: the outermost that is known */
    uint32_t frame;
} hy_site;

/* All zero: nothing is known. */
typedef struct hy_sites {
    hy_module *modules;
    hy_frame *frames;
    hy_site *sites; /* sites[0] is not used */
    size_t module_count, frame_count, site_count, module_room, frame_room, site_room;
} hy_sites;

#define HY_MARK_NAME 121u /* bytes, with the terminator */

typedef struct hy_mark {
    uint64_t event; /* the number of the event that it stands before */
    uint64_t time;  /* ns */
    uint32_t thread;
    char name[HY_MARK_NAME]; /* "": the thread is in no phase */
} hy_mark;

/* Takes in whole lines.  0, -EINVAL with a part of a sentence, or -ENOMEM. */
int hy_sites_take(hy_sites *sites, const char *text, size_t size, hy_error *error);
void hy_sites_clear(hy_sites *sites);

/* Lines to take in.  They return the length; `ret_line` has room for HY_TABLE_LINE bytes. */
size_t hy_module_line(const char *build_id, const char *path, char *ret_line);
size_t hy_frame_line(uint32_t module, uint64_t offset, char *ret_line);
size_t hy_site_line(uint32_t caller, uint32_t frame, char *ret_line);
size_t hy_name_line(uint32_t frame, const char *function, const char *file, uint32_t line, char *ret_line);

/* A frame for people: "load (table.c:12)", "strdup (libc.so.6)" or "libc.so.6+0x84f12". */
void hy_frame_show(const hy_sites *sites, uint32_t frame, char *ret, size_t size);

#endif
