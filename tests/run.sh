#!/usr/bin/env bash
# Installs what the tests need, builds, runs them, and ends with how many passed and failed.
#   tests/run.sh                 everything
#   tests/run.sh LABEL           unit, integration, fuzz, page, e2e or lint
#   tests/run.sh REGEX           tests whose name matches, e.g. unit.origin
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
# shellcheck source=../installer/steps.sh
source installer/steps.sh

wanted=${1:-}
known_labels=(unit integration fuzz page e2e lint)
results=$root/build/test-results
# Where several threads meet: whole parts, and units that have threads of their own. The rest has nothing to race.
threaded='integration|unit\.(catalog|control|log|observe|store|stream|worker)'
failed_steps=()

usage() {
    sed -n '2,5s/^# \{0,1\}//p' tests/run.sh
}

# What the argument leaves of a run's own labels: ctest's options, or nothing when the run is not wanted.
selection() {
    local label=$1
    if [[ -z $wanted ]]; then
        printf '%s\n' -L "$label"
    elif [[ " ${known_labels[*]} " == *" $wanted "* ]]; then
        [[ $wanted =~ ^($label)$ ]] && printf '%s\n' -L "^$wanted\$"
    else
        printf '%s\n' -L "$label" -R "$wanted"
    fi
    return 0
}

# The demo builds in the same folder without tests, and cmake would remember that.
configure() {
    interruptible cmake --preset "$1" -DBUILD_TESTING=ON --log-level=WARNING
}

# What has to be built for a selection of tests: "unit.origin.RangeTest" is in test_unit_origin, "fuzz.amf0" is fuzz_amf0
# (tests/CMakeLists.txt); for a test of another kind, everything.
programs_of() {
    local preset=$1 known
    shift
    known=$(ninja -C "build/$preset" -t targets all | sed -n 's/^\([a-z0-9_]*\): phony$/\1/p') || return
    ctest --preset "$preset" -N "$@" | sed -nE 's/^ *Test +#[0-9]+: //p' |
        sed -E 's/^(unit|integration)\.(.*)\.[^.]*$/test_\1_\2/; s/^fuzz\./fuzz_/; s/[.\/]/_/g' | sort -u |
        while read -r program; do
            if grep -qx "$program" <<<"$known"; then echo "$program"; else echo all; fi
        done | sort -u
}

# Leaves the programs of a run in $programs. None at all is fine only when tests were asked for by name.
find_programs() {
    local list
    list=$(programs_of "$@") || die "the tests of $1 can't be listed; ctest's or ninja's message is above"
    [[ $list || $wanted ]] || die "there is no test at all under $1"
    programs=()
    if [[ $list ]]; then mapfile -t programs <<<"$list"; fi
}

# Address-space randomisation can leave the thread sanitizer without its shadow.
fixed_addresses() {
    if setarch "$(uname -m)" -R true 2>/dev/null; then interruptible setarch "$(uname -m)" -R "$@"; else interruptible "$@"; fi
}

# run_tests preset jobs ctest-option…: remembers the result, goes on with the next run when tests fail. A run without any
# test is fine only when some were asked for by name.
run_tests() {
    local preset=$1 jobs=$2 without=ignore
    shift 2
    [[ $wanted ]] || without=error
    mkdir -p "$results"
    fixed_addresses ctest --preset "$preset" --no-tests="$without" -j "$jobs" --output-junit "$results/$preset.xml" "$@" || failed_steps+=("$preset")
}

sanitized() {
    local select programs
    mapfile -t select < <(selection 'unit|integration|fuzz')
    ((${#select[@]})) || return 0
    step "configure with AddressSanitizer" configure asan-ubsan
    find_programs asan-ubsan "${select[@]}"
    ((${#programs[@]})) || return 0
    step "build with AddressSanitizer" build build/asan-ubsan "${programs[@]}"
    export ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1 UBSAN_OPTIONS=print_stacktrace=1
    export LSAN_OPTIONS=suppressions=$root/tests/support/lsan.supp:print_suppressions=0
    step "tests under AddressSanitizer" run_tests asan-ubsan "$(nproc)" "${select[@]}"
}

threads() {
    local select programs
    mapfile -t select < <(selection 'unit|integration')
    ((${#select[@]})) || return 0
    step "configure with ThreadSanitizer" configure tsan
    [[ ${select[*]} == *-R* ]] || select+=(-R "^($threaded)\.")
    find_programs tsan "${select[@]}"
    ((${#programs[@]})) || return 0
    step "build with ThreadSanitizer" build build/tsan "${programs[@]}"
    export TSAN_OPTIONS=suppressions=$root/tests/support/tsan.supp:halt_on_error=1:die_after_fork=0
    step "tests under ThreadSanitizer" run_tests tsan "$(nproc)" "${select[@]}"
}

released() {
    local select
    mapfile -t select < <(selection 'page|e2e|lint')
    ((${#select[@]})) || return 0
    step "configure the release" configure release
    if [[ -z $wanted || ! $wanted =~ ^(lint|page) ]]; then
        step "packages of the browser tests" npm_install tests/e2e
        step "build the release" build build/release liveserverd player
    fi
    step "browser tests and checks of the source" run_tests release 1 "${select[@]}"
}

# What ctest counted, over all runs.
summary() {
    local passed=0 failed=0 file
    for file in "$results"/*.xml; do
        [[ -e $file ]] || continue
        failed=$((failed + $(grep -c 'status="fail"' "$file" || true)))
        passed=$((passed + $(grep -c 'status="run"' "$file" || true)))
    done
    printf '\n'
    print_steps
    printf '\n'
    ((${#failed_steps[@]})) && printf 'failed under: %s\n' "${failed_steps[*]}"
    if ((passed + failed == 0)); then
        printf 'no test matches %s\n' "$wanted"
        failed=1
    fi
    printf '%d passed, %d failed\n' "$passed" "$failed"
    ((failed == 0 && ${#failed_steps[@]} == 0))
}

if [[ $wanted == -h || $wanted == --help ]]; then
    usage
    exit 0
fi
# A build that fails must not look like a run without failures.
stopped_early() {
    local status=$?
    if [[ $running ]]; then kill "$running" 2>/dev/null || true; fi
    print_steps
    printf '\nstopped before all tests ran\n0 passed, 1 failed\n'
    exit $((status ? status : 1))
}

# Qt Test starts gdb when a test crashes, which can outlive the time limit.
export QTEST_DISABLE_STACK_DUMP=1

trap stopped_early EXIT
rm -rf "$results"
step "packages" install_packages build run check test
sanitized
threads
released
trap - EXIT
summary
