/* SPDX-License-Identifier: MIT
 *
 * picture.c - see picture.h.
 */
#include "picture.h"

#include <errno.h>
#include <libgen.h>
#include <string.h>

#define PATH_ROOM 4096

const char *hy_picture_ending(const char *path) {
    const char *const dot = strrchr(path, '.');
    const bool known = dot && dot != path && dot[-1] != '/' && (strcmp(dot, ".svg") == 0 || strcmp(dot, ".png") == 0);
    return known ? dot + 1 : NULL;
}

/* The path with "dat" for its ending. */
static void data_of(const char *path, char ret[PATH_ROOM]) {
    snprintf(ret, PATH_ROOM, "%s", path);
    strcpy(ret + strlen(ret) - strlen("dat"), "dat");
}

int hy_picture_open(const char *path, const char *plot, hy_picture *ret_picture, hy_error *error) {
    char data[PATH_ROOM], name[PATH_ROOM];
    *ret_picture = (hy_picture){.figure = {.plot = plot}, .path = path};
    hy_figure *const figure = &ret_picture->figure;
    if (!hy_picture_ending(path))
        return hy_fail(error, -EINVAL, "%.100s: a picture ends with .svg or .png", path);
    if (strlen(path) >= sizeof data)
        return hy_fail(error, -ENAMETOOLONG, "%.100s: a name of that length cannot be drawn", path);
    data_of(path, data);
    snprintf(name, sizeof name, "%.*s", (int)(strlen(path) - strlen(".svg")), path);
    if (snprintf(figure->base, sizeof figure->base, "./%s", basename(name)) >= (int)sizeof figure->base)
        return hy_fail(error, -ENAMETOOLONG, "%.100s: a name of that length cannot be drawn", path);
    ret_picture->data = fopen(data, "we");
    return ret_picture->data ? 0 : hy_fail(error, -errno, "%s: cannot be written: %s", data, strerror(errno));
}

int hy_picture_draw(hy_picture *picture, hy_error *error) {
    char path[PATH_ROOM];
    const bool lost = ferror(picture->data) != 0;
    data_of(picture->path, path);
    if (fclose(picture->data) != 0 || lost)
        return hy_fail(error, -EIO, "%s: cannot be written: %s", path, strerror(errno));
    return hy_draw_picture(dirname(path), &picture->figure, hy_picture_ending(picture->path), error);
}

void hy_picture_drop(hy_picture *picture) {
    fclose(picture->data);
}
