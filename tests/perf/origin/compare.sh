#!/bin/sh
# CPU seconds of the origin and of nginx (one worker, file in the page cache) for the same GETs of one small part.
# usage: tests/perf/origin/compare.sh [BYTES] [REQUESTS]     needs: nginx, a release build of perf_origin
# Prints one JSON line: medians of five alternating runs; each run is a line on standard error. Less is better for us.
set -eu
bytes=${1:-80000}
requests=${2:-20000}
root=$(cd "$(dirname "$0")/../../.." && pwd)
program=$root/build/release/bin/perf_origin
if [ ! -x "$program" ]; then
    (cd "$root" && cmake --preset release && cmake --build --preset release --target perf_origin) >&2
fi
command -v nginx >/dev/null || { echo "nginx is not installed (package nginx-light)" >&2; exit 2; }

work=$(mktemp -d)
nginx_pid=
origin_pid=
cleanup() {
    [ -z "$nginx_pid" ] || kill "$nginx_pid" 2>/dev/null || true
    [ -z "$origin_pid" ] || kill "$origin_pid" 2>/dev/null || true
    wait 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT INT TERM

# CPU seconds a process has used, user and system.
cpu() { awk -v hz="$(getconf CLK_TCK)" '{ print ($14 + $15) / hz }' "/proc/$1/stat"; }

mkfifo "$work/hold"
sleep 1000000 > "$work/hold" &
holder=$!
"$program" serve "$bytes" < "$work/hold" > "$work/endpoint" &
origin_pid=$!
while [ ! -s "$work/endpoint" ]; do sleep 0.1; done
read -r origin_port origin_path < "$work/endpoint"

nginx_port=$((origin_port > 40000 ? origin_port - 7001 : origin_port + 7001))
head -c "$bytes" /dev/zero > "$work/part.m4s"
chmod 755 "$work"
cat > "$work/nginx.conf" <<EOF
daemon off; master_process off; pid $work/pid; error_log $work/error.log;
events { worker_connections 256; }
http {
    access_log off; keepalive_requests 100000000; tcp_nodelay on; sendfile on; open_file_cache max=16;
    client_body_temp_path $work/a; proxy_temp_path $work/b; fastcgi_temp_path $work/c; uwsgi_temp_path $work/d; scgi_temp_path $work/e;
    server { listen 127.0.0.1:$nginx_port; root $work; add_header Cache-Control "public, max-age=31536000, immutable"; }
}
EOF
nginx -c "$work/nginx.conf" -p "$work" 2>/dev/null &
nginx_pid=$!
sleep 1

steal() { awk -v hz="$(getconf CLK_TCK)" '/^cpu / { print $9 / hz }' /proc/stat; }
steal_before=$(steal)
for run in 1 2 3 4 5; do
    before=$(cpu "$nginx_pid")
    nginx_rate=$("$program" load "$nginx_port" /part.m4s "$requests")
    nginx_cpu=$(cpu "$nginx_pid" | awk -v b="$before" '{ print $1 - b }')
    before=$(cpu "$origin_pid")
    origin_rate=$("$program" load "$origin_port" "$origin_path" "$requests")
    origin_cpu=$(cpu "$origin_pid" | awk -v b="$before" '{ print $1 - b }')
    awk -v run="$run" -v o="$origin_cpu" -v n="$nginx_cpu" -v orate="$origin_rate" -v nrate="$nginx_rate" 'BEGIN {
        printf "run %d: origin %.2f s CPU (%d/s), nginx %.2f s CPU (%d/s), ratio %.3f\n", run, o, orate, n, nrate, o / n > "/dev/stderr"
        print o / n, o, n, orate, nrate }' >> "$work/runs"
done
kill "$holder" 2>/dev/null || true
# The median of a column of the five runs.
median() { sort -n -k "$1,$1" "$work/runs" | awk -v column="$1" 'NR == 3 { print $column }'; }
printf '{"cpu_ratio":%.3f,"origin_cpu_s":%.2f,"nginx_cpu_s":%.2f,"origin_per_s":%.0f,"nginx_per_s":%.0f,"runs":5,"cores":%d,"steal_s":%.2f}\n' \
    "$(median 1)" "$(median 2)" "$(median 3)" "$(median 4)" "$(median 5)" "$(nproc)" \
    "$(awk -v a="$(steal)" -v b="$steal_before" 'BEGIN { print a - b }')"
