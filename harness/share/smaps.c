/* SPDX-License-Identifier: MIT
 *
 * smaps.c - see smaps.h.
 */
#include "smaps.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "7f12…-7f13… r-xp 00002000 fe:00 247498    /usr/bin/head" */
static bool smaps_begin(const char *line, hy_mapping *ret) {
    int used = 0;
    if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %*x:%*x %" SCNu64 " %n", &ret->from, &ret->to,
               ret->permissions, &ret->offset, &ret->inode, &used) != 5)
        return false;
    ret->path = strndup(line + used, strcspn(line + used, "\n"));
    if (!ret->path)
        abort();
    return true;
}

static void smaps_field(const char *line, hy_mapping *mapping) {
    static const struct {
        const char *name;
        size_t place;
    } fields[] = {
        {"Rss:", offsetof(hy_mapping, rss)},
        {"Pss:", offsetof(hy_mapping, pss)},
        {"Private_Dirty:", offsetof(hy_mapping, private_dirty)},
        {"Private_Clean:", offsetof(hy_mapping, private_clean)},
        {"Anonymous:", offsetof(hy_mapping, anonymous)},
        {"AnonHugePages:", offsetof(hy_mapping, huge)},
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        const size_t size = strlen(fields[i].name);
        if (strncmp(line, fields[i].name, size) == 0)
            *(size_t *)((char *)mapping + fields[i].place) = strtoull(line + size, NULL, 10) * 1024;
    }
}

static hy_mapping *smaps_grow(hy_smaps *smaps) {
    if ((smaps->count & (smaps->count - 1)) == 0) {
        const size_t room = smaps->count ? 2 * smaps->count : 1;
        hy_mapping *const grown = realloc(smaps->mapping, room * sizeof *grown);
        if (!grown)
            abort();
        smaps->mapping = grown;
    }
    return &smaps->mapping[smaps->count];
}

int hy_smaps_read(pid_t process, hy_smaps *ret_smaps, hy_error *error) {
    char path[64], *line = NULL;
    size_t size = 0;
    hy_smaps smaps = {NULL, 0};
    snprintf(path, sizeof path, "/proc/%d/smaps", (int)process);
    FILE *const in = fopen(path, "re");
    if (!in)
        return hy_fail(error, -errno, "%s: %s", path, strerror(errno));
    errno = 0;
    while (getline(&line, &size, in) > 0) {
        hy_mapping begun = {0};
        if (smaps_begin(line, &begun)) {
            *smaps_grow(&smaps) = begun;
            smaps.count++;
        } else if (smaps.count > 0) {
            smaps_field(line, &smaps.mapping[smaps.count - 1]);
        }
    }
    const int r = ferror(in) ? hy_fail(error, -EIO, "%s: %s", path, strerror(errno ? errno : EIO)) : 0;
    free(line);
    fclose(in);
    if (r < 0)
        hy_smaps_free(&smaps);
    else
        *ret_smaps = smaps;
    return r;
}

void hy_smaps_free(hy_smaps *smaps) {
    for (size_t i = 0; i < smaps->count; i++)
        free(smaps->mapping[i].path);
    free(smaps->mapping);
    *smaps = (hy_smaps){NULL, 0};
}

const hy_mapping *hy_smaps_at(const hy_smaps *smaps, uint64_t address) {
    for (size_t i = 0; i < smaps->count; i++)
        if (address >= smaps->mapping[i].from && address < smaps->mapping[i].to)
            return &smaps->mapping[i];
    return NULL;
}
