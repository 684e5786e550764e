{{/* What the operator reads of the values, with the sidecars' image as it is pulled. */}}
{{- define "modelmonitor.operatorValues" -}}
{{- $image := .Values.sidecar.image -}}
{{- $sidecar := list . $image -}}
operator:
  {{- pick .Values.operator "workers" "resyncSeconds" "unsettledSeconds" "leaseSeconds" "silenceSeconds" "port" | toYaml | nindent 2 }}
injection:
  {{- pick .Values.injection "mode" "excludedNamespaces" | toYaml | nindent 2 }}
sidecar:
  image:
    repository: {{ include "modelmonitor.repository" $sidecar }}
    {{- with include "modelmonitor.tag" $sidecar }}
    tag: {{ . | quote }}
    {{- end }}
    {{- with $image.digest }}
    digest: {{ . }}
    {{- end }}
    pullPolicy: {{ $image.pullPolicy }}
  {{- pick .Values.sidecar "seriesBudget" "ports" "sizes" | toYaml | nindent 2 }}
security:
  {{- .Values.security | toYaml | nindent 2 }}
rules:
  mode: {{ .Values.rules.mode }}
  delivery: {{ .Values.rules.delivery }}
  {{- with .Values.rules.runbookUrl }}
  runbookUrl: {{ . | quote }}
  {{- end }}
prometheus:
  {{- .Values.prometheus | toYaml | nindent 2 }}
grafana:
  instanceSelector: {{- .Values.grafana.instanceSelector | toYaml | nindent 4 }}
  {{- with .Values.grafana.url }}
  url: {{ . | quote }}
  {{- end }}
  {{- with .Values.grafana.clusterLabel }}
  clusterLabel: {{ . }}
  {{- end }}
{{- end }}
