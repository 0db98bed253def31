# SPDX-License-Identifier: MIT
# gcc: C and C++ to objects and programs, C with link-time optimisation, too; then what was made is run.  The seed of
# unique names, which is drawn at random, is given.
packages='gcc g++ binutils' needs='gcc g++ ld' workers='cc1 cc1plus lto1 .*-as .*-ld.* linked.*'
version() { gcc --version; }
source "$here/compile.sh"

work() {
    compile_with gcc g++ && gcc -O2 -flto -frandom-seed=1 -c table.c main.c &&
        gcc -O2 -flto -frandom-seed=1 -o linked-lto table.o main.o && sums . && ./linked-lto
}
