{{- define "modelmonitor.webhookAccount" -}}
{{- .Values.webhook.serviceAccount.name | default "modelmonitor-webhook" }}
{{- end }}

{{/* Whether the webhook makes its certificates itself; empty: somebody else does. */}}
{{- define "modelmonitor.ownCertificates" -}}
{{- $certificates := .Values.webhook.certificates -}}
{{- if not (or $certificates.certManager $certificates.secretName) }}true{{ end }}
{{- end }}

{{/* What the webhook reads of the values: who injects and what, as the operator reads it. */}}
{{- define "modelmonitor.webhookValues" -}}
{{- $shared := include "modelmonitor.operatorValues" . | fromYaml -}}
{{- pick $shared "injection" "sidecar" "prometheus" "security" | toYaml }}
webhook:
  port: {{ .Values.webhook.port }}
  metricsPort: {{ .Values.webhook.metricsPort }}
  certificates:
    {{- if include "modelmonitor.ownCertificates" . }}
    validSeconds: {{ mul .Values.webhook.certificates.validDays 86400 }}
    {{- else }}
    folder: /etc/modelmonitor/certificate
    {{- end }}
{{- end }}
