{{/* What Pod Security's profile "restricted" asks of a pod and of a container. */}}
{{- define "modelmonitor.podSecurity" -}}
runAsNonRoot: true
{{- if not .Values.security.assignedUser }}
runAsUser: 65532
runAsGroup: 65532
{{- end }}
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "modelmonitor.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}
