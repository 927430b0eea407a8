#!/bin/sh
# After the deb or rpm package is installed or upgraded. A first install starts nothing: the config names no real OMS yet.
set -e
[ -d /run/systemd/system ] || exit 0
systemctl daemon-reload
systemctl try-restart oms_exporter.service
