/* SPDX-License-Identifier: MIT
 *
 * test_adapters.c - mallocs of others as heaps: who serves them, what is refused, settings by the environment.
 *
 * The test starts itself anew once, with the environment that jemalloc needs; that is also the test of the environment.
 */
#include "environment.h"
#include "registry.h"

#include <dlfcn.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static hy_text text_of(const char *text) {
    return (hy_text){text, strlen(text)};
}

/* Opens, or skips the case where the library is not on this machine. */
static void open_or_skip(const char *spec, hy_instance *instance) {
    hy_error error;
    const int r = hy_open(&hy_registry, text_of(spec), NULL, instance, &error);
    if (r < 0 && strstr(error.text, "cannot be opened")) {
        print_message("%s\n", error.text);
        skip();
    }
    if (r < 0)
        fail_msg("%s", error.text);
}

static void check_heap(hy_heap *heap) {
    char *block = hy_alloc(heap, 100, 16);
    assert_non_null(block);
    assert_true(heap->ops->usable_size(heap, block) >= 100);
    memset(block, 7, 100);
    block = hy_realloc(heap, block, 100, 16, 100000);
    assert_non_null(block);
    assert_int_equal(block[99], 7);
    hy_free(heap, block, 100000);
    char *aligned = hy_alloc_zeroed(heap, 300, 4096);
    assert_non_null(aligned);
    assert_int_equal((uintptr_t)aligned % 4096, 0);
    assert_int_equal(aligned[299], 0);
    aligned[299] = 5;
    aligned = hy_realloc(heap, aligned, 300, 4096, 9000);
    assert_non_null(aligned);
    assert_int_equal((uintptr_t)aligned % 4096, 0);
    assert_int_equal(aligned[299], 5);
    hy_free(heap, aligned, 9000);
    assert_null(hy_alloc(heap, SIZE_MAX, 16));
}

/* The version, so that a library which answers nonsense is seen. */
static void check_adapter(const char *name, const char *version_start) {
    hy_instance instance;
    open_or_skip(name, &instance);
    check_heap(instance.heap);
    const char *const version = instance.heap->ops->version(instance.heap);
    if (strncmp(version, version_start, strlen(version_start)) != 0)
        fail_msg("%s says version %s, expected %s…", name, version, version_start);
    hy_close(&instance);
}

static void test_system(void **state) {
    (void)state;
    check_adapter("system", "2.");
}

static void test_jemalloc(void **state) {
    (void)state;
    check_adapter("jemalloc", "5.");
}

static void test_mimalloc(void **state) {
    (void)state;
    check_adapter("mimalloc", "2.");
}

static void test_tcmalloc(void **state) {
    (void)state;
    check_adapter("tcmalloc", "");
}

static void test_all_together(void **state) {
    (void)state;
    static const char *const names[] = {"system", "mimalloc", "tcmalloc", "jemalloc"};
    hy_instance instance[4];
    void *block[4];
    for (size_t i = 0; i < 4; i++) {
        open_or_skip(names[i], &instance[i]);
        block[i] = hy_alloc(instance[i].heap, 1000, 16);
        memset(block[i], (int)i, 1000);
    }
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(((char *)block[i])[999], i);
        hy_free(instance[i].heap, block[i], 1000);
        hy_close(&instance[i]);
    }
}

/* The path of a library that is on this machine, by way of the loader. */
static void path_of(const char *file, const char *symbol, char *ret, size_t room) {
    void *const handle = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    Dl_info info;
    if (!handle || !dladdr(dlsym(handle, symbol), &info)) {
        print_message("%s is not here\n", file);
        skip();
    }
    snprintf(ret, room, "%s", info.dli_fname);
}

static void test_any_path(void **state) {
    (void)state;
    char path[HY_TEXT_SIZE];
    hy_instance instance;
    path_of("libmimalloc.so.2", "mi_malloc", path, sizeof path);
    open_or_skip(path, &instance);
    check_heap(instance.heap);
    hy_close(&instance);
}

/* What the grammar gives a meaning to is escaped in a path. */
static void test_an_odd_path(void **state) {
    (void)state;
    char path[HY_TEXT_SIZE], folder[] = "/tmp/heapyard-odd-XXXXXX", odd[64], spec[64];
    hy_instance instance;
    path_of("libmimalloc.so.2", "mi_malloc", path, sizeof path);
    assert_non_null(mkdtemp(folder));
    snprintf(odd, sizeof odd, "%s/a,b:c+d.so", folder);
    snprintf(spec, sizeof spec, "%s/a\\,b\\:c+d.so", folder);
    assert_int_equal(symlink(path, odd), 0);
    hy_error error = {""};
    const int r = hy_open(&hy_registry, text_of(spec), NULL, &instance, &error);
    unlink(odd);
    rmdir(folder);
    if (r < 0)
        fail_msg("%s", error.text);
    check_heap(instance.heap);
    hy_close(&instance);
}

static void test_a_file_without_malloc_is_refused(void **state) {
    (void)state;
    char path[HY_TEXT_SIZE];
    hy_instance instance;
    hy_error error;
    path_of("libm.so.6", "sin", path, sizeof path);
    assert_int_equal(hy_open(&hy_registry, text_of(path), NULL, &instance, &error), -EINVAL);
    assert_non_null(strstr(error.text, "exports neither heapyard_plugin nor malloc"));
    assert_int_equal(hy_open(&hy_registry, text_of("/dev/null"), NULL, &instance, &error), -ENOEXEC);
    assert_int_equal(hy_open(&hy_registry, text_of("/does/not/exist.so"), NULL, &instance, &error), -ENOENT);
}

static void test_what_is_not_a_parameter_is_refused(void **state) {
    (void)state;
    hy_environment environment;
    hy_error error;
    assert_int_equal(hy_spec_environment(&hy_registry, text_of("system:mxfst=0"), &environment, &error), -EINVAL);
    assert_non_null(strstr(error.text, "did you mean \"mxfast\"?"));
    assert_int_equal(hy_spec_environment(&hy_registry, text_of("system:mxfast=161"), &environment, &error), -EINVAL);
    assert_int_equal(hy_spec_environment(&hy_registry, text_of("jemalloc:thp=maybe"), &environment, &error), -EINVAL);
}

static void expect_environment(const char *spec, const char *first, const char *second) {
    hy_environment environment;
    hy_error error;
    if (hy_spec_environment(&hy_registry, text_of(spec), &environment, &error) < 0)
        fail_msg("%s", error.text);
    assert_string_equal(environment.entry[0], first);
    assert_int_equal(environment.count, second ? 2 : 1);
    if (second)
        assert_string_equal(environment.entry[1], second);
}

#define LOADER "GLIBC_TUNABLES=glibc.rtld.optional_static_tls=16384"

static void test_environment(void **state) {
    (void)state;
    expect_environment("null", LOADER, NULL);
    expect_environment("system:tcache=0,mmap_threshold=64K",
                       LOADER ":glibc.malloc.tcache_count=0:glibc.malloc.mmap_threshold=65536", NULL);
    expect_environment("jemalloc:dirty_decay_ms=0,narenas=2", LOADER, "MALLOC_CONF=dirty_decay_ms:0,narenas:2");
    expect_environment("mimalloc:allow_decommit=no", LOADER, "MIMALLOC_ALLOW_DECOMMIT=0");
    expect_environment("tcmalloc:max_total_thread_cache_bytes=1M", LOADER,
                       "TCMALLOC_MAX_TOTAL_THREAD_CACHE_BYTES=1048576");
}

/* This process was started with jemalloc:narenas=3 (see main). */
static void test_a_setting_acts(void **state) {
    (void)state;
    hy_instance instance;
    open_or_skip("jemalloc", &instance);
    void *const handle = dlopen("libjemalloc.so.2", RTLD_NOW | RTLD_LOCAL);
    int (*const ctl)(const char *, void *, size_t *, void *, size_t) =
        (int (*)(const char *, void *, size_t *, void *, size_t))dlsym(handle, "mallctl");
    unsigned narenas = 0;
    size_t size = sizeof narenas;
    assert_int_equal(ctl("opt.narenas", &narenas, &size, NULL, 0), 0);
    assert_int_equal(narenas, 3);
    hy_close(&instance);
}

static void restart_with(const char *spec, char **argv) {
    hy_environment environment;
    hy_error error;
    if (hy_spec_environment(&hy_registry, text_of(spec), &environment, &error) < 0)
        abort();
    if (hy_environment_is_set(&environment))
        return;
    if (hy_environment_apply(&environment) == 0)
        execv("/proc/self/exe", argv);
    abort();
}

int main(int argc, char **argv) {
    (void)argc;
    restart_with("jemalloc:narenas=3", argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_system),
        cmocka_unit_test(test_jemalloc),
        cmocka_unit_test(test_mimalloc),
        cmocka_unit_test(test_tcmalloc),
        cmocka_unit_test(test_all_together),
        cmocka_unit_test(test_any_path),
        cmocka_unit_test(test_an_odd_path),
        cmocka_unit_test(test_a_file_without_malloc_is_refused),
        cmocka_unit_test(test_what_is_not_a_parameter_is_refused),
        cmocka_unit_test(test_environment),
        cmocka_unit_test(test_a_setting_acts),
    };
    return cmocka_run_group_tests_name("adapters", tests, NULL, NULL);
}
