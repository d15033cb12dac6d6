/** The name of a worker as far as it tells workers apart at a glance; links and titles have all of it. Used where several stand together. */
export const shortWorker = (worker: string): string => (/^w_[0-9a-f-]{36}$/.test(worker) ? worker.slice(0, 10) : worker)
