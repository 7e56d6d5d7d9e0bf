#!/bin/sh
# Pictures of a report page, to look at: look.sh PAGE.html OUT
# Writes OUT-desktop.png, OUT-dark.png, OUT-phone.png and OUT.pdf by a headless Chromium; not part of run.sh.
set -eu
page=$(realpath "$1")
out=$2
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || {
    echo "SKIPPED look: no Chromium installed (Debian: chromium)"
    exit 0
}
profile=$(mktemp -d)
trap 'rm -rf "$profile"' EXIT
shot() {
    "$browser" --headless --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$profile" "$@" "file://$page" >/dev/null 2>&1
}
shot --window-size=1280,"${HEIGHT:-7000}" --screenshot="$out-desktop.png"
shot --window-size=1280,"${HEIGHT:-7000}" --blink-settings=preferredColorScheme=0 --screenshot="$out-dark.png"
# A narrow window is not possible headless: the page stands in a frame as wide as a phone.
printf '<!DOCTYPE html><body style="margin:0"><iframe src="file://%s" style="width:390px;height:%spx;border:0"></iframe>' "$page" "${HEIGHT:-7000}" >"$profile/phone.html"
page=$profile/phone.html
shot --window-size=500,"${HEIGHT:-7000}" --allow-file-access-from-files --screenshot="$out-phone.png"
page=$(realpath "$1")
shot --no-pdf-header-footer --print-to-pdf="$out.pdf"
ls "$out"*
