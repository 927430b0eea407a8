#!/bin/sh
# Runs after the deb or rpm package is installed or upgraded. A first install does not start the service, because the config has no real OMS yet.
# A service that fails to restart, for example without its password file, does not fail the upgrade: systemctl status shows the reason.
set -e
[ -d /run/systemd/system ] || exit 0
systemctl daemon-reload
systemctl try-restart oms_exporter.service || :
