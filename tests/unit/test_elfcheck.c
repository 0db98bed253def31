/* SPDX-License-Identifier: MIT
 *
 * What can be preloaded into: the programs of every Debian, and files made here that must be refused.
 */
#include "elfcheck.h"
#include "paths.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];

static int setup(void **state) {
    strcpy(folder, "/tmp/heapyard-elfcheck-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **state) {
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

/* A file of that text and mode; its path is static. */
static const char *make(const char *name, const char *text, mode_t mode) {
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *const file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    assert_int_equal(chmod(path, mode), 0);
    return path;
}

static void refuse(const char *program, int code, const char *words) {
    hy_error error = {""};
    assert_int_equal(hy_can_preload(program, &error), code);
    if (!strstr(error.text, words))
        fail_msg("\"%s\" does not say \"%s\"", error.text, words);
}

static void ordinary_programs(void **state) {
    hy_error error = {""};
    assert_int_equal(hy_can_preload("sh", &error), 0);
    assert_int_equal(hy_can_preload("/bin/ls", &error), 0);
}

static void finds_along_path(void **state) {
    char path[HY_PATH_SIZE];
    hy_error error;
    assert_int_equal(hy_find_program("sh", path, &error), 0);
    assert_string_equal(strrchr(path, '/'), "/sh");
    assert_int_equal(hy_find_program("", path, &error), -ENOENT);
}

static void missing_programs(void **state) {
    refuse("no-such-program-at-all", -ENOENT, "on PATH");
    refuse("/no/such/program", -ENOENT, "No such file");
    refuse("/usr", -EISDIR, "directory");
    refuse(make("plain", "x", 0644), -EACCES, "not executable");
}

static void scripts(void **state) {
    hy_error error;
    assert_int_equal(hy_can_preload(make("good", "#! /bin/sh -e\n:\n", 0755), &error), 0);
    refuse(make("bad", "#!/no/such/interpreter\n", 0755), -ENOENT, "/no/such/interpreter");
    refuse(make("empty", "#!\n", 0755), -ENOEXEC, "without an interpreter");
    refuse(make("none", "echo\n", 0755), -ENOEXEC, "neither an ELF program");
    char line[512], path[256];
    snprintf(path, sizeof path, "%s/loop", folder);
    snprintf(line, sizeof line, "#!%s\n", path);
    refuse(make("loop", line, 0755), -ELOOP, "script of a script");
}

static void compile(const char *flags, const char *text, char *ret_program) {
    char command[1024];
    snprintf(ret_program, 256, "%s/program", folder);
    snprintf(command, sizeof command, "echo '%s' | cc -w -x c %s -o %s -", text, flags, ret_program);
    assert_int_equal(system(command), 0);
}

static void own_malloc(void **state) {
    char program[256];
    const char *const text = "char b[9]; void *malloc(unsigned long n) { return b; } int main() { return 0; }";
    compile("-rdynamic", text, program);
    refuse(program, -ENOTSUP, "defines malloc in the executable itself");
    compile("-fvisibility=hidden", text, program);
    refuse(program, -ENOTSUP, "defines malloc in the executable itself");
}

static void static_programs(void **state) {
    char program[256];
    compile("-static", "int main() { return 0; }", program);
    refuse(program, -ENOTSUP, "statically linked");
}

/* A library of that name does. */
static void sanitized_programs(void **state) {
    char program[256], flags[512];
    hy_error error = {""};
    compile("-shared -fPIC -Wl,-soname,libasan.so.8", "int nothing;", program);
    snprintf(flags, sizeof flags, "%s/library.so", folder);
    assert_int_equal(rename(program, flags), 0);
    snprintf(flags, sizeof flags, "-Wl,--no-as-needed -Wl,-rpath,%s -L%s -l:library.so", folder, folder);
    unsetenv("ASAN_OPTIONS");
    compile(flags, "int main() { return 0; }", program);
    refuse(program, -ENOTSUP, "verify_asan_link_order=0");
    assert_int_equal(setenv("ASAN_OPTIONS", "detect_leaks=0:verify_asan_link_order=0", 1), 0);
    assert_int_equal(hy_can_preload(program, &error), 0);
    unsetenv("ASAN_OPTIONS");
}

static void calling_malloc_is_fine(void **state) {
    char program[256];
    hy_error error = {""};
    compile("-no-pie", "#include <stdlib.h>\nvoid *(*f)(size_t) = malloc; int main() { return !f(1); }", program);
    assert_int_equal(hy_can_preload(program, &error), 0);
}

static void other_users(void **state) {
    const char *const path = make("privileged", "#!/bin/sh\n", 0755);
    hy_error error = {""};
    if (geteuid() != 0)
        skip();
    char program[256];
    compile("", "int main() { return 0; }", program);
    assert_int_equal(chown(program, 12345, 12345), 0);
    assert_int_equal(chmod(program, 04755), 0);
    refuse(program, -EPERM, "setuid");
    assert_int_equal(chmod(program, 02755), 0);
    refuse(program, -EPERM, "setgid");
    assert_int_equal(chown(path, 12345, 12345), 0);
    assert_int_equal(chmod(path, 04755), 0);
    assert_int_equal(hy_can_preload(path, &error), 0); /* the bit means nothing on a script */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ordinary_programs),  cmocka_unit_test(finds_along_path),
        cmocka_unit_test(missing_programs),   cmocka_unit_test(scripts),
        cmocka_unit_test(own_malloc),         cmocka_unit_test(static_programs),
        cmocka_unit_test(other_users),        cmocka_unit_test(calling_malloc_is_fine),
        cmocka_unit_test(sanitized_programs),
    };
    return cmocka_run_group_tests_name("elfcheck", tests, setup, teardown);
}
