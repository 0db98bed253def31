/* SPDX-License-Identifier: MIT
 *
 * malloc_new.cc - operator new and delete in all their forms, as a C++ program uses them; runs under a preload library.
 */
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <new>
#include <string>
#include <thread>
#include <vector>

namespace {

volatile std::size_t too_much = PTRDIFF_MAX, zero = 0;

#define EXPECT(condition)                                                                                              \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            return "expected " #condition;                                                                             \
    } while (0)

template <typename Ask> bool throws(Ask ask) {
    try {
        ask();
    } catch (const std::bad_alloc &) {
        return true;
    }
    return false;
}

bool aligned_to(const void *block, std::size_t align) {
    return reinterpret_cast<std::uintptr_t>(block) % align == 0;
}

struct alignas(128) wide {
    char bytes[300];
};

/* Every operator new with every delete that may follow it. */
const char *all_forms() {
    const auto align = std::align_val_t(256);
    for (std::size_t size = 0; size < 200000; size = size * 3 + 1) {
        void *blocks[] = {::operator new(size),          ::operator new[](size),        ::operator new(size),
                          ::operator new[](size),        ::operator new(size),          ::operator new[](size),
                          ::operator new(size, align),   ::operator new[](size, align), ::operator new(size, align),
                          ::operator new[](size, align), ::operator new(size, align),   ::operator new[](size, align)};
        for (int i = 0; i < 12; i++) {
            EXPECT(blocks[i] && aligned_to(blocks[i], i < 6 ? 16 : 256));
            for (int k = 0; k < i; k++)
                EXPECT(blocks[i] != blocks[k]);
            std::memset(blocks[i], i, size);
        }
        ::operator delete(blocks[0]);
        ::operator delete[](blocks[1]);
        ::operator delete(blocks[2], size);
        ::operator delete[](blocks[3], size);
        ::operator delete(blocks[4], std::nothrow);
        ::operator delete[](blocks[5], std::nothrow);
        ::operator delete(blocks[6], align);
        ::operator delete[](blocks[7], align);
        ::operator delete(blocks[8], size, align);
        ::operator delete[](blocks[9], size, align);
        ::operator delete(blocks[10], align, std::nothrow);
        ::operator delete[](blocks[11], align, std::nothrow);
    }
    ::operator delete(nullptr);
    return nullptr;
}

const char *no_room_throws_or_gives_null() {
    const auto align = std::align_val_t(64);
    EXPECT(throws([] { ::operator delete(::operator new(too_much)); }));
    EXPECT(throws([] { ::operator delete[](::operator new[](too_much)); }));
    EXPECT(throws([=] { ::operator delete(::operator new(too_much, align), align); }));
    EXPECT(throws([=] { ::operator delete[](::operator new[](too_much, align), align); }));
    EXPECT(!::operator new(too_much, std::nothrow) && !::operator new[](too_much, std::nothrow));
    EXPECT(!::operator new(too_much, align, std::nothrow) && !::operator new[](too_much, align, std::nothrow));
    EXPECT(throws([] { std::vector<char>(too_much / 2).at(0) = 1; }));
    return nullptr;
}

int handler_calls;

void give_up_at_the_third_call() {
    if (++handler_calls == 3)
        std::set_new_handler(nullptr);
}

const char *the_new_handler_is_asked() {
    for (int form = 0; form < 4; form++) {
        handler_calls = 0;
        std::set_new_handler(give_up_at_the_third_call);
        switch (form) {
        case 0: EXPECT(throws([] { ::operator delete(::operator new(too_much)); })); break;
        case 1:
            EXPECT(throws(
                [] { ::operator delete(::operator new(too_much, std::align_val_t(64)), std::align_val_t(64)); }));
            break;
        case 2: EXPECT(!::operator new(too_much, std::nothrow)); break;
        default: EXPECT(!::operator new[](too_much, std::align_val_t(64), std::nothrow));
        }
        EXPECT(handler_calls == 3);
    }
    return nullptr;
}

const char *containers_and_over_aligned_types() {
    std::map<int, std::string> names;
    std::vector<std::unique_ptr<wide>> wides;
    std::vector<wide> row(20);
    for (int i = 0; i < 2000; i++) {
        names[i * 7919 % 2003] += std::string(static_cast<std::size_t>(i % 90), 'x');
        wides.push_back(std::make_unique<wide>());
        EXPECT(aligned_to(wides.back().get(), 128));
        if (i % 3 == 0)
            wides.erase(wides.begin() + i / 7);
    }
    const std::unique_ptr<wide[]> array(new wide[zero + 5]);
    EXPECT(aligned_to(array.get(), 128) && aligned_to(&row[19], 128));
    EXPECT(names.size() == 2000 && names.at(89 * 7919 % 2003).size() == 89);
    return nullptr;
}

std::atomic<int> destroyed;

/* Allocates while its thread ends. */
struct noisy {
    std::string text = std::string(100, 'a');
    ~noisy() {
        text += std::string(5000, 'b');
        destroyed += text.size() == 5100;
    }
};

thread_local noisy own;

const char *objects_of_threads() {
    for (int i = 0; i < 100; i++) {
        std::string from_main(1000, 'c'), from_thread;
        std::thread([&] {
            own.text[0] = 'z';
            from_thread = std::move(from_main);
            from_main = std::string(2000, 'd');
        }).join();
        EXPECT(from_thread.size() == 1000 && from_main == std::string(2000, 'd'));
    }
    EXPECT(destroyed == 100);
    return nullptr;
}

const char *exceptions_keep_what_they_carry() {
    for (int i = 0; i < 1000; i++) {
        try {
            throw std::vector<std::string>(static_cast<std::size_t>(i % 50), std::string(40, 'e'));
        } catch (const std::vector<std::string> &caught) {
            EXPECT(caught.size() == static_cast<std::size_t>(i % 50) && (caught.empty() || caught.back()[39] == 'e'));
        }
    }
    return nullptr;
}

} // namespace

int main() {
    static const struct {
        const char *name, *(*run)();
    } tests[] = {{"all_forms", all_forms},
                 {"no_room_throws_or_gives_null", no_room_throws_or_gives_null},
                 {"the_new_handler_is_asked", the_new_handler_is_asked},
                 {"containers_and_over_aligned_types", containers_and_over_aligned_types},
                 {"objects_of_threads", objects_of_threads},
                 {"exceptions_keep_what_they_carry", exceptions_keep_what_they_carry}};
    int failed = 0, number = 0;
    std::printf("1..%zu\n", sizeof tests / sizeof *tests);
    for (const auto &test : tests) {
        const char *const wrong = test.run();
        if (wrong)
            std::printf("# %s: %s\n", test.name, wrong);
        std::printf("%s %d - %s\n", wrong ? "not ok" : "ok", ++number, test.name);
        failed |= wrong != nullptr;
    }
    return failed;
}
