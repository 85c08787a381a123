import { uuidv7 } from '../../database/uuid.js';
import { invalid, raw, type Wrong } from './wrong-request.js';

const none = uuidv7();
const path = '/v1/webhook-sources';
const source = (extra: object) => ({ name: 's', provider: 'github', ...extra });
const hmac = (extra: object) => source({ provider: 'hmac', hmac: { header: 'X-Signature', ...extra } });
const start = (extra: object) => source({ routes: [{ action: 'start', workflow: 'a/b', ...extra }] });
const missing = (what: string, method: Wrong['method'], at: string, code: string, body?: unknown): Wrong => ({
  what,
  method,
  path: at,
  status: 404,
  code,
  ...(body === undefined ? {} : { body }),
});
const NO_SOURCE = 'webhook_source.not_found';
const NO_EVENT = 'inbound_event.not_found';

/** Webhook sources, events and deliveries that the API refuses. */
export const WRONG_WEBHOOKS: Wrong[] = [
  { what: 'a source of nobody', path, ...invalid(source({ provider: 'gitlub' }), 'provider') },
  { what: 'a source with a misspelt field', path, ...invalid(source({ rutes: [] }), 'rutes', 'routes') },
  { what: 'a source whose secret is short', path, ...invalid(source({ secret: 'short' }), 'secret') },
  { what: 'a source that says nothing of its signatures', path, ...invalid(source({ provider: 'hmac' }), 'hmac') },
  {
    what: 'a source of GitHub that signs in its own way',
    path,
    ...invalid(source({ hmac: { header: 'X-Signature' } }), 'hmac'),
  },
  { what: 'a source that signs by SHA-1', path, ...invalid(hmac({ algorithm: 'sha1' }), 'hmac.algorithm') },
  { what: 'a source that signs no body', path, ...invalid(hmac({ template: 'x' }), 'hmac.template') },
  {
    what: 'a secret of Standard Webhooks that is none',
    path,
    ...invalid(source({ provider: 'standard', secret: 'whsec_short' }), 'secret'),
  },
  { what: 'a body limit of 26 MiB', path, ...invalid(source({ maxBytes: 27_262_976 }), 'maxBytes') },
  { what: 'a route to a workflow that has no name', path, ...invalid(start({ workflow: 'b' }), 'routes[0].workflow') },
  {
    what: 'a route to a workflow and a pattern',
    path,
    ...invalid(start({ pattern: 'agent', with: { capability: 'a' } }), 'routes[0].workflow'),
  },
  {
    what: 'a route with parameters that its pattern does not know',
    path,
    ...invalid(
      start({ workflow: undefined, pattern: 'agent', with: { capability: 'a', timout: 'PT1S' } }),
      'routes[0].with.timout',
    ),
  },
  {
    what: 'a route whose pattern holds no jq',
    path,
    body: start({
      workflow: undefined,
      pattern: 'sequential',
      with: { steps: [{ name: 's', capability: 'a', skipIf: '.a |' }] },
    }),
    status: 422,
    code: 'expression.invalid',
    at: 'routes[0].with.steps[0].skipIf',
  },
  {
    what: 'a route that does nothing known',
    path,
    ...invalid(source({ routes: [{ action: 'call' }] }), 'routes[0].action'),
  },
  {
    what: 'a signal to nobody',
    path,
    ...invalid(source({ routes: [{ action: 'signal', signal: 'x' }] }), 'routes[0].run'),
  },
  {
    what: 'a route whose filter is no jq',
    path,
    body: start({ when: '.a |' }),
    status: 422,
    code: 'expression.invalid',
    at: 'routes[0].when',
  },
  {
    what: 'a route with a variable that there is not',
    path,
    body: start({ input: '$body' }),
    status: 422,
    code: 'expression.invalid',
    at: 'routes[0].input',
  },
  { what: 'an answer that takes a minute', path, ...invalid(source({ sync: { waitMs: 60_000 } }), 'sync.waitMs') },
  {
    what: 'an answer that is no jq',
    path,
    body: source({ sync: { respond: '$headers' } }),
    status: 422,
    code: 'expression.invalid',
    at: 'sync.respond',
  },
  missing('an unknown source', 'get', `${path}/${none}`, NO_SOURCE),
  missing('a source that is no id', 'get', `${path}/github`, NO_SOURCE),
  missing('a change of an unknown source', 'patch', `${path}/${none}`, NO_SOURCE, { state: 'disabled' }),
  {
    what: 'a change of the provider',
    method: 'patch',
    path: `${path}/${none}`,
    ...invalid({ provider: 'slack' }, 'provider'),
  },
  missing('the end of an unknown source', 'delete', `${path}/${none}`, NO_SOURCE),
  missing('a new secret for an unknown source', 'post', `${path}/${none}/secret/rotate`, NO_SOURCE, {}),
  missing('a test of an unknown source', 'post', `${path}/${none}/test`, NO_SOURCE, { body: {} }),
  {
    what: 'a test with a header that is none',
    path: `${path}/${none}/test`,
    ...invalid({ body: {}, headers: { 'a b': 'c' } }, 'headers["a b"]'),
  },
  { what: 'a source in half a JSON', path, ...raw('{"name":', /ends too early/) },
  missing('an unknown inbound event', 'get', `/v1/inbound-events/${none}`, NO_EVENT),
  missing('a replay of an unknown event', 'post', `/v1/inbound-events/${none}/replay`, NO_EVENT),
  missing('a redelivery of an unknown event', 'post', `/v1/inbound-events/${none}/allow-redelivery`, NO_EVENT),
  {
    what: 'a replay of what was done',
    path: '/v1/inbound-events/replay',
    ...invalid({ status: 'dispatched' }, 'status'),
  },
  {
    what: 'events of a status that does not exist',
    method: 'get',
    path: '/v1/inbound-events?status=done',
    status: 422,
    code: 'request.invalid',
    at: 'status',
  },
  missing('a delivery to nobody', 'post', `/in/${'a'.repeat(24)}`, NO_SOURCE, {}),
  missing('a delivery to no path of ours', 'post', '/in/x', NO_SOURCE, '<xml/>'),
];
