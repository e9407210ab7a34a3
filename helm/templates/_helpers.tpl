{{/* The name that all objects begin with. */}}
{{- define "onevisit.name" -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/* Labels of every object. */}}
{{- define "onevisit.labels" -}}
app.kubernetes.io/name: onevisit
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{/* Labels by which pods are found: (list $ "server"). */}}
{{- define "onevisit.selector" -}}
app.kubernetes.io/name: onevisit
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{- define "onevisit.image" -}}
{{- $image := .Values.image -}}
{{- if $image.digest -}}
{{ $image.repository }}@{{ $image.digest }}
{{- else -}}
{{ $image.repository }}:{{ $image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{/* What is the same in the specification of every pod. */}}
{{- define "onevisit.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{ toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* What is the same in every container. */}}
{{- define "onevisit.container" -}}
image: {{ include "onevisit.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
resources:
  {{- range $kind := list "requests" "limits" }}
  {{ $kind }}:
    cpu: {{ $.Values.resources.cpu | quote }}
    memory: {{ $.Values.resources.memory }}
    ephemeral-storage: {{ $.Values.resources.ephemeralStorage }}
  {{- end }}
{{- end -}}

{{/* Where the database is, as the commands take it. */}}
{{- define "onevisit.database" -}}
- name: ONEVISIT_DATABASE
{{- if eq .Values.database.engine "postgres" }}
  valueFrom:
    secretKeyRef:
      name: {{ required "database.postgres.existingSecret: the secret with the URL is needed" .Values.database.postgres.existingSecret }}
      key: {{ .Values.database.postgres.secretKey }}
{{- else }}
  value: sqlite:/var/lib/onevisit/data/onevisit.db
{{- end }}
{{- end -}}

{{/* A claim for a volume: (dict "name" "size" "storageClass"). */}}
{{- define "onevisit.claim" -}}
- metadata:
    name: {{ .name }}
  spec:
    accessModes: [ReadWriteOnce]
    {{- with .storageClass }}
    storageClassName: {{ . }}
    {{- end }}
    resources:
      requests:
        storage: {{ .size }}
{{- end -}}

{{/* Rules that the schema cannot say. */}}
{{- define "onevisit.check" -}}
{{- $sqlite := eq .Values.database.engine "sqlite" -}}
{{- if and $sqlite (or (gt (int .Values.replicas) 1) .Values.autoscaling.enabled) -}}
{{- fail "SQLite takes one replica: set database.engine to postgres for more" -}}
{{- end -}}
{{- if and (not $sqlite) (not .Values.keys.existingSecret) -}}
{{- fail "keys.existingSecret: replicas on PostgreSQL need the same keys, so they are given" -}}
{{- end -}}
{{- if and .Values.backup.enabled (not .Values.backup.existingClaim) -}}
{{- fail "backup.existingClaim: a volume claim for the files is needed" -}}
{{- end -}}
{{- if and .Values.witness.enabled (not .Values.witness.logKeys) -}}
{{- fail "witness.logKeys: the keys of the log to follow are needed" -}}
{{- end -}}
{{- if and .Values.witness.only (not .Values.witness.enabled) -}}
{{- fail "witness.only without witness.enabled leaves nothing" -}}
{{- end -}}
{{- end -}}
