#!/usr/bin/env bash
# Line coverage of common/ and server/ by the unit, integration and fuzz-corpus tests, and by the end-to-end tests with --e2e.
# Prints a line for each folder and one JSON line with the total, on standard output; the rest goes to standard error.
#   tests/perf/coverage.sh [--e2e] [--html DIRECTORY] [PROGRAM…]      PROGRAM: only these test programs, e.g. test_unit_origin
# Exits 1 when a test fails; the figures are printed all the same.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
# shellcheck source=../../installer/steps.sh
source installer/steps.sh

labels='unit|integration|fuzz'
html=
programs=()
while (($#)); do
    case $1 in
        --e2e) labels+='|e2e' ;;
        --html) html=$2 && shift ;;
        -*) sed -n '2,5s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" && exit 2 ;;
        *) programs+=("$1") ;;
    esac
    shift
done
folder=build/coverage
status=0

build_and_run() {
    step "packages" install_packages build run check test coverage
    step "configure with coverage" cmake --preset coverage --log-level=WARNING
    step "build with coverage" build "$folder" "${programs[@]}"
    find "$folder" -name '*.gcda' -delete
    # Qt Test starts gdb when a test crashes, which can outlive the time limit.
    export QTEST_DISABLE_STACK_DUMP=1 LIVE_BUILD_DIR=$root/$folder
    if ((${#programs[@]})); then
        local program
        for program in "${programs[@]}"; do
            (cd "$folder/tests" && step "$program" timeout 600 "../bin/$program") || status=1
        done
    else
        step "tests" ctest --preset coverage -L "$labels" -j "$(nproc)" || status=1
    fi
}

# Of gcovr's CSV (filename,line_total,line_covered,…): covered and all lines by folder, then the total.
summary() {
    awk -F, 'NR > 1 {
        split($1, part, "/")
        folder = part[1] "/" part[2]
        all[folder] += $2; covered[folder] += $3; lines += $2; hits += $3
    } END {
        for (folder in all) printf "%-20s %6.1f %%  (%d of %d lines)\n", folder, 100 * covered[folder] / all[folder], covered[folder], all[folder] | "sort"
        close("sort")
        printf "{\"line_coverage_percent\":%.1f,\"lines\":%d,\"goal_percent\":90}\n", lines ? 100 * hits / lines : 0, lines
    }'
}

build_and_run >&2
report=(gcovr --root "$root" --object-directory "$folder" --filter 'common/' --filter 'server/' --exclude-unreachable-branches
    --gcov-ignore-parse-errors -j "$(nproc)")
if [[ -n $html ]]; then
    mkdir -p "$html"
    "${report[@]}" --html-details "$html/index.html" >&2
fi
"${report[@]}" --csv - | summary
exit "$status"
