/** Canceling all jobs of a tenant that match, as one thing with an id. Called by the API's routes; the pages are upkeep. */
import type { Cancellation, CancellationRequest } from '@millrace/contracts'

export interface Cancellations {
  /**
   * From now on the open jobs that match and are here are canceled, page by page, by whoever does upkeep: see `UpkeepStore.cancelPage`.
   * `more`: the models in which there may be something to do, for a caller that does not want to wait for upkeep.
   */
  begin(
    tenant: string,
    filter: CancellationRequest,
    /** Of these models alone. Default: of all. */
    only?: ReadonlySet<string>,
  ): Promise<{ id: string; models: string[] }>
  /** How far it is; undefined when there is none, when it is another tenant's, or a week after its begin. */
  get(id: string, tenant: string): Promise<Cancellation | undefined>
  /** Does a page of what is to be canceled of a model. Answers whether there is more. */
  page(model: string): Promise<boolean>
}
