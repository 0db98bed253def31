/* SPDX-License-Identifier: MIT
 *
 * partition_map.c - `heapyard partition map`: the maps that a scenario prints, as a picture.
 */
#include "partition_parts.h"

#include "partition_picture.h"
#include "picture.h"
#include "registry.h"
#include "scenario.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAPS_MOST 24u

typedef struct map_call {
    hy_specs specs;
    const char *scenario, *picture;
} map_call;

/* ----------------------------------------------------------------------------------------------------- picture ---- */

/* One cell a line: picture, column, row, the letter's number (0: free). */
static void put_letter(FILE *out, unsigned map, unsigned x, unsigned y, char letter) {
    const unsigned colour = letter == '.' ? 0 : letter == '+' ? 7 : 1 + (unsigned)(letter & 31) % 6;
    fprintf(out, "%u %u %u %u \"%c\"\n", map, x, y, colour, letter == '.' ? ' ' : letter);
}

unsigned hy_partition_picture(const char *maps, FILE *out, hy_figure *figure) {
    unsigned map = 1, x = 0, y = 0, wide = 1, high = 1;
    fputs("# map, column, row, colour, letter\n", out);
    for (const char *at = maps; *at; at++) {
        if (*at != '\n') {
            put_letter(out, map, x++, y, *at);
            wide = x > wide ? x : wide;
            high = y + 1 > high ? y + 1 : high;
        } else if (x > 0) {
            x = 0;
            y++;
        } else if (y > 0 && at[1]) {
            y = 0;
            map++;
        }
    }
    figure->rows = *maps ? map : 0;
    snprintf(figure->options, sizeof figure->options, "maps=%u;wide=%u;high=%u", map, wide, high);
    return map;
}

static int write_picture(const char *maps, const char *path) {
    hy_picture picture;
    hy_error error;
    if (hy_picture_open(path, "block_map", &picture, &error) < 0)
        return cmd_fail("%s", error.text);
    const unsigned count = hy_partition_picture(maps, picture.data, &picture.figure);
    if (count > MAPS_MOST) {
        hy_picture_drop(&picture);
        return cmd_fail("%u maps; a picture has room for %u", count, MAPS_MOST);
    }
    if (hy_picture_draw(&picture, &error) < 0)
        return cmd_fail("%s", error.text);
    printf("%s: %u %s\n", path, count, count == 1 ? "map" : "maps");
    return HY_EXIT_OK;
}

/* -------------------------------------------------------------------------------------------------------- maps ---- */

int hy_partition_maps(const char *text, size_t size, const char *name, const char *spec, char **ret, hy_error *error) {
    hy_scenario *scenario = NULL;
    hy_play play;
    size_t length = 0;
    int r = hy_scenario_parse(text, size, name, &scenario, error);
    if (r < 0)
        return r;
    const char *const chosen = spec ? spec : hy_scenario_spec(scenario, 0);
    FILE *const out = open_memstream(ret, &length);
    if (!out)
        abort();
    r = chosen ? hy_scenario_play(scenario, &hy_registry, (hy_text){chosen, strlen(chosen)}, out, &play, error)
               : hy_fail(error, -EINVAL, "%s: no \"on SPEC\" in it; expected -a SPEC", name);
    fclose(out);
    if (r == 0 && play.failed) {
        *error = play.failure;
        r = -EPROTO;
    }
    hy_scenario_free(scenario);
    if (r < 0) {
        free(*ret);
        *ret = NULL;
    }
    return r;
}

static int draw(const map_call *call) {
    hy_error error;
    char *maps = NULL;
    FILE *const in = fopen(call->scenario, "re");
    if (!in)
        return cmd_fail("%s: %s", call->scenario, strerror(errno));
    char *const text = malloc(HY_SCENARIO_SIZE + 1);
    if (!text)
        abort();
    const size_t size = fread(text, 1, HY_SCENARIO_SIZE + 1, in);
    const int failed = ferror(in) ? errno : 0;
    fclose(in);
    int code = HY_EXIT_OK;
    if (failed)
        code = cmd_fail("%s: %s", call->scenario, strerror(failed));
    else if (hy_partition_maps(text, size, call->scenario, call->specs.count ? call->specs.text[0] : NULL, &maps,
                               &error) < 0)
        code = cmd_fail("%s", error.text);
    else if (!*maps)
        code = cmd_fail("%s prints no map; expected \"map 10\" in it", call->scenario);
    else
        code = write_picture(maps, call->picture);
    free(maps);
    free(text);
    return code;
}

/* --------------------------------------------------------------------------------------------------- options ---- */

static const struct argp_option option_table[] = {
    {"allocator", 'a', "SPEC", 0, "play on this (default: the first that the file names)", 0},
    {"output", 'o', "PICTURE", 0, "the picture, .svg or .png; its data go to a .dat beside it", 0},
    {NULL, 0, NULL, 0, NULL, 0}};

static error_t parse(int key, char *argument, struct argp_state *state) {
    map_call *const call = state->input;
    switch (key) {
    case 'a':
        if (cmd_add_specs(&call->specs, argument) < 0)
            exit(HY_EXIT_INPUT);
        break;
    case 'o':
        if (!hy_picture_ending(argument))
            exit(cmd_fail("-o %s: expected a name that ends with .svg or .png", argument));
        call->picture = argument;
        break;
    case ARGP_KEY_ARG: cmd_take_only(state, &call->scenario, argument, "scenario"); break;
    case ARGP_KEY_END:
        if (!call->scenario || !call->picture)
            exit(cmd_fail("expected a scenario and -o PICTURE"));
        break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

int cmd_partition_map(int argc, char **argv) {
    static const struct argp argp = {.options = option_table,
                                     .parser = parse,
                                     .args_doc = "SCENARIO",
                                     .doc = "Plays a scenario and draws each map that it prints (see `heapyard "
                                            "scenario --help`): a square for each block, with its program's letter."};
    map_call call = {.scenario = NULL};
    int code = cmd_parse(&argp, argc, argv, &call);
    if (code == HY_EXIT_OK)
        code = draw(&call);
    cmd_free_specs(&call.specs);
    return code;
}
