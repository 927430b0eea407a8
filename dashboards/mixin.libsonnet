// The dashboards, rules and alerts as a monitoring mixin, from the files as they are. The recording rules stand in the
// groups of the alerts, because each group is evaluated in order.
{
  grafanaDashboards+:: {
    'oms-overview.json': import 'oms-overview.json',
    'oms-task.json': import 'oms-task.json',
  },
  prometheusAlerts+:: {
    groups+: std.parseYaml(importstr 'alerts.yml').groups,
  },
}
