import type { AcceptedRun } from '../../../contracts/runs.js';

export const linksOf = (id: string): AcceptedRun['links'] => ({
  self: `/v1/runs/${id}`,
  events: `/v1/runs/${id}/events`,
});
