#!/usr/bin/env bash
# Runs a throw-away PostgreSQL on PORT until standard input ends; then removes it. A line on standard
# input kills all its processes and starts it again on the same data.
# usage: tests/postgres.sh PORT
set -euo pipefail
port=$1
bin=${PG_BIN:-$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)}
[ -x "$bin/postgres" ] || { echo "no PostgreSQL found; run tests/run, which installs it" >&2; exit 1; }
dir=$(mktemp -d /tmp/onevisit-pg.XXXXXX)
as=()
if [ "$(id -u)" = 0 ]; then
  # PostgreSQL refuses to run as root.
  chown 65534:65534 "$dir"
  as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
fi
cd /
run() { "${as[@]}" env -i LC_ALL=C.UTF-8 PATH=/usr/bin:/bin "$@"; }
run "$bin/initdb" -D "$dir/d" -U postgres -A trust -E UTF8 --no-sync >/dev/null
durable=${PG_DURABLE:-off}
start() {
  # Not through run: the process to stop is PostgreSQL itself.
  "${as[@]}" env -i LC_ALL=C.UTF-8 PATH=/usr/bin:/bin "$bin/postgres" -D "$dir/d" -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
    -c fsync="$durable" -c synchronous_commit="$durable" -c full_page_writes="$durable" -c max_connections=300 \
    -c shared_buffers=256MB -c max_wal_size=4GB >>"$dir/log" 2>&1 &
  pid=$!
  for _ in $(seq 1200); do
    run "$bin/pg_isready" -q -h 127.0.0.1 -p "$port" && { echo ready; return 0; }
    kill -0 $pid 2>/dev/null || return 1
    sleep 0.05
  done
  return 1
}
failed() { cat "$dir/log" >&2; exit 1; }
trap 'kill -INT $pid 2>/dev/null; wait $pid 2>/dev/null; rm -rf "$dir"' EXIT
start || failed
while read -r _; do
  # Stopped first, so that it neither starts nor tidies up anything while its processes die.
  kill -STOP $pid
  kill -KILL $(cat /proc/$pid/task/$pid/children) $pid
  { wait $pid; } 2>/dev/null || true
  # Its memory is there until the last of them has gone.
  for attempt in $(seq 20); do
    start && break
    [ "$attempt" -lt 20 ] || failed
  done
done
