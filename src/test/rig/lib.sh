# shellcheck shell=bash
# What every piece of ./dev shares: where things are, how progress is said, how a noisy command is
# run, and how root is had. Sourced, never run.
set -euo pipefail

[ -z "${RIG_LIB:-}" ] || return 0
RIG_LIB=1

RIG=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
TOP=$(cd "$RIG/../../.." && pwd)
# One folder holds all that ./dev makes outside target/; `./dev clean` removes it.
DEV=$TOP/.dev
mkdir -p "$DEV"
[ -w "$DEV" ] || { echo "dev: $DEV belongs to another user, who ran ./dev before: run it as that one, or remove the folder" >&2; exit 1; }
export RIG TOP DEV

# Says one short line, with the seconds since ./dev started (also in the scripts that it runs). Progress
# goes to standard error, so that the output of `./dev agent …` stays what the agent printed.
export RIG_STARTED=${RIG_STARTED:-$EPOCHSECONDS}
say() { printf '%4ds  %s\n' "$((EPOCHSECONDS - RIG_STARTED))" "$*" >&2; }

# Ends the command with one line that says what is wrong and what to do.
fail() {
  printf 'dev: %s\n' "$*" >&2
  exit 1
}

# quietly NAME COMMAND…: runs a noisy command with its output in .dev/NAME.log. A failure shows the
# end of the log (Maven's: its errors) and where the rest is, and is returned to the caller.
quietly() {
  local log=$DEV/$1.log
  shift
  local status=0
  "$@" >"$log" 2>&1 </dev/null || status=$?
  [ "$status" -eq 0 ] || {
    printf 'dev: failed (exit %s): %s\n' "$status" "${*:1:6}" >&2
    if grep -q '^\[ERROR\] ' "$log"; then
      grep '^\[ERROR\] ' "$log" | grep -vE 'Help 1|Re-run Maven|stack trace|possible solutions|^\[ERROR\] *$' | head -n 25
    else
      tail -n 25 "$log"
    fi | sed 's/^/  | /' >&2
    printf 'dev: the whole log is %s\n' "${log#"$TOP"/}" >&2
  }
  return "$status"
}

# as_root COMMAND…: installing packages and starting an engine need root; everything else does not.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo -- "$@"
  else
    fail "this step needs root ($*): run ./dev as root, or install sudo"
  fi
}

# have COMMAND…: true if every command is on the path.
have() {
  local name
  for name in "$@"; do command -v "$name" >/dev/null 2>&1 || return 1; done
}

# digest PATH…: one hash over names and contents of all files below the paths; what "unchanged" means.
digest() {
  find "$@" -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c1-16
}

# wait_until SECONDS COMMAND…: polls until the command succeeds; false when the time is over.
wait_until() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.2
  done
}
