{{/* The repository with its registry; (list $ image). */}}
{{- define "modelmonitor.repository" -}}
{{- $registry := (index . 0).Values.global.imageRegistry | trimSuffix "/" -}}
{{- $image := index . 1 -}}
{{- if $registry }}{{ $registry }}/{{ end }}{{ $image.repository }}
{{- end }}

{{/* The tag; a digest needs none. */}}
{{- define "modelmonitor.tag" -}}
{{- $image := index . 1 -}}
{{- if $image.tag }}{{ $image.tag }}{{ else if not $image.digest }}{{ (index . 0).Chart.AppVersion }}{{ end }}
{{- end }}

{{/* The whole reference. */}}
{{- define "modelmonitor.image" -}}
{{- $tag := include "modelmonitor.tag" . -}}
{{- $digest := (index . 1).digest -}}
{{- include "modelmonitor.repository" . }}{{ with $tag }}:{{ . }}{{ end }}{{ with $digest }}@{{ . }}{{ end }}
{{- end }}

{{- define "modelmonitor.pullSecrets" -}}
{{- with .Values.global.imagePullSecrets }}
imagePullSecrets:
{{- range . }}
- name: {{ . }}
{{- end }}
{{- end }}
{{- end }}
