{{- define "oms-exporter.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* The name of all objects: the release, and the chart unless the release has its name. */}}
{{- define "oms-exporter.fullname" -}}
{{- $name := include "oms-exporter.name" . }}
{{- $fullname := contains $name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $name) }}
{{- default $fullname .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- end }}

{{- define "oms-exporter.selectorLabels" -}}
app.kubernetes.io/name: {{ include "oms-exporter.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* Labels of all objects but pods: a label that changes with each version would replace pods. */}}
{{- define "oms-exporter.labels" -}}
{{ include "oms-exporter.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "oms-exporter.serviceAccountName" -}}
{{- default (.Values.serviceAccount.create | ternary (include "oms-exporter.fullname" .) "default") .Values.serviceAccount.name }}
{{- end }}

{{- define "oms-exporter.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}
{{- end }}

{{/* The URL of the Service within the cluster. */}}
{{- define "oms-exporter.url" -}}
{{ lower .Values.scheme }}://{{ include "oms-exporter.fullname" . }}.{{ .Release.Namespace }}.svc:{{ .Values.service.port }}
{{- end }}

{{/* The name of the Secret with the passwords, empty without one. */}}
{{- define "oms-exporter.secretName" -}}
{{- if .Values.existingSecret }}{{ .Values.existingSecret }}{{ else if .Values.secrets }}{{ include "oms-exporter.fullname" . }}{{ end }}
{{- end }}

{{/* The memory limit in MiB, rounded up. docs/large.md has the formula, which is in kB here. */}}
{{- define "oms-exporter.memoryLimit" -}}
{{- $limit := dig "limits" "memory" "" .Values.resources }}
{{- if hasSuffix "Gi" $limit }}
{{- trimSuffix "Gi" $limit | int64 | mul 1024 }}
{{- else if $limit }}
{{- trimSuffix "Mi" $limit }}
{{- else }}
{{- $kB := add 115000 (mul 9 (int64 .Values.tasks.active)) (mul 3 (int64 .Values.tasks.other)) }}
{{- div (add (mul 1000 $kB) 1048575) 1048576 }}
{{- end }}
{{- end }}

{{/* A probe with the scheme of the exporter. */}}
{{- define "oms-exporter.probe" -}}
{{- $probe := deepCopy .probe }}
{{- if $probe.httpGet }}
{{- $_ := set $probe.httpGet "scheme" .scheme }}
{{- end }}
{{- toYaml $probe }}
{{- end }}

{{/* The names of the targets, separated by spaces. */}}
{{- define "oms-exporter.targets" -}}
{{- if .Values.demo }}demo{{ else }}{{ range $i, $target := .Values.config.targets }}{{ if $i }} {{ end }}{{ $target.name }}{{ end }}{{ end }}
{{- end }}

{{/* Labels of the pod of helm test, which the Service must not select. */}}
{{- define "oms-exporter.testLabels" -}}
app.kubernetes.io/name: {{ include "oms-exporter.name" . }}-test
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
