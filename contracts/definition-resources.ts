import type { FetchedResource, ResourceRequest } from './language-activities.js';
import type { RunRef } from './values.js';

type Wanted = RunRef & Pick<ResourceRequest, 'what' | 'uri'>;

/** Documents of outside that published versions go by, as one of their runs has first read them. */
export interface DefinitionResources {
  /** Undefined when no run of the version has read it, and of a run that follows no published version. */
  find(wanted: Wanted): Promise<FetchedResource | undefined>;
  /** What the run goes by: this, unless another run of the version was first. */
  keep(read: Wanted & FetchedResource): Promise<FetchedResource>;
}
