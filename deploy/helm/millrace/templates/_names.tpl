{{- /* Name of all objects: that of the release, with "millrace" in it. */ -}}
{{- define "millrace.name" -}}
{{- if .Values.nameOverride -}}
{{ .Values.nameOverride }}
{{- else if contains "millrace" .Release.Name -}}
{{ .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else -}}
{{ printf "%s-millrace" .Release.Name | trunc 40 | trimSuffix "-" }}
{{- end -}}
{{- end -}}

{{- /* What selects pods. Of the root and the name of a part: api, or a pool. It may never change. */ -}}
{{- define "millrace.selector" -}}
app.kubernetes.io/name: millrace
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end -}}

{{- define "millrace.labels" -}}
{{ include "millrace.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end -}}

{{- define "millrace.serviceAccount" -}}
{{- if .Values.serviceAccount.name -}}
{{ .Values.serviceAccount.name }}
{{- else if .Values.serviceAccount.create -}}
{{ include "millrace.name" . }}
{{- else -}}
default
{{- end -}}
{{- end -}}

{{- /* How clients reach the API. */ -}}
{{- define "millrace.publicUrl" -}}
{{- if .Values.publicUrl -}}
{{ .Values.publicUrl }}
{{- else if and .Values.ingress.enabled .Values.ingress.hosts -}}
{{ ternary "https" "http" (ne .Values.ingress.tlsSecret "") }}://{{ first .Values.ingress.hosts }}
{{- else -}}
{{ include "millrace.address" . }}
{{- end -}}
{{- end -}}

{{- /* How the cluster reaches the API, from any namespace. */ -}}
{{- define "millrace.address" -}}
http://{{ include "millrace.name" . }}-api.{{ .Release.Namespace }}.svc:7070
{{- end -}}

{{- /* A value of a setting as text: YAML has made a float of a large whole number. */ -}}
{{- define "millrace.text" -}}
{{- if kindIs "float64" . }}{{ printf "%.0f" . | quote }}{{ else }}{{ . | toString | quote }}{{ end -}}
{{- end -}}

{{- /* A pool with what workerDefaults say for it, as JSON. Of the root and the pool. */ -}}
{{- define "millrace.pool" -}}
{{- $pool := deepCopy .root.Values.workerDefaults -}}
{{- range $key, $value := .pool -}}
{{- if eq $key "scale" -}}
{{- range $inner, $given := $value -}}{{- $_ := set $pool.scale $inner $given -}}{{- end -}}
{{- else -}}
{{- $_ := set $pool $key $value -}}
{{- end -}}
{{- end -}}
{{- $pool | toJson -}}
{{- end -}}
