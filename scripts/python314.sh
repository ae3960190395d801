#!/bin/sh
# Run the tests on a real Python 3.14: Debian's own, in a chroot, for machines whose Python is older.
#
#     sudo scripts/python314.sh [ARGUMENTS OF PYTEST]
#
# The first run sets the chroot up (about two minutes, 500 MB) in $JOINLINT_CHROOT, /var/tmp/joinlint-python3.14 by
# default.  Needs root, Linux, Debian's package mirror and a Python package index.  To remove it: rm -rf the folder;
# what is mounted into it is seen by this script alone and gone when it ends.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
chroot=${JOINLINT_CHROOT:-/var/tmp/joinlint-python3.14}
# Debian's first release with Python 3.14.
release=forky

if [ "$(id -u)" -ne 0 ]; then
    echo "error: a chroot needs root" >&2
    exit 2
fi

if [ ! -e "$chroot/ready" ]; then
    if ! command -v debootstrap >/dev/null; then
        apt-get update && apt-get install --yes debootstrap
    fi
    # A debootstrap older than the release knows it by no name; all since sid are set up alike.
    recipes=/usr/share/debootstrap/scripts
    [ -e "$recipes/$release" ] || ln -s sid "$recipes/$release"
    mirror=$(sed -n 's/^URIs: *//p' /etc/apt/sources.list.d/debian.sources 2>/dev/null | head -n 1)
    debootstrap --variant=minbase --include=git,python3,python3-venv "$release" "$chroot" \
        "${mirror:-http://deb.debian.org/debian}"
    # All that pip lacks in there.
    mkdir -p "$chroot/etc/ssl/certs" "$chroot/project"
    cp /etc/ssl/certs/ca-certificates.crt "$chroot/etc/ssl/certs/"
    chroot "$chroot" python3.14 -m venv /venv
    touch "$chroot/ready"
fi

# `env -i` keeps the variables of the outer pip and Python out.
export root chroot
exec unshare --mount --propagation private sh -euc '
    mount --rbind /dev "$chroot/dev"
    mount --bind /proc "$chroot/proc"
    mount --bind "$root" "$chroot/project"
    exec chroot "$chroot" env -i CI="${CI-}" HOME=/root LANG=C.UTF-8 PATH=/venv/bin:/usr/bin:/bin \
        sh -euc "
            cd /project
            pip install --quiet --editable .[test]
            exec python -m pytest -p no:cacheprovider \"\$@\"
        " pytest "$@"
' unshare "$@"
