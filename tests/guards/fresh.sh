#!/bin/sh
# "Ten minutes" of README.md as a newcomer goes through it: in a fresh Debian 12 of its own (debootstrap, chroot: root and
# a network are needed, so this is no stage of run.sh). Usage: fresh.sh FOLDER [README]
set -eu
root=$1
readme=${2:-README.md}
cd "$(dirname "$0")/../.."
[ -e "$root/etc/debian_version" ] || debootstrap --variant=minbase bookworm "$root"
rm -rf "$root/root/libkam" "$root/root/mine"
mkdir -p "$root/root/libkam" "$root/root/mine"
git ls-files -z | tar -c --null -T - | tar -x -C "$root/root/libkam"
cp /etc/resolv.conf "$root/etc/"
for name in hello.c hello.py; do
    awk -v name="$name" '/^```/ { on = $2 == name; next } on' "$readme" >"$root/root/mine/$name"
done
cat >"$root/root/ten.sh" <<'END'
set -ex
cd /root/libkam
sh examples/quickstart.sh
test -s build/demo/report.html
apt-get install -y -qq --no-install-recommends pkg-config python3 >/dev/null
cmake --build build --parallel 2 >/dev/null && cmake --install build && ldconfig
cd /root/mine
cc hello.c $(pkg-config --cflags --libs kam) -o hello && ./hello
PYTHONPATH=/root/libkam/bindings/python python3 hello.py
END
start=$(date +%s)
chroot "$root" sh /root/ten.sh
echo "$(($(date +%s) - start)) s from a bare Debian 12 to a report and two programs of one's own"
