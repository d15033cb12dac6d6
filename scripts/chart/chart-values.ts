/**
 * The values of the chart in deploy/helm, with their meaning and defaults: the one place where they are declared.
 * render-chart.ts makes values.yaml, values.schema.json and the tables of docs/kubernetes.md from it. Patterns are read by
 * Go, which knows no lookahead.
 */
import { modelNameSchema, SCALE_ASK } from '@millrace/contracts'
import { z } from 'zod'
import { openSettings } from './setting-places.ts'

const label = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/)
const count = (max: number) => z.int().min(0).max(max)
const seconds = count(604_800)
/** A part of a Kubernetes object that the chart passes on as it is. */
const passed = () => z.looseObject({}).default({})
const passedList = () => z.array(z.looseObject({})).default([])
const texts = () => z.array(z.string().min(1)).default([])
const quantity = z.string().regex(/^[0-9]+(\.[0-9]+)?(Ki|Mi|Gi|Ti|k|M|G|T)?$/)

const settingValue = z.union([z.string(), z.int(), z.boolean()])
const settingsMap = () =>
  z
    .strictObject(
      Object.fromEntries(
        openSettings().map(({ env, description }) => [env, settingValue.optional().describe(description)]),
      ),
    )
    .default({})

const secretKey = (key: string, name: string, what: string) =>
  z
    .strictObject({
      name: z.string().default('').describe(name),
      key: z.string().min(1).default(key).describe(what),
    })
    .prefault({})

/** What the API and each pool take alike. */
const podValues = {
  settings: settingsMap().describe('Settings for these alone; they go before `settings` above.'),
  extraEnv: passedList().describe('More variables, as a container lists them (`name` with `value` or `valueFrom`).'),
  extraEnvFrom: passedList().describe(
    'ConfigMaps and Secrets whose keys become variables (`configMapRef`, `secretRef`).',
  ),
  drainSeconds: seconds
    .default(30)
    .describe('How long work in hand may go on at a stop. The grace period of the pod is made from it.'),
  annotations: passed().describe('Annotations of the pods.'),
  labels: passed().describe('More labels of the pods.'),
  nodeSelector: passed().describe('Labels that a node must have.'),
  tolerations: passedList().describe('Taints of nodes that are put up with.'),
  affinity: passed().describe('Which nodes and neighbours are sought or shunned.'),
  topologySpreadConstraints: passedList().describe('How pods are spread; the API is spread over nodes by itself.'),
  priorityClassName: z.string().default('').describe('Priority of the pods.'),
}

const scale = z
  .strictObject({
    enabled: z.boolean().default(false).describe('Whether KEDA scales the pool; else it has `replicas`.'),
    min: count(SCALE_ASK.mostWorkers).default(0).describe('Fewest workers; 0 ends all when there is nothing to do.'),
    max: z.int().min(1).max(SCALE_ASK.mostWorkers).default(10).describe('Most workers.'),
    targetWaitSeconds: z
      .int()
      .min(1)
      .max(SCALE_ASK.mostSeconds)
      .default(SCALE_ASK.targetWaitSeconds)
      .describe('Within so long what waits is to have begun. Prometheus reads the number with 30.'),
    coldStartSeconds: count(SCALE_ASK.mostSeconds)
      .default(0)
      .describe(
        'Time until a new worker takes jobs, with that for a machine and the image; 0: as long as the last one loaded its model.',
      ),
    version: z.string().max(64).default('').describe('Version of the models, for a pool for each version; empty: all.'),
    trigger: z
      .enum(['metrics-api', 'prometheus'])
      .default('metrics-api')
      .describe('Whom KEDA asks: the API, or a Prometheus that reads it.'),
    pollingInterval: z.int().min(1).max(3600).default(15).describe('How often it asks, in seconds.'),
    cooldownPeriod: seconds.default(300).describe('From the last work to no worker at all, in seconds.'),
    fallbackReplicas: count(1000).default(1).describe('Workers there are at least while the question is not answered.'),
  })
  .prefault({})
  .describe('How many workers the pool has.')

const poolValues = {
  models: z
    .array(modelNameSchema)
    .default([])
    .describe('Names of the models that the image has. KEDA asks how many workers each needs, and takes the most.'),
  modelFolders: texts().describe('Their folders in the image; empty: those that the image names itself.'),
  slots: z.string().default('').describe('Where models run, such as `cpu*4`; empty: each GPU, or `cpu`.'),
  gpus: count(64).default(0).describe('GPUs of each worker.'),
  gpuResource: z.string().default('nvidia.com/gpu').describe('What the device plug-in calls them.'),
  runtimeClassName: z.string().default('').describe('Runtime of the pods, such as `nvidia`.'),
  resources: passed().describe(
    'Requests and limits of the container; GPUs come from `gpus`. Memory must hold `sharedMemory` too.',
  ),
  sharedMemory: quantity.default('1Gi').describe('Size of /dev/shm, through which files go to and from models.'),
  disk: quantity.default('10Gi').describe('Most that a worker may have on disk below /data.'),
  cacheClaim: z
    .string()
    .default('')
    .describe('PersistentVolumeClaim that keeps downloads of models (/data/.cache); empty: each worker has its own.'),
  replicas: count(1000).default(1).describe('How many workers, when KEDA does not scale them.'),
  scale,
  internet: z
    .boolean()
    .default(true)
    .describe(
      'With network policies: whether the workers reach the internet, for files by address, webhooks and downloads. Without it they send no webhooks.',
    ),
  rollout: passed().describe(
    '`maxSurge` and `maxUnavailable` of an update; default: a new worker first, with GPUs an old one goes first.',
  ),
  ...podValues,
}

const pool = z.strictObject({
  name: label(30).describe('Name of the pool.'),
  image: z.string().min(1).describe('Image of the workers.'),
  ...Object.fromEntries(Object.entries(poolValues).map(([key, value]) => [key, value.optional()])),
})

const api = z
  .strictObject({
    image: z.string().default('').describe('Image of the API (target `server` of the Dockerfile). Must be set.'),
    replicas: z.int().min(1).max(1000).default(2).describe('How many processes, each in a pod.'),
    resources: passed().describe('Requests and limits of the container.'),
    readinessPath: z
      .enum(['/readyz', '/livez'])
      .default('/readyz')
      .describe(
        'What takes a pod out of the Service. With a cluster of Redis choose /livez: while one shard is away, the models of the others are served.',
      ),
    preStopSeconds: count(300)
      .default(5)
      .describe('How long a pod that ends waits until nobody sends it requests any more.'),
    serviceAnnotations: passed().describe('Annotations of the Service.'),
    ...podValues,
  })
  .prefault({})
  .describe('The API.')

const ingress = z
  .strictObject({
    enabled: z.boolean().default(false).describe('Whether there is an Ingress.'),
    className: z.string().default('').describe('Its class.'),
    controller: z
      .enum(['none', 'nginx', 'haproxy', 'alb'])
      .default('none')
      .describe('Whose annotations are set for long polls, event streams and uploads; none: yours alone.'),
    annotations: passed().describe('More annotations; they go before those of `controller`.'),
    hosts: texts().describe('Host names that lead to the API.'),
    tlsSecret: z.string().default('').describe('Secret with the certificate of these hosts; empty: no TLS here.'),
  })
  .prefault({})
  .describe('The way in from outside.')

const networkPolicy = z
  .strictObject({
    enabled: z.boolean().default(false).describe('Whether traffic is closed but for what is needed.'),
    apiFrom: passedList().describe(
      'Who may reach the API (`from` of a NetworkPolicy): the ingress, KEDA, Prometheus; empty: all.',
    ),
    metricsFrom: passedList().describe(
      'Who may reach the metrics of workers; empty: nobody. Probes of the node are always let in.',
    ),
    stores: passedList().describe(
      'Redis, S3, and whoever gives credentials for it, as rules of `egress` with `to` and `ports`. Must be set.',
    ),
    closedRanges: texts()
      .default(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '169.254.0.0/16'])
      .describe('Networks that are not the internet.'),
  })
  .prefault({})
  .describe('Network policies.')

const monitoring = z
  .strictObject({
    enabled: z
      .boolean()
      .default(false)
      .describe(
        'Whether there is a ServiceMonitor for the API and a PodMonitor for workers. It needs the Prometheus operator and `secrets.metricsKey`.',
      ),
    interval: z.string().default('15s').describe('How often they are read.'),
    labels: passed().describe('Labels by which your Prometheus finds them.'),
  })
  .prefault({})
  .describe('Prometheus operator.')

/** All values. What is empty by default and must be set is asked for by the templates, in words. */
export const chartValues = z.strictObject({
  nameOverride: z.string().max(40).default('').describe('Name of all objects; default: that of the release.'),
  publicUrl: z
    .string()
    .default('')
    .describe('How clients reach the API. Default: the first host of `ingress`, else the Service.'),
  settings: settingsMap().describe(
    'Settings of Millrace, by their names, for API and workers alike. `S3_BUCKET` must be set.',
  ),
  secrets: z
    .strictObject({
      redis: secretKey('url', 'Secret that holds REDIS_URL. Must be set.', 'Its key.'),
      apiKey: secretKey('api-key', 'Secret that holds MILLRACE_API_KEY. Must be set.', 'Its key.'),
      metricsKey: secretKey('token', 'Secret with a key of the scope `metrics`, for KEDA and Prometheus.', 'Its key.'),
      s3: z
        .strictObject({
          name: z.string().default('').describe('Secret with credentials of S3; empty: those of the service account.'),
          accessKeyId: z.string().min(1).default('access-key-id').describe('Its key for AWS_ACCESS_KEY_ID.'),
          secretAccessKey: z
            .string()
            .min(1)
            .default('secret-access-key')
            .describe('Its key for AWS_SECRET_ACCESS_KEY.'),
        })
        .prefault({}),
    })
    .prefault({})
    .describe('Secrets that you have made; the chart holds none.'),
  imagePullPolicy: z
    .enum(['Always', 'IfNotPresent', 'Never'])
    .default('IfNotPresent')
    .describe('When nodes fetch images.'),
  imagePullSecrets: texts().describe('Secrets with which they do.'),
  serviceAccount: z
    .strictObject({
      create: z.boolean().default(true).describe('Whether to make one.'),
      name: z.string().default('').describe('Its name; default: that of the release.'),
      annotations: passed().describe('Its annotations, such as the role for S3.'),
    })
    .prefault({})
    .describe('Who the pods are. None of them asks Kubernetes anything.'),
  api,
  workers: z.array(pool).default([]).describe('Pools of workers.'),
  workerDefaults: z
    .strictObject(poolValues)
    .prefault({})
    .describe('What pools have that say nothing else. What a pool gives replaces it as a whole, but for `scale`.'),
  prometheusAddress: z
    .string()
    .default('')
    .describe('Address of Prometheus, for pools with `scale.trigger: prometheus`.'),
  ingress,
  networkPolicy,
  monitoring,
  podDisruptionBudget: z
    .strictObject({
      maxUnavailable: z
        .union([z.int().min(1), z.string()])
        .default(1)
        .describe('Of the API, and of each pool, that a drain of nodes may take at a time.'),
    })
    .prefault({})
    .describe('What an upgrade of the cluster may take away at once.'),
  global: z.looseObject({}).optional().describe('Of charts that this one is a part of; not read.'),
})
