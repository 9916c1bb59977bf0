#!/usr/bin/env bash
# From a fresh Debian 12 or Ubuntu 24.04 to a live stream in your browser: installs what is missing, builds the release,
# starts the server and a broadcaster, and says where to look. Ctrl-C stops everything; running it again is quick.
#   installer/demo.sh [--state-dir DIR] [--set section.key=value]…
#   installer/demo.sh --check      plays it in headless Chromium for 30 s instead and prints what it measured as one
#                                  JSON line; exit 0 only if it truly played
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=steps.sh
source "$root/installer/steps.sh"

check=""
state_dir=${XDG_STATE_HOME:-$HOME/.local/state}/liveserver-demo
state_chosen=""
log_dir=""
settings=()
started=()
notes=()
server_pid=""
broadcaster_pid=""
has_shed=""

usage() {
    sed -n '2,6s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
}

while (($#)); do
    case $1 in
        --check) check=yes ;;
        --state-dir)
            state_dir=${2:-}
            [[ $state_dir ]] || die "--state-dir needs a directory"
            state_chosen=yes
            shift
            ;;
        --set)
            [[ ${2:-} ]] || die "--set needs section.key=value"
            settings+=(--set "$2")
            shift
            ;;
        -h | --help)
            usage
            exit 0
            ;;
        *)
            usage >&2
            die "unknown option: $1"
            ;;
    esac
    shift
done
state_dir=$(realpath -m "$state_dir")  # before the directory changes
cd "$root"

server=build/release/bin/liveserverd
clip=build/clip.mp4

build_release() {
    interruptible cmake --preset release -DBUILD_TESTING=OFF --log-level=WARNING >build/demo-configure.log 2>&1 ||
        die "cmake refused: $(tail -n 20 build/demo-configure.log)"
    build build/release liveserverd player || die "the build failed; the compiler's message is above. Running this again goes on where it stopped."
}

render_clip() {
    interruptible node tests/support/clip.mjs "$clip" >/dev/null || die "ffmpeg could not render the clip; its message is above"
}

# Everything that was started goes, latest first, however this ends.
stop_all() {
    local i pid
    trap - EXIT INT TERM
    if [[ $running ]]; then
        started+=("$running")
        kill -INT "$running" 2>/dev/null || true  # the driver of a browser goes on after SIGTERM
    fi
    for ((i = ${#started[@]} - 1; i >= 0; i--)); do
        pid=${started[$i]}
        kill -TERM "$pid" 2>/dev/null || continue
        for _ in {1..120}; do
            kill -0 "$pid" 2>/dev/null || break
            sleep 0.1
        done
        kill -KILL "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    rm -f "$log_dir/server.log.$$"  # of a server that was stopped before it was ready
    if [[ $check && ! $state_chosen ]]; then rm -rf "$state_dir"; fi
}

# Whether something already listens there.
is_taken() {
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# The server's own default, or any free port, with a word about it.
choose_port() {
    local name=$1 address=$2 port=$3 who=$4
    if [[ " ${settings[*]} " == *" $name.listen="* ]]; then return; fi
    if [[ $check ]]; then
        settings+=(--set "$name.listen=127.0.0.1:0")
    elif is_taken "$port"; then
        notes+=("Port $port is taken, so $who got another one. To choose yourself: --set $name.listen=$address:PORT")
        settings+=(--set "$name.listen=$address:0")
    fi
}

# Starts the server; leaves its addresses in $rtmp, $http, $api. Another server may have this state already and write its
# log: the file becomes server.log when this one is ready, because then it is the only one.
start_server() {
    local ready line log=$log_dir/server.log starting=$log_dir/server.log.$$
    mkdir -p "$state_dir" "$log_dir"
    exec 4< <(exec "$root/$server" serve --state-dir "$state_dir" "${settings[@]}" 2>"$starting")
    server_pid=$!
    started+=("$server_pid")
    ready=""
    while read -r -t 20 -u 4 line; do
        if [[ $line == *'"event":"ready"'* ]]; then
            ready=$line
            break
        fi
    done
    if [[ ! $ready ]]; then
        mv -f "$starting" "$log_dir/server.failed.log"
        die "the server did not start. It said:
$(tail -n 5 "$log_dir/server.failed.log")
The whole log: $log_dir/server.failed.log"
    fi
    if [[ -e $log ]]; then mv -f "$log" "$log_dir/server.previous.log"; fi
    mv -f "$starting" "$log"
    rtmp=$(address rtmp "$ready")
    http=$(address http "$ready")
    api=$(address api "$ready")
    reach=""
    if [[ $(field http "$ready") == 0.0.0.0:* ]]; then reach=$(own_address); fi
}

# The first address of this machine that others may know it by; nothing without one.
own_address() {
    local addresses=()
    read -r -a addresses < <(hostname -I 2>/dev/null) || true
    printf '%s' "${addresses[0]:-}"
}

# What listens on all interfaces is reached here by the loopback address.
address() {
    field "$1" "$2" | sed -E 's/^(0\.0\.0\.0|\[::\]):/127.0.0.1:/'
}

field() {
    sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" <<<"$2"
}

# call METHOD PATH [BODY]: the answer's body and, on the last line, its status.
call() {
    local body=()
    if (($# > 2)); then body=(-H "Content-Type: application/json" --data "$3"); fi
    curl -sS -m 15 -w '\n%{http_code}' -X "$1" -H "@$state_dir/curl.header" "${body[@]}" "http://$api/api/v1$2"
}

stats() {
    call GET "/streams/$stream/stats" 2>/dev/null || true
}

# Ids are never given out again and keys are shown once, so the demo's are kept beside its state. Leaves $stream and $key.
find_stream() {
    local answer key_file=$state_dir/demo.key stream_file=$state_dir/demo.stream
    (umask 077 && printf 'Authorization: Bearer %s\n' "$(cat "$state_dir/admin.token")" >"$state_dir/curl.header")
    stream=demo
    if [[ -s $stream_file ]]; then stream=$(<"$stream_file"); fi
    answer=$(call GET "/streams/$stream")
    case ${answer##*$'\n'} in
        200)
            key=$(key_of "$answer" "$key_file")
            lift_hold "$answer"
            ;;
        404) create_stream ;;
        *) die "the server does not tell about the stream: $answer" ;;
    esac
    printf '%s\n' "$stream" >"$stream_file"
    (umask 077 && printf '%s\n' "$key" >"$key_file")
}

# Words of a command as a shell reads them again.
quoted() {
    local words
    printf -v words ' %q' "$@"
    printf '%s' "${words:1}"
}

# The key of a stream that is there; a new one when none was kept.
key_of() {
    local answer=$1 key_file=$2 kept
    [[ $answer == *'"enabled":true'* ]] || die "The demo's stream '$stream' is disabled: nobody may broadcast to it.
To begin anew: rm -r $(quoted "$state_dir")
To keep it: run $(quoted "$root/$server" serve --state-dir "$state_dir" "${settings[@]}")
and enable it: curl -X PATCH -H $(quoted "@$state_dir/curl.header") -H 'Content-Type: application/json' -d '{\"enabled\":true}' http://$api/api/v1/streams/$stream"
    if [[ -s $key_file ]]; then
        kept=$(<"$key_file")
        [[ $answer == *"\"hint\":\"${kept: -4}\""* ]] || die "The stream key that the demo kept was revoked. To get a new one: rm $(quoted "$key_file")"
        printf '%s' "$kept"
    else
        answer=$(call POST "/streams/$stream/keys" '{"role":"primary"}')
        [[ $answer == *$'\n201' ]] || die "the server refused a new key for the stream: $answer"
        field key "${answer%$'\n'*}"
    fi
}

# After a stop nobody may broadcast for a while; who starts the demo wants it to.
lift_hold() {
    local lifted
    [[ $1 != *'"held_until":null'* ]] || return 0
    lifted=$(call POST "/streams/$stream/stop" '{"hold_s":0}')
    [[ $lifted == *$'\n204' ]] || die "the server refused to let anyone broadcast again: $lifted"
}

create_stream() {
    local answer watch
    answer=$(call POST /streams '{"id":"demo","name":"Demo"}')
    if [[ $answer == *$'\n409' ]]; then answer=$(call POST /streams '{"name":"Demo"}'); fi  # there was one, and it was removed
    [[ $answer == *$'\n201' ]] || die "the server refused to create the stream: $answer"
    key=$(field stream_key "${answer%$'\n'*}")
    watch=$(field watch "${answer%$'\n'*}")
    stream=${watch##*/}
}

start_broadcaster() {
    ffmpeg -hide_banner -loglevel error -nostdin -re -stream_loop -1 -i "$clip" -c copy -f flv -flvflags no_duration_filesize \
        "rtmp://$rtmp/live/$key" >"$state_dir/broadcaster.log" 2>&1 &
    broadcaster_pid=$!
    started+=("$broadcaster_pid")
    disown "$broadcaster_pid"  # or bash says when it was killed
}

# What the server told it at last, or what it said.
broadcasters_word() {
    local said=$state_dir/broadcaster.log
    { grep -o 'Server error: .*' "$said" || cat "$said"; } | tail -n 1
}

# Waits until the stream can be watched: what was broadcast before can be, too, and does not count.
wait_until_live() {
    local deadline=$((SECONDS + 15))
    while ((SECONDS < deadline)); do
        if [[ $(stats) == *'"state":"live"'* ]] && curl -sf -m 2 -o /dev/null "http://$http/live/$stream/master.m3u8"; then return 0; fi
        kill -0 "$broadcaster_pid" 2>/dev/null || die "the broadcaster stopped: $(broadcasters_word)
Why is in the server's log: $log_dir/server.log"
        sleep 0.1
    done
    die "the stream did not come up within 15 s. The server's log: $log_dir/server.log"
}

screen() {
    local bold="" dim="" plain=""
    if [[ -t 1 ]]; then bold=$'\e[1m' dim=$'\e[2m' plain=$'\e[0m'; fi
    printf '\n  %sOn air.%s Open this in your browser:\n\n      %shttp://%s/watch/%s%s\n\n' "$bold" "$plain" "$bold" "$http" "$stream" "$plain"
    printf '  %sYour own picture instead%s, from OBS: Settings, Stream, Service "Custom"\n' "$bold" "$plain"
    printf '      Server      rtmp://%s/live\n      Stream key  %s\n\n' "$rtmp" "$key"
    printf '  %sAPI%s\n      Address     http://%s/api/v1\n' "$bold" "$plain" "$api"
    printf '      Token       %s\n' "$state_dir/admin.token"
    # shellcheck disable=SC2016  # the reader's shell is to expand it
    printf '      Try         curl -H "Authorization: Bearer $(cat %s)" http://%s/api/v1/streams/%s/stats\n\n' "$(quoted "$state_dir/admin.token")" "$api" "$stream"
    printf '  %sServer log      %s%s\n' "$dim" "$log_dir/server.log" "$plain"
    if [[ $reach ]]; then printf '  %sOther machines  use %s instead of 127.0.0.1, to watch and to broadcast%s\n' "$dim" "$reach" "$plain"; fi
    local note
    for note in "${notes[@]}"; do printf '  %s%s%s\n' "$dim" "$note" "$plain"; done
    printf '\n  Ctrl-C stops everything.\n'
}

# Says once what a machine that is too slow for the whole ladder does.
tell_of_shedding() {
    if [[ $has_shed || $(stats) != *"encoding cannot keep up"* ]]; then return; fi
    has_shed=yes
    printf '\n  This machine cannot encode all renditions in time: some are left out for now, the smallest never.\n'
    printf '  They come back by themselves when there is time again.\n'
}

# The demo's own broadcaster goes when another encoder with its key takes over, or somebody stops the stream.
watch_over() {
    while kill -0 "$server_pid" 2>/dev/null; do
        tell_of_shedding
        if [[ $broadcaster_pid ]] && ! kill -0 "$broadcaster_pid" 2>/dev/null; then
            printf '\n  The built-in broadcaster has stopped: %s\n' "$(broadcasters_word)"
            printf '  To get its clip back: end the other broadcast, stop this with Ctrl-C and start it again.\n'
            broadcaster_pid=""
        fi
        sleep 1
    done
    die "the server stopped by itself. It said:
$(tail -n 5 "$log_dir/server.log")"
}

prepare() {
    mkdir -p build
    if [[ $check ]]; then
        [[ $(. /etc/os-release && echo "$ID") == debian ]] || die "--check needs Debian's chromium; elsewhere run the demo without --check"
        step "packages (a few minutes the first time)" install_packages build run check
    else
        step "packages (a few minutes the first time)" install_packages build run
    fi
    step "release build (about 10 minutes on two cores the first time)" build_release
    step "the clip to broadcast" render_clip
    if [[ $check ]]; then step "browser driver" npm_install tests/e2e; fi
}

main() {
    if [[ $check && ! $state_chosen ]]; then state_dir=$(mktemp -d) log_dir=$root/build/check; fi
    log_dir=${log_dir:-$state_dir}
    trap stop_all EXIT
    trap 'printf "\n  Stopping.\n" >&2; exit 130' INT TERM
    if [[ $check ]]; then prepare >&2; else prepare; fi  # the one line of --check has standard output for itself
    choose_port rtmp 0.0.0.0 1935 "the broadcaster's side"
    choose_port http 0.0.0.0 8080 "the viewers' side"
    choose_port api 127.0.0.1 8081 "the API"
    start_server
    if [[ $check ]]; then
        interruptible node tests/e2e/check.mjs --api "http://$api" --token-file "$state_dir/admin.token" --clip "$clip" ||
            die "the check failed. The server's log: $log_dir/server.log"
    else
        find_stream
        start_broadcaster
        wait_until_live
        screen
        watch_over
    fi
}

main
