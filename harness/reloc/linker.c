/* SPDX-License-Identifier: MIT
 *
 * linker.c - GNU ld as a child, in a folder of its own (see linker.h).
 */
#include "link_inside.h"

#include "elfcheck.h"
#include "paths.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

#define PATH_ROOM 96

static void path_in(const hy_linker *linker, const char *name, char *ret) {
    snprintf(ret, PATH_ROOM, "%s/%s", linker->folder, name);
}

/* Runs it, what it says into the file "said"; its exit code, or -errno. */
static int run(const hy_linker *linker, char *const *arguments) {
    char said[PATH_ROOM];
    pid_t child;
    int status = 0;
    posix_spawn_file_actions_t actions;
    path_in(linker, "said", said);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, said, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
    const int r = posix_spawn(&child, linker->program, &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (r != 0)
        return -r;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return -errno;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* The first line of what it said. */
static void read_said(const hy_linker *linker, char *ret, size_t room) {
    char said[PATH_ROOM];
    path_in(linker, "said", said);
    FILE *const in = fopen(said, "re");
    ret[0] = '\0';
    if (in && fgets(ret, (int)room, in))
        ret[strcspn(ret, "\n")] = '\0';
    if (in)
        fclose(in);
}

int hy_linker_create(const char *program, hy_linker **ret_linker, hy_error *error) {
    char found[HY_PATH_SIZE];
    const int r = hy_find_program(program, found, error);
    if (r < 0)
        return r;
    const char *const where = getenv("TMPDIR");
    hy_linker *const linker = calloc(1, sizeof *linker);
    if (!linker)
        return hy_fail(error, -ENOMEM, "no memory for the linker");
    snprintf(linker->program, sizeof linker->program, "%s", found);
    snprintf(linker->folder, sizeof linker->folder, "%.40s/heapyard-ld-XXXXXX",
             where && strlen(where) < 40 ? where : "/tmp");
    if (!mkdtemp(linker->folder)) {
        const int code = -errno;
        hy_fail(error, code, "cannot make a folder for the linker's files (%s): %s", linker->folder, strerror(errno));
        free(linker);
        return code;
    }
    const int exit_code = run(linker, (char *[]){linker->program, (char *)"--version", NULL});
    read_said(linker, linker->version, sizeof linker->version);
    if (exit_code == 0 && strncmp(linker->version, "GNU ld", 6) == 0)
        return *ret_linker = linker, 0;
    const int code = hy_fail(error, -ENOTSUP, "%s is not GNU ld", found);
    hy_linker_free(linker);
    return code;
}

void hy_linker_free(hy_linker *linker) {
    static const char *const files[] = {"said", "object.o", "tls.o", "script", "linked", NULL};
    if (!linker)
        return;
    for (const char *const *file = files; *file; file++) {
        char path[PATH_ROOM];
        path_in(linker, *file, path);
        unlink(path);
    }
    rmdir(linker->folder);
    free(linker);
}

const char *hy_linker_version(const hy_linker *linker) {
    return linker->version;
}

/* ------------------------------------------------------------------------------------------------------- files ---- */

static FILE *open_in(const hy_linker *linker, const char *name, hy_error *error) {
    char path[PATH_ROOM];
    path_in(linker, name, path);
    FILE *const out = fopen(path, "we");
    if (!out)
        hy_fail(error, -errno, "cannot write %s: %s", path, strerror(errno));
    return out;
}

static int close_written(FILE *out, int r, hy_error *error) {
    const bool bad = ferror(out);
    if (fclose(out) != 0 || bad)
        return r < 0 ? r : hy_fail(error, -EIO, "cannot write a file for the linker");
    return r;
}

/* The object's headers have been checked by hy_rel_object_read: they lie inside. */
static int write_object(const hy_linker *linker, const void *bytes, size_t size, hy_error *error) {
    char *const copy = malloc(size + 1);
    FILE *const out = copy ? open_in(linker, "object.o", error) : NULL;
    if (!out) {
        free(copy);
        return copy ? -EIO : hy_fail(error, -ENOMEM, "no memory for a copy of the object");
    }
    memcpy(copy, bytes, size);
    Elf64_Ehdr head;
    memcpy(&head, copy, sizeof head);
    for (size_t i = 0; i < head.e_shnum && head.e_shoff <= size && (i + 1) * sizeof(Elf64_Shdr) <= size - head.e_shoff;
         i++) {
        Elf64_Shdr section;
        char *const at = copy + head.e_shoff + i * sizeof section;
        memcpy(&section, at, sizeof section);
        section.sh_flags &= ~(Elf64_Xword)(SHF_MERGE | SHF_STRINGS);
        memcpy(at, &section, sizeof section);
    }
    fwrite(copy, 1, size, out);
    free(copy);
    return close_written(out, 0, error);
}

static int write_rest(const hy_linker *linker, const hy_link_job *job, hy_error *error) {
    FILE *out = open_in(linker, "script", error);
    if (!out)
        return -EIO;
    int r = close_written(out, hy_link_write_script(job, out, error), error);
    if (r < 0 || job->tls_count == 0)
        return r;
    out = open_in(linker, "tls.o", error);
    return out ? close_written(out, hy_link_write_tls(job, out), error) : -EIO;
}

/* --------------------------------------------------------------------------------------------------- one base ---- */

static int link_one(const hy_linker *linker, const hy_link_job *job, hy_link_result *result, hy_error *error) {
    char object[PATH_ROOM], tls[PATH_ROOM], script[PATH_ROOM], linked[PATH_ROOM];
    path_in(linker, "object.o", object);
    path_in(linker, "tls.o", tls);
    path_in(linker, "script", script);
    path_in(linker, "linked", linked);
    char *arguments[] = {(char *)linker->program,
                         (char *)"-static",
                         (char *)"--no-relax",
                         (char *)"--build-id=none",
                         (char *)"--no-warn-rwx-segments",
                         (char *)"-z",
                         (char *)"noexecstack",
                         (char *)"-z",
                         (char *)"max-page-size=4096",
                         (char *)"--entry=0",
                         (char *)"-T",
                         script,
                         (char *)"-o",
                         linked,
                         object,
                         job->tls_count ? tls : NULL,
                         NULL};
    const int code = run(linker, arguments);
    if (code < 0)
        return hy_fail(error, code, "cannot run %s: %s", linker->program, strerror(-code));
    if (code == 0)
        return 0;
    char said[300];
    read_said(linker, said, sizeof said);
    result->outcome = HY_LINK_REFUSED;
    snprintf(result->text, sizeof result->text, "ld: exit code %d at base %#jx: %s", code, (uintmax_t)job->base, said);
    return 0;
}

static int compare_one(const hy_linker *linker, hy_reloc_image *image, hy_link_bases bases, unsigned number,
                       hy_link_result *result, hy_error *error) {
    char linked[PATH_ROOM];
    hy_link_job job = {.image = image};
    path_in(linker, "linked", linked);
    int r = hy_link_place(&job, bases.seed, number, bases.base, error);
    r = r < 0 ? r : write_rest(linker, &job, error);
    r = r < 0 ? r : link_one(linker, &job, result, error);
    if (r == 0 && result->outcome != HY_LINK_REFUSED) {
        r = hy_link_check(&job, linked, result, error);
        result->bases++;
    }
    hy_rel_names_free(&job.names);
    free(job.outside);
    return r;
}

static uint64_t from_file(const hy_reloc_image *image) {
    uint64_t count = 0;
    for (size_t i = 0; i < image->entry_count; i++)
        count += image->entries[i].section != image->got;
    return count;
}

int hy_linker_compare(const hy_linker *linker, const char *name, const void *bytes, size_t size, hy_link_bases bases,
                      hy_link_result *ret_result, hy_error *error) {
    static const hy_reloc_options options = {.local_exec = true};
    hy_reloc_image *image = NULL;
    *ret_result = (hy_link_result){0};
    int r = hy_reloc_create(&options, &image, error);
    r = r < 0 ? r : hy_reloc_add_bytes(image, name, bytes, size, error);
    r = r < 0 ? r : hy_reloc_layout(image, error);
    r = r < 0 ? r : write_object(linker, bytes, size, error);
    if (r == 0) {
        ret_result->relocations = from_file(image);
        ret_result->got_slots = image->read_slots;
    }
    const unsigned count = bases.base ? 1 : bases.count;
    for (unsigned i = 0; r == 0 && i < count && ret_result->outcome == HY_LINK_EQUAL; i++) {
        if (bases.stop && *bases.stop)
            break;
        r = compare_one(linker, image, bases, i, ret_result, error);
    }
    hy_reloc_free(image);
    return r;
}
