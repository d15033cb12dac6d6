/** Who asks for something. Made by authenticate.ts for requests; whoever submits without HTTP names one too. */
export interface Principal {
  /** Whose jobs and files these are. */
  tenant: string
}
