{{/* Labels by which pods are found; (list $ component). */}}
{{- define "modelmonitor.selectorLabels" -}}
app.kubernetes.io/name: modelmonitor
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{/* Labels of every object; those of the user never take the place of ours. */}}
{{- define "modelmonitor.labels" -}}
{{- $root := index . 0 -}}
{{- $chart := dict
  "helm.sh/chart" (printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_")
  "app.kubernetes.io/managed-by" $root.Release.Service
  "app.kubernetes.io/version" $root.Chart.AppVersion -}}
{{- $own := include "modelmonitor.selectorLabels" . | fromYaml -}}
{{- merge (dict) $own $chart $root.Values.commonLabels | toYaml }}
{{- end }}

{{/* The same with the labels by which a Prometheus selects rules and PodMonitors. */}}
{{- define "modelmonitor.selectedLabels" -}}
{{- $labels := include "modelmonitor.labels" . | fromYaml -}}
{{- merge (dict) $labels (index . 0).Values.prometheus.labels | toYaml }}
{{- end }}

{{- define "modelmonitor.serviceAccount" -}}
{{- .Values.operator.serviceAccount.name | default "modelmonitor-operator" }}
{{- end }}

{{/* Namespaces of which no pod is injected, as a list. */}}
{{- define "modelmonitor.excludedNamespaces" -}}
{{- $always := list "kube-system" "kube-public" "kube-node-lease" .Release.Namespace -}}
{{- concat $always .Values.injection.excludedNamespaces | uniq | sortAlpha | toYaml }}
{{- end }}
