# SPDX-License-Identifier: MIT
# clang: C and C++ to objects and programs; then what was made is run.
packages='clang g++ binutils' needs='clang clang++' workers='clang.* .*-ld.* linked.*'
version() { clang --version; }
source "$here/compile.sh"

work() {
    compile_with clang clang++
}
