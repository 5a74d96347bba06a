{{- define "camera-redundancy.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* At most 55 characters, so that "-migrate" fits in the 63 of a name; a Service's name has no dots. */}}
{{- define "camera-redundancy.fullname" -}}
{{- $name := include "camera-redundancy.name" . }}
{{- $full := contains $name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $name) }}
{{- .Values.fullnameOverride | default $full | replace "." "-" | trunc 55 | trimSuffix "-" }}
{{- end }}

{{/* Never changed between releases: a Deployment's selector is immutable. */}}
{{- define "camera-redundancy.selectorLabels" -}}
app.kubernetes.io/name: {{ include "camera-redundancy.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/component: server
{{- end }}

{{/* All labels but the component, which tells the pods from the migration's. */}}
{{- define "camera-redundancy.commonLabels" -}}
app.kubernetes.io/name: {{ include "camera-redundancy.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "camera-redundancy.labels" -}}
{{ include "camera-redundancy.commonLabels" . }}
app.kubernetes.io/component: server
{{- end }}

{{- define "camera-redundancy.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}
{{- end }}

{{- define "camera-redundancy.serviceAccountName" -}}
{{- $own := .Values.serviceAccount.create | ternary (include "camera-redundancy.fullname" .) "default" }}
{{- .Values.serviceAccount.name | default $own }}
{{- end }}

{{/*
An account made by this chart does not exist yet when the migration of the first install runs, and one
made by a hook would outlive the release. The Job calls nothing in Kubernetes, so the namespace's own
account does; an account that is not the chart's is there already, and its cloud identity may be needed.
*/}}
{{- define "camera-redundancy.migrationServiceAccountName" -}}
{{- .Values.serviceAccount.create | ternary "default" (include "camera-redundancy.serviceAccountName" .) }}
{{- end }}

{{- define "camera-redundancy.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "camera-redundancy.containerSecurityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{/* Takes a list: the variable's name, the Secret's key, the root context. */}}
{{- define "camera-redundancy.databaseVariable" -}}
- name: {{ index . 0 }}
  valueFrom:
    secretKeyRef:
      name: {{ (index . 2).Values.database.existingSecret | quote }}
      key: {{ index . 1 | quote }}
{{- end }}

{{/* Takes a list: the path, the probe's values. */}}
{{- define "camera-redundancy.probe" -}}
httpGet:
  path: {{ index . 0 }}
  port: http
periodSeconds: {{ (index . 1).periodSeconds }}
timeoutSeconds: {{ (index . 1).timeoutSeconds }}
failureThreshold: {{ (index . 1).failureThreshold }}
{{- end }}
