# SPDX-License-Identifier: MIT
# bash: arrays, functions, many subshells, pipes, jobs, substitutions of processes, patterns.
packages=bash needs=bash workers=bash
version() { bash --version; }

work() {
    bash -c '
        declare -A n
        for i in {1..6000}; do n[$((i % 97))]+="$i,"; done
        for k in "${!n[@]}"; do echo "$k ${n[$k]//1/one}"; done | sort
        f() { local x=$1; ((x)) && f $((x - 1)); echo "$x"; }
        f 300
        for i in {1..60}; do echo "$(echo "$(echo "$i")")"; done
        for i in {1..20}; do (sleep 0.0$((i % 5)); echo "job $i" >"job.$i") & done
        wait
        cat job.*
        comm -12 <(seq 1 3 3000 | sort) <(seq 1 5 3000 | sort)
        mapfile -t lines < <(seq 20000)
        echo "${#lines[@]} ${lines[@]: -3}"
        text=$(printf "%s " "${lines[@]}")
        [[ $text =~ (19[0-9]+)\ (20000) ]] && echo "${BASH_REMATCH[1]} ${#text}"
        trap "echo the end" EXIT'
}
