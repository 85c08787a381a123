import { uuidv7 } from '../../database/uuid.js';
import { invalid, missing, type Wrong } from './wrong-request.js';

const none = uuidv7();
const path = '/v1/webhook-endpoints';
const deliveries = '/v1/webhook-deliveries';
const endpoint = (extra: object) => ({ name: 'e', urls: ['https://93.184.216.34/hooks'], types: ['*'], ...extra });
const NO_ENDPOINT = 'webhook_endpoint.not_found';
const NO_DELIVERY = 'webhook_delivery.not_found';
const to = (what: string, url: string): Wrong => ({
  what: `an endpoint at ${what}`,
  path,
  ...invalid(endpoint({ urls: [url] }), 'urls[0]'),
});

/** Forms of addresses that lead inside; the hosts of every spelling. */
const HOSTILE: [what: string, host: string][] = [
  ['loopback', '127.0.0.1'],
  ['another loopback', '127.8.9.10'],
  ['loopback in short', '127.1'],
  ['loopback in decimal', '2130706433'],
  ['loopback in hex', '0x7f000001'],
  ['loopback in hex parts', '0x7f.0.0.1'],
  ['loopback in octal', '0177.0.0.1'],
  ['loopback of IPv6', '[::1]'],
  ['loopback mapped', '[::ffff:127.0.0.1]'],
  ['loopback by name', 'localhost'],
  ['no address', '0.0.0.0'],
  ['no address of IPv6', '[::]'],
  ['a private network', '10.0.0.1'],
  ['a second private network', '172.16.0.1'],
  ['a third private network', '192.168.0.1'],
  ['a private network mapped', '[::ffff:10.0.0.1]'],
  ['link-local', '169.254.0.1'],
  ['metadata', '169.254.169.254'],
  ['metadata in decimal', '2852039166'],
  ['link-local of IPv6', '[fe80::1]'],
  ['unique local', '[fd00::1]'],
  ['shared addresses', '100.64.0.1'],
  ['benchmarks', '198.18.0.1'],
  ['multicast', '224.0.0.1'],
  ['multicast of IPv6', '[ff02::1]'],
  ['broadcast', '255.255.255.255'],
  ['NAT64', '[64:ff9b::7f00:1]'],
  ['6to4', '[2002:7f00:1::]'],
];

/** Webhook endpoints and their deliveries that the API refuses. */
export const WRONG_OUTBOUND: Wrong[] = [
  ...HOSTILE.map(([what, host]) => to(what, `https://${host}/hooks`)),
  to('http', 'http://93.184.216.34/hooks'),
  to('a port of something else', 'https://93.184.216.34:6379/hooks'),
  to('a URL with a password', 'https://me:secret@93.184.216.34/hooks'),
  to('a file', 'file:///etc/passwd'),
  to('no URL', 'somewhere'),
  { what: 'an endpoint at nothing', path, ...invalid(endpoint({ urls: [] }), 'urls') },
  { what: 'an endpoint with a misspelt field', path, ...invalid(endpoint({ tranform: '.' }), 'tranform', 'transform') },
  { what: 'an endpoint for types that are none', path, ...invalid(endpoint({ types: ['order.*.paid'] }), 'types[0]') },
  {
    what: 'an endpoint that forges a signature',
    path,
    ...invalid(endpoint({ headers: { 'webhook-id': 'x' } }), 'headers.webhook-id'),
  },
  {
    what: 'an endpoint with a header in two lines',
    path,
    ...invalid(endpoint({ headers: { 'X-A': 'a\r\nb' } }), 'headers.X-A'),
  },
  { what: 'an endpoint that waits for an hour', path, ...invalid(endpoint({ timeoutMs: 3_600_000 }), 'timeoutMs') },
  {
    what: 'an endpoint whose filter is no jq',
    path,
    body: endpoint({ filter: '.a |' }),
    status: 422,
    code: 'expression.invalid',
    at: 'filter',
  },
  {
    what: 'a change to an address inside',
    method: 'patch',
    path: `${path}/${none}`,
    ...invalid({ urls: ['https://10.0.0.1'] }, 'urls[0]'),
  },
  missing('an unknown endpoint', `${path}/${none}`, NO_ENDPOINT),
  missing('an endpoint that is no id', `${path}/shop`, NO_ENDPOINT),
  missing('a change of an unknown endpoint', `${path}/${none}`, NO_ENDPOINT, 'patch', { state: 'disabled' }),
  missing('the end of an unknown endpoint', `${path}/${none}`, NO_ENDPOINT, 'delete'),
  missing('a new key for an unknown endpoint', `${path}/${none}/secret/rotate`, NO_ENDPOINT, 'post', {}),
  missing('a sample for an unknown endpoint', `${path}/${none}/test`, NO_ENDPOINT, 'post'),
  {
    what: 'a recovery of last year',
    path: `${path}/${none}/recover`,
    ...invalid({ since: '2020-01-01T00:00:00Z' }, 'since'),
  },
  missing('an unknown delivery', `${deliveries}/${none}`, NO_DELIVERY),
  missing('attempts of an unknown delivery', `${deliveries}/${none}/attempts`, NO_DELIVERY),
  missing('a replay of an unknown delivery', `${deliveries}/${none}/replay`, NO_DELIVERY, 'post'),
  missing('a retry of an unknown delivery', `${deliveries}/${none}/retry`, NO_DELIVERY, 'post'),
  {
    what: 'a replay of what is pending',
    path: `${deliveries}/replay`,
    ...invalid({ filter: { status: 'pending' } }, 'filter.status'),
  },
];
