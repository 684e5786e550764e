{{/* Millicores of an amount of CPU as the schema takes it, such as 500m or 1.5. */}}
{{- define "modelmonitor.millicores" -}}
{{- if hasSuffix "m" . }}{{ trimSuffix "m" . }}{{ else }}{{ mulf . 1000 }}{{ end }}
{{- end }}
