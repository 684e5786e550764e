{{/* A rule file of the chart with links in the places of the stand-ins; (list $ file). */}}
{{- define "modelmonitor.rules" -}}
{{- $values := (index . 0).Values -}}
{{- $runbook := $values.rules.runbookUrl | default "https://modelmonitor.io/runbook" -}}
{{- (index . 0).Files.Get (index . 1)
  | replace "https://runbook.invalid" (regexReplaceAll "/+$" $runbook "")
  | replace "https://grafana.invalid" (regexReplaceAll "/+$" $values.grafana.url "") -}}
{{- end }}
