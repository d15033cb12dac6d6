/** When the process of a model is replaced, from its millrace.yaml. Called where its runners are made. */
import type { WearLimits } from './wear.ts'
import type { ModelSettings } from '../../settings/model-settings.ts'

const UNITS = { MiB: 1024 ** 2, GiB: 1024 ** 3 }

export const wearLimitsOf = ({ max_jobs, max_memory_growth, isolated }: ModelSettings): WearLimits => ({
  maxJobs: max_jobs,
  maxMemoryGrowth: max_memory_growth === undefined ? undefined : bytesOf(max_memory_growth),
  isolated,
})

/** Of a size such as `2GiB`, as the schema of the settings takes it. */
const bytesOf = (size: string): number => Number.parseFloat(size) * UNITS[size.slice(-3) as keyof typeof UNITS]
