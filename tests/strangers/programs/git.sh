# SPDX-License-Identifier: MIT
# git: init, commits, a merge, clone through upload-pack, gc with threads, fsck, grep, patches out and in, a bundle.
# Dates and names are given, so that the objects are the same.  Packs are compared by what is in them: threads share the
# search for deltas, and take them as they come.
packages=git needs=git workers=git
version() { git --version; }

commit() {
    for ((file = 1; file <= 30; file++)); do
        seq $((file * $1)) $((file * 97 + $1 * 13)) >"file.$file"
    done
    git add . && git commit -q -m "commit $1"
}

work() {
    export GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=c \
        GIT_COMMITTER_EMAIL=c@example.org GIT_AUTHOR_DATE='1000000000 +0000' GIT_COMMITTER_DATE='1000000000 +0000'
    git config --global gc.autoDetach false && git config --global pack.threads 2
    git init -q -b main first && cd first || return 1
    for ((n = 1; n <= 8; n++)); do commit "$n" || return 1; done
    git checkout -q -b side HEAD~3 && echo side >only-here && git add . && git commit -q -m side || return 1
    git checkout -q main && git merge -q -m merged side && git log --graph --stat -p | sha256sum
    git clone -q "file://$PWD" ../second && cd ../second || return 1
    git gc -q --aggressive --prune=now && git fsck --strict --full 2>&1 &&
        git cat-file --batch-check --batch-all-objects | sha256sum
    git grep --threads=2 -c 77 HEAD~1 -- 'file.1*' && git blame file.3 | sha256sum
    git format-patch -q -o ../patches HEAD~3 && sums ../patches
    git checkout -q -b again HEAD~4 && git am -q --keep-cr ../patches/*; git am --abort 2>&1
    git bundle create -q ../bundle --all && git clone -q -b main ../bundle ../third && cd ../third &&
        git rev-parse HEAD && git status --porcelain && git repack -adfq && git fsck
}
