import { invalid, type Wrong } from './wrong-request.js';

const path = '/v1/events';
const cloudEvent = (extra: object) => ({ specversion: '1.0', id: '1', source: '/s', type: 't', ...extra });

/** Events that the API refuses. */
export const WRONG_EVENTS: Wrong[] = [
  { what: 'an event without a type', path, ...invalid({ data: 1 }, 'type') },
  { what: 'an event of a type with a space', path, ...invalid({ type: 'a b' }, 'type') },
  {
    what: 'a lifecycle event that somebody makes up',
    path,
    ...invalid({ type: 'io.serverlessworkflow.workflow.completed.v1' }, 'type'),
    says: /Brikk sends those/,
  },
  {
    what: 'the state of a task of A2A that somebody makes up',
    path,
    ...invalid({ type: 'a2a.task.0199' }, 'type'),
    says: /Brikk sends those/,
  },
  { what: 'an event at no time', path, ...invalid({ type: 't', timestamp: 'now' }, 'timestamp') },
  { what: 'an event with a misspelt field', path, ...invalid({ type: 't', dat: 1 }, 'dat', 'data') },
  { what: 'an event of an empty ordering key', path, ...invalid({ type: 't', orderingKey: '' }, 'orderingKey') },
  {
    what: 'an event of more than 256 KiB',
    path,
    ...invalid({ type: 't', data: { a: 'x'.repeat(140_000), b: 'y'.repeat(140_000) } }, 'data'),
  },
  { what: 'a CloudEvent of another version', path, ...invalid(cloudEvent({ specversion: '2.0' }), 'specversion') },
  { what: 'a CloudEvent without a source', path, ...invalid(cloudEvent({ source: undefined }), 'source') },
  {
    what: 'a CloudEvent with an attribute that cannot be one',
    path,
    ...invalid(cloudEvent({ 'My-Attr': 1 }), 'attributes'),
  },
  {
    what: 'a CloudEvent in headers without an id',
    path,
    headers: { 'ce-specversion': '1.0', 'ce-source': '/s', 'ce-type': 't' },
    ...invalid({ n: 1 }, 'id'),
  },
  { what: 'a batch that is no list', path: `${path}/batch`, ...invalid({ type: 't' }, 'body') },
  { what: 'an empty batch', path: `${path}/batch`, ...invalid([], 'body') },
  {
    what: 'a batch of 101 events',
    path: `${path}/batch`,
    ...invalid(
      Array.from({ length: 101 }, () => ({ type: 't' })),
      'body',
    ),
  },
  { what: 'a batch with a wrong event', path: `${path}/batch`, ...invalid([{ type: 't' }, { type: '' }], '[1].type') },
  {
    what: 'an event in XML',
    path,
    headers: { 'content-type': 'application/xml' },
    body: '<event/>',
    status: 415,
    code: 'body.unsupported_type',
  },
];
