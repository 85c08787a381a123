#!/bin/sh
# brikk api | worker | migrate | health, or any command of the command line. `health` asks the process of this container.
set -eu
app=/app/dist/apps
file=${BRIKK_HEALTH_FILE:-}
case "${1:-api}" in
  api) exec node "$app/api/main.js" ;;
  worker)
    # As `brikk up` starts it: see "In production" in docs/operations.md.
    set -- --min-semi-space-size=64 --max-semi-space-size=64
    if [ "${BRIKK_CALL_STACKS:-false}" != true ]; then set -- "$@" --import "$app/worker/without-call-stacks.js"; fi
    exec node "$@" "$app/worker/main.js"
    ;;
  health)
    # A worker that takes tasks renews its file every second; one that has hung for a minute does not.
    if [ -n "$file" ]; then [ -n "$(find "$file" -mmin -1 2>/dev/null)" ]; else
      exec node -e 'fetch(`http://127.0.0.1:${process.env.BRIKK_PORT || 7600}/health/live`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))'
    fi
    ;;
  *) exec node "$app/cli/main.js" "$@" ;;
esac
