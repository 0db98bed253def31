/* SPDX-License-Identifier: MIT
 *
 * main.c - the subcommand table, nothing else.
 */
#include "command.h"

#include "registry.h"

#include <stdio.h>
#include <string.h>

#define HY_COMMAND(name) extern const hy_command cmd_##name;
#include "commands.inc"
#undef HY_COMMAND

#define HY_COMMAND(name) &cmd_##name,
static const hy_command *const commands[] = {
#include "commands.inc"
    NULL};

static const hy_command *find(const char *name) {
    for (const hy_command *const *c = commands; *c; c++)
        if (strcmp((*c)->name, name) == 0)
            return *c;
    return NULL;
}

static int unknown(const char *name) {
    const char *names[64];
    size_t count = 0;
    for (const hy_command *const *c = commands; *c && count < 63; c++)
        names[count++] = (*c)->name;
    names[count] = NULL;
    const hy_hint hint = hy_did_you_mean(name, strlen(name), names, "`heapyard help` lists them");
    return cmd_fail("unknown command \"%s\"%s", name, hint.text);
}

static void print_overview(FILE *out) {
    static const char *const families[] = {"get traces",          "measure", "judge", "look", "tell",
                                           "memory of a machine", NULL};
    fputs("heapyard - which allocator, with which settings, for this program?\n\n"
          "usage: heapyard COMMAND [OPTION…] [ARGUMENT…]      heapyard help COMMAND\n",
          out);
    for (const char *const *family = families; *family; family++) {
        fprintf(out, "\n%s\n", *family);
        for (const hy_command *const *c = commands; *c; c++)
            if (strcmp((*c)->family, *family) == 0)
                fprintf(out, "  %-10s %s\n", (*c)->name, (*c)->summary);
    }
    fputs("\nAllocators are named NAME:KEY=VALUE,KEY=VALUE; layers stand in front, joined with +;\n"
          "lists are separated by commas: -a fit:policy=best,guard+segregated,jemalloc,./my.so\n",
          out);
}

static int help(int argc, char **argv) {
    if (argc < 2) {
        print_overview(stdout);
        return HY_EXIT_OK;
    }
    const hy_command *const command = find(argv[1]);
    if (!command)
        return unknown(argv[1]);
    printf("heapyard %s - %s\n\nusage: heapyard %s\n\nexamples\n", command->name, command->summary, command->usage);
    for (const char *const *e = command->examples; *e; e++)
        printf("  %s\n", *e);
    printf("\n`heapyard %s --help` lists the options.\n", command->name);
    return HY_EXIT_OK;
}

int main(int argc, char **argv) {
    hy_error error;
    cmd_start();
    if (hy_registry_check(&error) < 0)
        return cmd_fail("%s", error.text);
    if (argc < 2) {
        print_overview(stderr);
        return HY_EXIT_INPUT;
    }
    const char *const name = argv[1];
    if (strcmp(name, "--version") == 0) {
        puts("heapyard " HY_VERSION);
        return HY_EXIT_OK;
    }
    if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        return help(argc - 1, argv + 1);
    const hy_command *const command = find(name);
    return command ? cmd_finish(command->run(argc - 1, argv + 1)) : unknown(name);
}
