# Shared by demo.sh and tests/run.sh: named steps with their time, and packages that install only when missing.
# Meant to be sourced by bash; needs $root, the top of the source tree.
# shellcheck shell=bash

step_names=()
step_seconds=()

die() {
    printf '\n%s\n' "$*" >&2
    exit 1
}

# step "what it does" command…: runs it, says and remembers how long it took, stops everything when it fails.
step() {
    local name=$1 began=$SECONDS status=0
    shift
    printf '── %s\n' "$name"
    "$@" || status=$?
    step_names+=("$name")
    step_seconds+=($((SECONDS - began)))
    printf '   %s s\n' "${step_seconds[-1]}"
    return "$status"
}

# interruptible command…: bash runs no trap while it waits for a program in the foreground. Its process is in $running. One in the
# background would not hear Ctrl-C, and go on without us.
running=""
interruptible() {
    local status=0
    (
        trap - INT
        exec "$@"
    ) &
    running=$!
    wait "$running" || status=$?
    running=""
    return "$status"
}

print_steps() {
    local i
    for i in "${!step_names[@]}"; do
        printf '%6s s  %s\n' "${step_seconds[$i]}" "${step_names[$i]}"
    done
}

as_root() {
    if [[ $(id -u) == 0 ]]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "installing packages needs root: run as root, or install sudo. Wanted: $*"
    fi
}

is_installed() {
    [[ $(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

# Prints the packages of the lists that are not there yet; for "a|b" the first that this release offers.
missing_packages() {
    local line option chosen
    while read -r line; do
        [[ -z $line || $line == \#* ]] && continue
        chosen=""
        for option in ${line//|/ }; do
            if is_installed "$option"; then
                chosen=present
                break
            fi
        done
        [[ $chosen == present ]] && continue
        for option in ${line//|/ }; do
            if [[ $(apt-cache show "$option" 2>/dev/null) ]]; then  # it answers for names that are only mentioned, too
                chosen=$option
                break
            fi
        done
        printf '%s\n' "${chosen:-${line%%|*}}"
    done < <(cat "$@")
}

# Servers that come along with packages must not start by themselves (and in a container could not). However the installation
# ends, this ends with it: a subshell of its own, in which bash removes the file when it dies of a signal, too.
policy=/usr/sbin/policy-rc.d
policy_note="# liveserver's installer: no server starts by itself while packages install"
without_services() (
    trap allow_services EXIT
    if [[ ! -e $policy ]]; then
        printf '#!/bin/sh\n%s\nexit 101\n' "$policy_note" | as_root tee "$policy" >/dev/null
        as_root chmod 755 "$policy"
    fi
    "$@"
)

# Takes away our own policy, never another's.
allow_services() {
    if grep -qsxF "$policy_note" "$policy"; then as_root rm -f "$policy"; fi
}

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 -qq -y \
        --no-install-recommends install "$@"
}

# install_packages list…: names of files in installer/packages, without .txt. Node comes only when it is missing, because
# many have it from elsewhere.
install_packages() {
    command -v apt-get >/dev/null || die "this installs with apt: use Debian 12 or Ubuntu 24.04, or install what installer/packages names yourself"
    allow_services  # of a run that was killed
    local files=() list missing
    for list in "$@"; do files+=("$root/installer/packages/$list.txt"); done
    mapfile -t missing < <(missing_packages "${files[@]}")
    # A freshly installed system knows no package names yet.
    if ((${#missing[@]})) || ! has_node; then
        as_root apt-get -o DPkg::Lock::Timeout=300 -qq update || die "apt-get update failed: is the network there?"
        mapfile -t missing < <(missing_packages "${files[@]}")
    fi
    has_node || missing+=(nodejs npm)
    if ((${#missing[@]} == 0)); then
        echo "   all there"
        return 0
    fi
    echo "   ${missing[*]}"
    # apt says thousands of lines about what these need in turn; they matter only when it fails.
    local log=$root/build/packages.log
    mkdir -p "$root/build"
    without_services apt_install "${missing[@]}" >"$log" 2>&1 ||
        die "apt-get could not install: ${missing[*]}. It said:
$(tail -n 20 "$log")
The whole log: $log. After mending it, run this again."
}

has_node() {
    command -v node >/dev/null && command -v npm >/dev/null &&
        (($(node -p 'process.versions.node.split(".")[0]') >= 18))
}

# npm_install folder: what its package-lock.json names, once.
npm_install() {
    local folder=$1
    local stamp=$folder/node_modules/.installed
    cmp -s "$folder/package-lock.json" "$stamp" && return 0
    npm ci --prefix "$folder" --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null ||
        die "npm could not fetch the packages of $folder: is the network there?"
    cp "$folder/package-lock.json" "$stamp"
}

# build folder target…: on a terminal ninja shows how far it is itself.
build() {
    local status=0 lines reader
    if [[ -t 1 ]]; then
        interruptible ninja -C "$@"
        return
    fi
    exec {lines}> >(show_progress)
    reader=$!
    interruptible env NINJA_STATUS='[%f/%t] ' ninja -C "$@" >&"$lines" || status=$?
    exec {lines}>&-
    wait "$reader" || true
    return "$status"
}

# What ninja says into a log: now and then how far it is, and all that the compiler says.
progress_seconds=20
show_progress() {
    local line shown=$SECONDS
    while IFS= read -r line; do
        if [[ ! $line =~ ^\[[0-9]+/[0-9]+\]\  ]]; then
            [[ $line =~ ^ninja:\ (Entering|no\ work) ]] || printf '%s\n' "$line"
        elif ((SECONDS - shown >= progress_seconds)); then
            printf '   %s]\n' "${line%%]*}"
            shown=$SECONDS
        fi
    done
}
