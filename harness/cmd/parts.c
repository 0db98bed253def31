/* SPDX-License-Identifier: MIT
 *
 * parts.c - see parts.h.
 */
#include "parts.h"

#include "command.h"

#include <string.h>

static int print_parts(const cmd_parts *parts) {
    printf("usage: heapyard %s PART …\n\n", parts->command);
    for (size_t i = 0; i < parts->count; i++)
        printf("  heapyard %s %s\n      %s\n", parts->command, parts->part[i].usage, parts->part[i].summary);
    printf("\n`heapyard %s PART --help` lists the options of a part.\n", parts->command);
    if (parts->more)
        parts->more(stdout);
    return HY_EXIT_OK;
}

static int refuse_part(const cmd_parts *parts, const char *word) {
    const char *names[CMD_PARTS_MOST + 1] = {NULL};
    char list[64];
    for (size_t i = 0; i < parts->count; i++)
        names[i] = parts->part[i].name;
    snprintf(list, sizeof list, "`heapyard %s --help` lists them", parts->command);
    return word ? cmd_fail("%s has no part \"%s\"%s", parts->command, word,
                           hy_did_you_mean(word, strlen(word), names, list).text)
                : cmd_fail("%s: which part?  %s", parts->command, list);
}

int cmd_run_part(const cmd_parts *parts, int argc, char **argv) {
    char name[32], *const word = argc > 1 ? argv[1] : NULL;
    if (word && (strcmp(word, "--help") == 0 || strcmp(word, "-?") == 0))
        return print_parts(parts);
    for (size_t i = 0; word && i < parts->count; i++)
        if (strcmp(word, parts->part[i].name) == 0) {
            snprintf(name, sizeof name, "%s %s", parts->command, word);
            argv[1] = name;
            const int code = parts->part[i].run(argc - 1, argv + 1);
            argv[1] = word;
            return code;
        }
    return refuse_part(parts, word);
}
