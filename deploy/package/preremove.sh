#!/bin/sh
# Runs before the package is removed: dpkg passes "remove", rpm passes 0. Before an upgrade the service keeps running.
set -e
[ -d /run/systemd/system ] || exit 0
case "$1" in
remove | 0) systemctl --no-reload disable --now oms_exporter.service oms_exporter.socket ;;
esac
