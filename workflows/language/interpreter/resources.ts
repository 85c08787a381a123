import { ActivityFailure, CancellationScope, isCancellation, proxyActivities } from '@temporalio/workflow';
import type { Endpoint } from '../../../contracts/definition-calls.js';
import type { FetchedResource, LanguageActivities, ResourceRequest } from '../../../contracts/language-activities.js';
import { httpCallOptions } from '../../lib/activity-options.js';
import { NULL } from '../../lib/values.js';
import { authenticationIn, policyOf } from './authentication.js';
import { callPartsOf } from './call-parts.js';
import { fault, Halt } from './fault.js';
import type { Interpretation } from './interpretation.js';
import type { TaskPlace } from './place.js';

const TIMEOUT_MS = 10_000;

/**
 * A document that the definition names by an address; `endpoint` says who asks. It is fetched once; the run keeps to what it then said, whatever the
 * address says later: the journal has it. Fails with a configuration error that names the address.
 */
export async function resourceOf(
  run: Interpretation,
  place: TaskPlace,
  what: ResourceRequest['what'],
  { uri, endpoint = uri }: { uri: string; endpoint?: Endpoint },
): Promise<FetchedResource> {
  const name = `${what} ${uri}`;
  const known = run.resources.get(name);
  if (known) return known;
  const fetched = fetchOf(run, place, endpoint, { kind: 'resource', what, uri });
  run.resources.set(name, fetched);
  // What failed may be tried again.
  fetched.catch(() => run.resources.delete(name));
  return fetched;
}

async function fetchOf(
  run: Interpretation,
  place: TaskPlace,
  endpoint: Endpoint,
  request: ResourceRequest,
): Promise<FetchedResource> {
  const { ctx, pointer, path } = place;
  const document = policyOf(run, place, authenticationIn(endpoint));
  const parts = await callPartsOf(run, place, { request: {}, authentication: undefined, document }, NULL);
  const scope = new CancellationScope();
  const forget = ctx.onStop(() => scope.cancel());
  const events = ctx.takeEvents();
  try {
    const remainingMs = ctx.start.deadlineAt - Date.now();
    const { fetchResource } = proxyActivities<LanguageActivities>(httpCallOptions(TIMEOUT_MS, remainingMs));
    const key = `resource/${request.what}/${request.uri}`;
    const call = { ...run.ref, key, path, resumed: true, events, request, parts, timeoutMs: TIMEOUT_MS };
    const fetched = await scope.run(() => fetchResource(call));
    if (!('error' in fetched)) return fetched;
    const detail = `${request.uri}: ${fetched.error.message}`;
    const isForbidden = ['secret.not_found', 'http.refused'].includes(fetched.error.code);
    throw fault(isForbidden ? 'authorization' : 'configuration', pointer, { detail });
  } catch (error) {
    if (!(error instanceof ActivityFailure) && !isCancellation(error)) throw error;
    ctx.putBackEvents(events);
    if (Date.now() >= ctx.start.deadlineAt) await ctx.wait(1); // It stops the run.
    if (ctx.stopped !== undefined) throw new Halt();
    throw fault('configuration', pointer, { detail: `${request.uri} could not be fetched` });
  } finally {
    forget();
  }
}
