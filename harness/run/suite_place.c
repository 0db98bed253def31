/* SPDX-License-Identifier: MIT
 *
 * suite_place.c - see suite_place.h.
 *
 * The environment is made anew, so that a program finds the same one wherever and by whom it is measured.  What a shell
 * makes of the command is asked of a shell, in that folder and environment.
 */
#include "suite_place.h"

#include "capture.h"
#include "elfcheck.h"
#include "shell.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

/* ---------------------------------------------------------------------------------------------------- packages ---- */

/* All that a command said, to be freed. */
static char *read_all(int fd, size_t *ret_size) {
    struct stat status;
    const size_t size = fstat(fd, &status) == 0 ? (size_t)status.st_size : 0;
    char *const text = calloc(1, size + 1);
    if (!text)
        abort();
    const ssize_t got = pread(fd, text, size, 0);
    *ret_size = got > 0 ? (size_t)got : 0;
    return text;
}

/* Whether "NAME install ok installed" is a line of it; a package of several machines is there more than once. */
static bool is_installed(const char *list, const char *package) {
    char line[256];
    snprintf(line, sizeof line, "\n%s install ok installed\n", package);
    return strstr(list, line) != NULL;
}

static void add_word(char *ret, size_t size, const char *word) {
    const size_t used = strlen(ret);
    snprintf(ret + used, size - used, "%s%s", used ? " " : "", word);
}

size_t hy_suite_missing(const hy_suite_program *program, char *ret, size_t size) {
    const size_t count = program->packages.count;
    char path[HY_PATH_SIZE];
    hy_error ignored;
    ret[0] = '\0';
    const int fd = count && hy_find_program("dpkg-query", path, &ignored) == 0 ? hy_capture_open(&ignored) : -1;
    if (fd < 0)
        return 0;
    char **const argv = calloc(count + 4, sizeof *argv);
    if (!argv)
        abort();
    argv[0] = path;
    argv[1] = (char *)(size_t) "-W";
    argv[2] = (char *)(size_t) "-f=\\n${Package} ${Status}\\n";
    memcpy(argv + 3, program->packages.word, count * sizeof *argv);
    hy_run_aside("dpkg-query", argv, -1, fd, &ignored); /* its exit code says that it does not know all of them */
    size_t length, missing = 0;
    char *const list = read_all(fd, &length);
    for (size_t i = 0; i < count; i++)
        if (!is_installed(list, program->packages.word[i])) {
            add_word(ret, size, program->packages.word[i]);
            missing++;
        }
    free(list);
    free(argv);
    close(fd);
    return missing;
}

int hy_suite_install(const char *packages, hy_error *error) {
    char line[4096];
    snprintf(line, sizeof line,
             "export DEBIAN_FRONTEND=noninteractive; apt-get update -qq && "
             "apt-get install -y -qq --no-install-recommends %s",
             packages);
    return hy_run_shell("apt-get", line, -1, -1, error);
}

/* ------------------------------------------------------------------------------------------------- environment ---- */

static char *join(const char *name, const char *value) {
    char *text;
    if (asprintf(&text, "%s%s", name, value) < 0)
        abort();
    return text;
}

/* Takes the place of this process's; what setenv adds to it later is the C library's. */
static void change_environment(const hy_suite_program *program, const char *home, hy_suite_place *place) {
    const char *const parts = getenv("HEAPYARD_PARTS");
    char **const list = calloc(program->environment.count + 6, sizeof *list);
    size_t count = 0;
    if (!list)
        abort();
    list[count++] = join("PATH=/usr/bin:/bin", "");
    list[count++] = join("LC_ALL=C", "");
    list[count++] = join("TZ=UTC", "");
    list[count++] = join("HOME=", home);
    if (parts) {
        char *const real = realpath(parts, NULL);
        list[count++] = join("HEAPYARD_PARTS=", real ? real : parts);
        free(real);
    }
    place->environment_before = environ;
    place->environment = environ = list;
    for (size_t i = 0; i < program->environment.count; i++) {
        const char *const setting = program->environment.word[i], *const equals = strchr(setting, '=');
        char *const name = strndup(setting, (size_t)(equals - setting));
        if (!name || setenv(name, equals + 1, 1) != 0)
            abort();
        free(name);
    }
}

static void restore_environment(hy_suite_place *place) {
    environ = place->environment_before;
    for (char **entry = place->environment; *entry; entry++)
        free(*entry);
    free(place->environment);
}

/* ------------------------------------------------------------------------------------------------------- input ---- */

static uint64_t hash_text(const char *text, uint64_t hash) {
    return text ? XXH3_64bits_withSeed(text, strlen(text) + 1, hash) : hash + 1;
}

static uint64_t hash_words(const hy_suite_words *words, uint64_t hash) {
    for (size_t i = 0; i < words->count; i++)
        hash = hash_text(words->word[i], hash);
    return hash + words->count;
}

/* "NAME.made" beside the folder NAME: the hash of the recipe that made it. */
static bool is_made(const char *mark, const char *hash) {
    char text[17] = "";
    FILE *const in = fopen(mark, "re");
    const bool read = in && fgets(text, sizeof text, in);
    if (in)
        fclose(in);
    return read && strcmp(text, hash) == 0;
}

static int set_mark(const char *mark, const char *hash, hy_error *error) {
    FILE *const out = fopen(mark, "we");
    const bool written = out && fputs(hash, out) >= 0;
    if (!out || fclose(out) != 0 || !written)
        return hy_fail(error, -EIO, "%s: cannot be written", mark);
    return 0;
}

static int run_recipe(const char *name, const char *recipe, hy_error *error) {
    char program[HY_PATH_SIZE];
    char *const argv[] = {(char *)(size_t)recipe, NULL};
    const ssize_t size = readlink("/proc/self/exe", program, sizeof program - 1);
    program[size > 0 ? size : 0] = '\0';
    setenv("HEAPYARD", program, 1);
    setenv("HEAPYARD_INPUT", "1", 1);
    const int r = hy_run_aside(name, argv, -1, -1, error);
    unsetenv("HEAPYARD_INPUT");
    unsetenv("HEAPYARD");
    return r;
}

/* In the program's folder, which is new, or made before. */
static int make_input(const hy_suite_program *program, const char *recipe, const char *home, bool is_new,
                      uint64_t recipe_hash, hy_error *error) {
    char mark[HY_PATH_SIZE + 8], hash[17];
    snprintf(mark, sizeof mark, "%s.made", home);
    snprintf(hash, sizeof hash, "%016" PRIx64, recipe_hash);
    if (!is_new && !is_made(mark, hash))
        return hy_fail(error, -EEXIST,
                       "%s is there, but not made by the recipe as it is now; expected another folder of work, or none "
                       "of that name in it",
                       home);
    if (!is_new)
        return 0;
    const int r = recipe[0] ? run_recipe(program->input, recipe, error) : 0;
    return r == 0 ? set_mark(mark, hash, error) : r;
}

/* ------------------------------------------------------------------------------------------------------- words ---- */

/* An array of the `size` bytes' texts, one block with them. */
static char **split_texts(const char *texts, size_t size) {
    size_t count = 0, at = 0;
    for (size_t i = 0; i < size; i++)
        count += texts[i] == '\0';
    char **const words = malloc((count + 1) * sizeof *words + size + 1);
    if (!words)
        abort();
    char *const copy = memcpy(words + count + 1, texts, size);
    for (size_t i = 0; i < count; i++) {
        words[i] = copy + at;
        at += strlen(copy + at) + 1;
    }
    words[count] = NULL;
    return words;
}

static int read_words(const hy_suite_program *program, char ***ret_words, hy_error *error) {
    char *const line = join("printf '%s\\0' ", program->command);
    const int fd = hy_capture_open(error);
    int r = fd < 0 ? fd : hy_run_shell(program->command, line, -1, fd, error);
    size_t size = 0;
    char *const texts = r == 0 ? read_all(fd, &size) : NULL;
    if (r == 0 && (size == 0 || !texts[0]))
        r = hy_fail(error, -EINVAL, "%s: no word is left of its command", program->name);
    if (r == 0)
        *ret_words = split_texts(texts, size);
    free(texts);
    free(line);
    if (fd >= 0)
        close(fd);
    return r;
}

/* ------------------------------------------------------------------------------------------------------- place ---- */

static int find_recipe(const hy_suite_program *program, const char *folder, char *ret, uint64_t *hash,
                       hy_error *error) {
    ret[0] = '\0';
    if (!program->input)
        return 0;
    char *joined;
    if (asprintf(&joined, "%s%s%s", program->input[0] == '/' ? "" : folder, program->input[0] == '/' ? "" : "/",
                 program->input) < 0)
        abort();
    char *const real = realpath(joined, NULL);
    const int r =
        real ? hy_capture_hash_file(real, hash, error) : hy_fail(error, -errno, "%.300s: %s", joined, strerror(errno));
    snprintf(ret, HY_PATH_SIZE, "%s", real ? real : "");
    free(joined);
    free(real);
    return r;
}

int hy_suite_enter(const hy_suite_program *program, const char *folder, const char *work, hy_suite_place *ret_place,
                   hy_error *error) {
    char home[HY_PATH_SIZE], recipe[HY_PATH_SIZE];
    uint64_t hash = 0;
    int r = find_recipe(program, folder, recipe, &hash, error);
    if (r < 0)
        return r;
    snprintf(home, sizeof home, "%.4000s/%s", work, program->name);
    const bool is_new = mkdir(home, 0777) == 0;
    if (!is_new && errno != EEXIST)
        return hy_fail(error, -errno, "%s: %s", home, strerror(errno));
    hy_suite_place place = {.folder_before = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC)};
    if (place.folder_before < 0 || chdir(home) != 0)
        return hy_fail(error, -errno, "%s: %s", home, strerror(errno));
    change_environment(program, home, &place);
    r = make_input(program, recipe, home, is_new, hash, error);
    if (r == 0)
        r = read_words(program, &place.argv, error);
    if (r < 0) {
        hy_suite_leave(&place);
        return r;
    }
    hash = hash_words(&program->environment, hash_words(&program->files, hash));
    place.made_of = hash_text(program->before, hash_text(program->filter, hash)) + program->output;
    *ret_place = place;
    return 0;
}

void hy_suite_leave(hy_suite_place *place) {
    restore_environment(place);
    if (fchdir(place->folder_before) != 0)
        abort();
    close(place->folder_before);
    free(place->argv);
    place->argv = NULL;
}
