import type { Json } from '../contracts/json.js';
import type { AsyncApiRequest } from '../contracts/language-activities.js';
import { pointerIn, stepsOf, valueAt } from '../workflows/language/json-pointer.js';
import { fieldsOf, textOf } from './call-parts.js';
import { UnusableDocument } from './outside-call.js';

/** Protocols of servers that messages are exchanged over. */
const SPOKEN = ['http', 'https', 'in-process'];

/** What an AsyncAPI document says of how messages go over a channel. */
export interface Channel {
  /** `uri` of a server, or the event type on the installation's own bus. */
  over: { uri: string; method?: string } | { type: string };
  contentType?: string;
  /** JSON Schema of `{payload, headers}`; undefined when any message is one. */
  schema?: { [keyword: string]: Json };
  /** JSON pointer in `{payload, headers}` to what a message's correlation id is. */
  correlation?: string;
}

type Node = Record<string, Json>;
type Asked = Pick<AsyncApiRequest, 'operation' | 'channel' | 'server' | 'protocol'> & { isPublished: boolean };

/** A channel with the operation that is made on it, and where the document wants it to be made. */
interface Found {
  address: string;
  channel: Node;
  operation: Node;
  messages: Json[];
}

/**
 * The channel that an operation of an AsyncAPI 2 or 3 document uses, with `variables` filled into its addresses. Fails
 * with an UnusableDocument that says what there is instead.
 */
export function channelOf(document: Json, asked: Asked, variables: Record<string, Json>): Channel {
  const root = nodeOf(document);
  const version = /^([23])\./.exec(textOf(root['asyncapi'] ?? ''))?.[1];
  if (version === undefined) throw new UnusableDocument('it is no AsyncAPI document of version 2 or 3');
  const found = version === '2' ? findIn2(root, asked) : findIn3(root, asked);
  const server = serverOf(root, found.channel, asked);
  const values = { ...defaultsOf(found.channel['parameters']), ...defaultsOf(server['variables']), ...variables };
  const { method } = nodeOf(nodeOf(found.operation['bindings'])['http']);
  const messages = found.messages.map((message) => nodeOf(resolve(root, message)));
  const [first = {}] = messages;
  const { contentType = root['defaultContentType'], correlationId } = first;
  const location = nodeOf(resolve(root, correlationId ?? null))['location'];
  return {
    over:
      server['protocol'] === 'in-process'
        ? { type: filled(found.address, values, String) }
        : { uri: uriOf(server, found.address, values), ...(typeof method === 'string' && { method }) },
    ...(typeof contentType === 'string' && { contentType }),
    ...schemaOf(root, messages),
    ...(typeof location === 'string' && { correlation: pointerOf(location) }),
  };
}

function findIn2(root: Node, { operation: wanted, channel: address, isPublished }: Asked): Found {
  const channels = Object.entries(nodeOf(root['channels'])).map(
    ([name, item]) => [name, resolved(root, item)] as const,
  );
  const kinds = isPublished ? ['publish', 'subscribe'] : ['subscribe', 'publish'];
  const candidates = channels.flatMap(([name, channel]) =>
    kinds.flatMap((kind) => (channel[kind] === undefined ? [] : [{ name, channel, operation: nodeOf(channel[kind]) }])),
  );
  const found = candidates.find(({ name, operation }) =>
    wanted === undefined ? name === address : operation['operationId'] === wanted,
  );
  if (!found)
    throw wanted === undefined
      ? missing('channel', address, Object.keys(nodeOf(root['channels'])))
      : missing(
          'operation',
          wanted,
          candidates.map(({ operation }) => textOf(operation['operationId'] ?? '')),
        );
  const message = resolved(root, found.operation['message'] ?? null);
  const messages = Array.isArray(message['oneOf']) ? message['oneOf'] : [message];
  return { address: found.name, channel: found.channel, operation: found.operation, messages };
}

function findIn3(root: Node, { operation: wanted, channel: name, isPublished }: Asked): Found {
  const operations = nodeOf(root['operations']);
  const channels = nodeOf(root['channels']);
  const own = (part: Node, key: string) => (Object.hasOwn(part, key) ? resolved(root, part[key]) : undefined);
  const operation = wanted === undefined ? {} : own(operations, wanted);
  if (!operation) throw missing('operation', wanted, Object.keys(operations));
  const $ref = textOf(nodeOf(operation['channel'])['$ref'] ?? '');
  const key = name ?? lastStep($ref);
  const channel = wanted === undefined ? own(channels, key) : resolved(root, operation['channel'] ?? null);
  if (!channel) throw missing('channel', key, Object.keys(channels));
  const address = typeof channel['address'] === 'string' ? channel['address'] : key;
  const messages = listOf(operation['messages']);
  const reply = isPublished ? [] : listOf(nodeOf(operation['reply'])['messages']);
  const ofChannel = Object.values(nodeOf(channel['messages']));
  return { address, channel, operation, messages: [messages, reply, ofChannel].find((some) => some.length > 0) ?? [] };
}

function serverOf(root: Node, channel: Node, { server: name, protocol }: Asked): Node {
  const allowed = listOf(channel['servers']).map((one) =>
    typeof one === 'string' ? one : lastStep(textOf(nodeOf(one)['$ref'] ?? '')),
  );
  const servers = Object.entries(nodeOf(root['servers']))
    .filter(([key]) => allowed.length === 0 || allowed.includes(key))
    .map(([key, server]) => [key, resolved(root, server)] as const);
  const named = name === undefined ? servers : servers.filter(([key]) => key === name);
  if (named.length === 0)
    throw missing(
      'server',
      name,
      servers.map(([key]) => key),
    );
  const spoken = named.find(
    ([, server]) =>
      SPOKEN.includes(textOf(server['protocol'] ?? '')) &&
      // Who names the server has chosen.
      (name !== undefined ||
        protocol === undefined ||
        textOf(server['protocol'] ?? '').replace(/^https$/, 'http') === protocol),
  );
  if (spoken) return spoken[1];
  const there = [...new Set(named.map(([, server]) => textOf(server['protocol'] ?? 'none')))].join(', ');
  throw new UnusableDocument(`its servers speak ${there}; messages go over ${SPOKEN.join(', ')}`);
}

function uriOf(server: Node, address: string, values: Node): string {
  const protocol = textOf(server['protocol'] ?? 'http');
  const raw =
    typeof server['url'] === 'string'
      ? server['url']
      : `${textOf(server['host'] ?? '')}${textOf(server['pathname'] ?? '')}`;
  const base = filled(raw.includes('://') ? raw : `${protocol}://${raw}`, values, String).replace(/\/$/, '');
  return `${base}/${filled(address, values, encodeURIComponent).replace(/^\//, '')}`;
}

function filled(text: string, values: Node, write: (text: string) => string): string {
  return text.replaceAll(/\{([^{}]+)\}/g, (_, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined || value === null || typeof value === 'object')
      throw new UnusableDocument(`server.variables has no ${name}, which ${text} needs`);
    return write(textOf(value));
  });
}

/** Messages of which one has to fit; references of a schema lead into the document's components. */
function schemaOf(root: Node, messages: Node[]): Pick<Channel, 'schema'> {
  const schemas = messages.map((message): Node => {
    const payload = plainSchema(message['payload'], message['schemaFormat']);
    const headers = plainSchema(message['headers'], undefined);
    return { ...(payload !== undefined && { payload }), ...(headers !== undefined && { headers }) };
  });
  if (schemas.length === 0 || schemas.some((properties) => Object.keys(properties).length === 0)) return {};
  const { schemas: known = {} } = nodeOf(root['components']);
  const components: Json = { components: { schemas: known } };
  const [only, ...others] = schemas as [Node, ...Node[]];
  return {
    schema: {
      ...(others.length === 0 ? { properties: only } : { anyOf: schemas.map((properties) => ({ properties })) }),
      ...(JSON.stringify(schemas).includes('"$ref"') ? components : {}),
    },
  };
}

/** A JSON Schema; undefined for one of another format, by which nothing is checked. */
function plainSchema(given: Json | undefined, format: Json | undefined): Json | undefined {
  const node = nodeOf(given);
  const isMulti = node['schemaFormat'] !== undefined && node['schema'] !== undefined;
  const [schema, written] = isMulti ? [node['schema'], node['schemaFormat']] : [given, format];
  return written === undefined || /json|aai\.asyncapi/i.test(textOf(written)) ? schema : undefined;
}

/** `$message.payload#/a/b` and `$message.header#/a`, as a JSON pointer in `{payload, headers}`. */
const pointerOf = (location: string): string =>
  location.replace(/^\$message\.payload#/, '/payload').replace(/^\$message\.header#/, '/headers');

const defaultsOf = (given: Json | undefined): Node =>
  Object.fromEntries(
    Object.entries(nodeOf(given)).flatMap(([name, variable]) => {
      const { default: preset } = nodeOf(variable);
      return preset === undefined ? [] : [[name, preset]];
    }),
  );

/** References inside the document, at most ten behind each other. */
function resolve(root: Node, given: Json, depth = 0): Json {
  const { $ref } = nodeOf(given);
  if (typeof $ref !== 'string') return given;
  const pointer = pointerIn($ref);
  const target = pointer !== undefined && depth < 10 ? valueAt(root, pointer) : undefined;
  if (target === undefined) throw new UnusableDocument(`${$ref} leads nowhere in it`);
  return resolve(root, target, depth + 1);
}

const resolved = (root: Node, given: Json | undefined): Node => nodeOf(resolve(root, given ?? null));

const missing = (what: string, name: string | undefined, known: string[]): UnusableDocument =>
  new UnusableDocument(`it has no ${what} ${name ?? ''} (${known.slice(0, 20).join(', ') || 'it has none'})`);

const lastStep = (reference: string): string => stepsOf(pointerIn(reference) ?? '').at(-1) ?? '';
const nodeOf = (value: Json | undefined): Node =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? fieldsOf(value, '') : {};
const listOf = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);
