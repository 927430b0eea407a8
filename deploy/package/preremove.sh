#!/bin/sh
# Before the package is removed: "remove" is what dpkg says then, 0 what rpm says. Before an upgrade the service stays as it is.
set -e
[ -d /run/systemd/system ] || exit 0
case "$1" in
remove | 0) systemctl --no-reload disable --now oms_exporter.service oms_exporter.socket ;;
esac
