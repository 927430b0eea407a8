#!/bin/sh
# Runs after the package is removed: systemd drops the units.
set -e
[ -d /run/systemd/system ] || exit 0
systemctl daemon-reload
