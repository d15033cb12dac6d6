{{- /*
Variables of a container. They go before those of the ConfigMap. Of the root; `own`: what the chart gives this part; `part`:
values of this part; `apiKey`: the Secret with the key, for the API alone.
*/ -}}
{{- define "millrace.env" -}}
env:
  {{- $s := .root.Values.secrets }}
  - name: REDIS_URL
    valueFrom:
      secretKeyRef: { name: {{ required "secrets.redis.name must name the Secret that holds REDIS_URL" $s.redis.name | quote }}, key: {{ $s.redis.key | quote }} }
  {{- if $s.s3.name }}
  - name: AWS_ACCESS_KEY_ID
    valueFrom:
      secretKeyRef: { name: {{ $s.s3.name | quote }}, key: {{ $s.s3.accessKeyId | quote }} }
  - name: AWS_SECRET_ACCESS_KEY
    valueFrom:
      secretKeyRef: { name: {{ $s.s3.name | quote }}, key: {{ $s.s3.secretAccessKey | quote }} }
  {{- end }}
  {{- if .apiKey }}
  - name: MILLRACE_API_KEY
    valueFrom:
      secretKeyRef: { name: {{ .apiKey | quote }}, key: {{ $s.apiKey.key | quote }} }
  {{- end }}
  {{- $own := .own }}
  {{- range $name, $value := .part.settings }}{{ $_ := set $own $name $value }}{{ end }}
  {{- range $name, $value := $own }}
  - name: {{ $name }}
    value: {{ include "millrace.text" $value }}
  {{- end }}
  {{- with .part.extraEnv }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
envFrom:
  - configMapRef: { name: {{ include "millrace.name" .root }} }
  {{- with .part.extraEnvFrom }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{- /* What is above the containers of a pod. Of the root, the part and its values. */ -}}
{{- define "millrace.pod" -}}
serviceAccountName: {{ include "millrace.serviceAccount" .root }}
automountServiceAccountToken: false
# Kubernetes would give each pod variables such as MILLRACE_PORT for the Services that it knows; a name that is no setting,
# or an address for a number, ends a process at its start.
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: { type: RuntimeDefault }
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . | quote }}
  {{- end }}
{{- end }}
{{- with .values.priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- with .values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- /* Labels and annotations of pods. They start anew when the settings change, and not for a new version of the chart. */ -}}
{{- define "millrace.podMetadata" -}}
labels:
  {{- include "millrace.selector" . | nindent 2 }}
  {{- with .values.labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
annotations:
  millrace/settings: {{ include "millrace.settings" .root | sha256sum | trunc 16 | quote }}
  {{- with .values.annotations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{- define "millrace.containerSecurity" -}}
securityContext:
  readOnlyRootFilesystem: true
  allowPrivilegeEscalation: false
  capabilities: { drop: [ALL] }
{{- end -}}

{{- /* All settings that API and workers share, as data of a ConfigMap. */ -}}
{{- define "millrace.settings" -}}
{{- $_ := required "settings.S3_BUCKET must be set: pods share no folder" .Values.settings.S3_BUCKET -}}
MILLRACE_PUBLIC_URL: {{ include "millrace.publicUrl" . | quote }}
{{- range $name, $value := .Values.settings }}
{{ $name }}: {{ include "millrace.text" $value }}
{{- end }}
{{- end -}}
