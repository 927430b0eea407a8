#!/bin/sh
# After the deb or rpm package is installed or upgraded. A first install starts nothing: the config names no real OMS yet.
# A service that does not start again, because its password file is gone for instance, does not fail the upgrade: systemctl status tells.
set -e
[ -d /run/systemd/system ] || exit 0
systemctl daemon-reload
systemctl try-restart oms_exporter.service || :
