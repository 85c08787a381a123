import protobuf from 'protobufjs';
import type { Json } from '../contracts/json.js';
import { fieldsOf } from './call-parts.js';
import { DocumentError } from './outside-call.js';

const MAX_FILES = 20;

/** A unary method, and its messages as JSON. */
export interface UnaryMethod {
  /** `/package.Service/Method`. */
  path: string;
  encode: (given: Json) => Uint8Array;
  decode: (bytes: Uint8Array) => Json;
}

/**
 * A method of a service in a proto file. Imports are read from beside it; those of `google/protobuf` are known. Fails
 * with a DocumentError.
 */
export async function unaryMethod(
  fetchText: (uri: string) => Promise<string>,
  uri: string,
  { service: serviceName, method: methodName }: { service: string; method: string },
): Promise<UnaryMethod> {
  const root = new protobuf.Root();
  await load(root, fetchText, uri, new Set());
  const service = found(root, serviceName);
  const method = service.methods[methodName];
  if (!method)
    throw new DocumentError(`${serviceName} has no method ${methodName} (${Object.keys(service.methods).join(', ')})`);
  if (method.requestStream || method.responseStream)
    throw new DocumentError(`${methodName} of ${serviceName} is streamed: only unary methods are called`);
  const { request, reply } = typesOf(method);
  return {
    path: `/${service.fullName.slice(1)}/${method.name}`,
    encode: (given) => encoded(request, given),
    decode: (bytes) => reply.toObject(reply.decode(bytes), REPLY) as Json,
  };
}

const REPLY = { longs: String, enums: String, bytes: String, defaults: true, json: true };

async function load(
  root: protobuf.Root,
  fetchText: (uri: string) => Promise<string>,
  uri: string,
  seen: Set<string>,
): Promise<void> {
  if (seen.has(uri)) return;
  if (seen.size >= MAX_FILES) throw new DocumentError(`the proto file imports more than ${MAX_FILES} others`);
  seen.add(uri);
  const text = await fetchText(uri);
  const { imports = [], weakImports = [] } = parsed(text, root);
  for (const name of [...imports, ...weakImports]) {
    const known = protobuf.common.get(name);
    if (known?.nested && !seen.has(name)) root.addJSON(known.nested);
    if (known) seen.add(name);
    else await load(root, fetchText, new URL(name, uri).href, seen);
  }
}

function parsed(text: string, root: protobuf.Root): protobuf.IParserResult {
  try {
    return protobuf.parse(text, root);
  } catch (cause) {
    throw new DocumentError(`the proto file cannot be read: ${(cause as Error).message}`, { cause });
  }
}

function found(root: protobuf.Root, name: string): protobuf.Service {
  try {
    return root.lookupService(name);
  } catch (cause) {
    throw new DocumentError(`the proto file has no service ${name}`, { cause });
  }
}

function typesOf(method: protobuf.Method): { request: protobuf.Type; reply: protobuf.Type } {
  try {
    method.resolve();
    const { resolvedRequestType: request, resolvedResponseType: reply } = method;
    if (request && reply) {
      request.root.resolveAll();
      return { request, reply };
    }
  } catch (cause) {
    throw new DocumentError(`the proto file is not complete: ${(cause as Error).message}`, { cause });
  }
  throw new DocumentError(`the proto file lacks the messages of ${method.name}`);
}

function encoded(type: protobuf.Type, given: Json): Uint8Array {
  const named = withNames(type, given, 'arguments');
  try {
    return type.encode(type.fromObject(named)).finish();
  } catch (cause) {
    throw new DocumentError(`the arguments do not fit ${type.name}: ${(cause as Error).message}`, { cause });
  }
}

/** Fields by their names in JSON; those of the proto file are taken, too (`pet_id`, `petId`), others refused. */
function withNames(type: protobuf.Type, given: Json, at: string): { [name: string]: Json } {
  const named: { [name: string]: Json } = {};
  for (const [name, value] of Object.entries(fieldsOf(given, at))) {
    const field = type.fields[name] ?? type.fields[protobuf.util.camelCase(name)];
    if (!field) {
      const allowed = Object.keys(type.fields).join(', ');
      throw new DocumentError(`${at}.${name} is no field of ${type.name} (${allowed})`);
    }
    named[field.name] = fieldValue(field, value, `${at}.${name}`);
  }
  return named;
}

function fieldValue(field: protobuf.Field, value: Json, at: string): Json {
  const inner = field.resolve().resolvedType;
  const one = (item: Json, place: string): Json =>
    inner instanceof protobuf.Type && item !== null ? withNames(inner, item, place) : item;
  if (field.repeated) return Array.isArray(value) ? value.map((item, index) => one(item, `${at}.${index}`)) : value;
  if (!field.map) return one(value, at);
  return Object.fromEntries(Object.entries(fieldsOf(value, at)).map(([key, item]) => [key, one(item, `${at}.${key}`)]));
}
