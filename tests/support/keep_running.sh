#!/usr/bin/env bash
# The part of a service manager that a planned restart leans on: keeps the listening sockets it was given as descriptors 3, 4…,
# runs a program with them (sd_listen_fds(3)) and runs it again each time it has ended with 0. Says on standard output which
# process runs and how it ended. SIGTERM ends both for good.
#   keep_running.sh NAME:NAME… PROGRAM ARGUMENT…
set -u
names=$1
count=$(tr ':' '\n' <<<"$names" | wc -l)
shift
ending="" child=""
trap 'ending=1; kill -TERM "$child"' TERM

while [ -z "$ending" ]; do
  (LISTEN_PID=$BASHPID LISTEN_FDS=$count LISTEN_FDNAMES=$names exec "$@") &
  child=$!
  echo "{\"event\":\"started\",\"pid\":$child}"
  wait "$child"
  code=$?
  while kill -0 "$child" 2>/dev/null; do wait "$child"; code=$?; done  # a trap cut the first wait short
  echo "{\"event\":\"exited\",\"code\":$code}"
  [ "$code" -eq 0 ] || exit "$code"
done
