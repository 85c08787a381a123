import { uuidv7 } from '../../database/uuid.js';
import { TEST_CLIENT, TEST_STRANGER } from '../support/certificates.js';
import { invalid, missing, raw, type Wrong } from './wrong-request.js';

const none = uuidv7();
const path = '/v1/connections';
const at = `${path}/${none}`;
const connection = (extra: object) => ({
  name: 'c',
  provider: 'http',
  baseUrls: ['https://api.example.com'],
  auth: { kind: 'none' },
  ...extra,
});
const unknown = (what: string, method: Wrong['method'], to: string, body?: object): Wrong => ({
  what,
  method,
  path: to,
  status: 404,
  code: 'connection.not_found',
  ...(body && { body }),
});

/** Connections that the API refuses. */
export const WRONG_CONNECTIONS: Wrong[] = [
  { what: 'a connection to nobody', path, ...invalid(connection({ provider: 'fax' }), 'provider') },
  { what: 'a connection with a misspelt field', path, ...invalid(connection({ flavor: 'x' }), 'flavor', 'flavour') },
  { what: 'a connection without a place', path, ...invalid(connection({ baseUrls: [] }), 'baseUrls') },
  { what: 'a connection to a file', path, ...invalid(connection({ baseUrls: ['file:///etc'] }), 'baseUrls[0]') },
  {
    what: 'a connection with a password in its address',
    path,
    ...invalid(connection({ baseUrls: ['https://a:b@api.example.com'] }), 'baseUrls[0]'),
  },
  {
    what: 'a connection over another scheme',
    path,
    ...invalid(connection({ baseUrls: ['smtp://mail.example.com'] }), 'baseUrls[0]'),
  },
  { what: 'a connection of a flavour', path, ...invalid(connection({ flavour: 'cloud' }), 'flavour') },
  { what: 'a setting that there is not', path, ...invalid(connection({ settings: { a: 1 } }), 'settings.a') },
  { what: 'a credential of no kind', path, ...invalid(connection({ auth: { kind: 'magic' } }), 'auth.kind') },
  {
    what: 'a credential that its provider does not take',
    path,
    ...invalid(connection({ auth: { kind: 'signing', secret: `whsec_${'A'.repeat(32)}` } }), 'auth.kind'),
  },
  { what: 'a credential without its secret', path, ...invalid(connection({ auth: { kind: 'bearer' } }), 'auth.token') },
  {
    what: 'a limit of nothing',
    path,
    ...invalid(connection({ rateLimit: { points: 0, durationMs: 1_000 } }), 'rateLimit.points'),
  },
  {
    what: 'a credential that is over',
    path,
    ...invalid(connection({ expiresAt: '2020-01-01T00:00:00Z' }), 'expiresAt'),
  },
  { what: 'a limit of no calls', path, ...invalid(connection({ maxInFlight: 0 }), 'maxInFlight') },
  {
    what: 'a fallback that is not there',
    path,
    ...invalid(connection({ fallback: { connection: 'nobody' } }), 'fallback.connection'),
  },
  {
    what: 'a connection that stands in for itself',
    path,
    ...invalid(connection({ fallback: { connection: 'c' } }), 'fallback.connection'),
  },
  {
    what: 'a fallback to a workflow that is not there',
    path,
    ...invalid(connection({ fallback: { workflow: 'shop/nothing' } }), 'fallback.workflow'),
  },
  { what: 'a fallback of no kind', path, ...invalid(connection({ fallback: { agent: 'x' } }), 'fallback.agent') },
  { what: 'a connection in half a JSON', path, ...raw('{"name":', /ends too early/) },
  missing('an unknown connection', at, 'connection.not_found'),
  missing('a connection that is no id', `${path}/shop`, 'connection.not_found'),
  unknown('a change of an unknown connection', 'patch', at, { name: 'x' }),
  { what: 'a change of the provider', method: 'patch', path: at, ...invalid({ provider: 'webhook' }, 'provider') },
  unknown('a credential for an unknown connection', 'put', `${at}/credential`, { auth: { kind: 'none' } }),
  unknown('a rotation of an unknown connection', 'post', `${at}/rotate`, { auth: { kind: 'none' } }),
  unknown('the end of an unknown credential', 'delete', `${at}/credential`),
  unknown('a test of an unknown connection', 'post', `${at}/test`),
  unknown('an agreement about an unknown connection', 'post', `${at}/authorize`),
  {
    what: 'an agreement without a state',
    method: 'get',
    path: '/v1/oauth/callback?code=c',
    status: 422,
    code: 'request.invalid',
  },
  unknown('the end of an unknown connection', 'delete', at),
  {
    what: 'a breaker that there is not',
    path: '/v1/breakers/reset',
    body: { target: 'connector:none' },
    status: 404,
    code: 'breaker.not_found',
  },
  { what: 'a breaker of nothing', path: '/v1/breakers/reset', ...invalid({}, 'target') },
  {
    what: 'an e-mail system without a sender',
    path,
    ...invalid(
      { name: 'm', provider: 'email', baseUrls: ['smtps://mail.example.com'], auth: { kind: 'none' } },
      'settings.from',
    ),
  },
  {
    what: 'a client of OAuth without its secret',
    path,
    ...invalid(
      connection({
        auth: {
          kind: 'oauth2',
          grant: 'client_credentials',
          tokenUrl: 'https://a.example.com/token',
          clientId: 'c',
        },
      }),
      'auth.clientSecret',
    ),
  },
  {
    what: 'an agreement that nobody is asked for',
    path,
    ...invalid(
      connection({
        auth: { kind: 'oauth2', grant: 'authorization_code', tokenUrl: 'https://a.example.com/token', clientId: 'c' },
      }),
      'auth.authorizationUrl',
    ),
  },
  {
    what: 'a certificate with the key of another',
    path,
    ...invalid(
      connection({ auth: { kind: 'mtls', certificate: TEST_CLIENT.certificate, key: TEST_STRANGER.key } }),
      'auth.key',
    ),
  },
  {
    what: 'a certificate that is none',
    path,
    ...invalid(
      connection({ auth: { kind: 'mtls', certificate: '-----BEGIN CERTIFICATE-----', key: TEST_CLIENT.key } }),
      'auth.certificate',
    ),
  },
  {
    what: 'an app whose key signs nothing that GitHub knows',
    path,
    ...invalid(
      {
        name: 'g',
        provider: 'github',
        auth: { kind: 'githubApp', appId: '1', installationId: '2', privateKey: TEST_CLIENT.key },
      },
      'auth.privateKey',
    ),
  },
];
