/** A step of starting the container, as the command line tells of it. */
export interface SandboxStep {
  readonly name: string;
  readonly title: string;
  readonly state: 'waiting' | 'running' | 'done' | 'failed';
  /** What was found, or for a failed step what to do. */
  readonly detail?: string;
}

/** What the page of the container hears: all steps, each time one of them changed. */
export interface SandboxSteps {
  readonly steps: readonly SandboxStep[];
}
