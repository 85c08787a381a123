import type { Json } from '../contracts/json.js';
import { pointerIn, valueAt } from '../workflows/language/json-pointer.js';
import { textOf } from './call-parts.js';
import { DocumentError } from './outside-call.js';

interface OperationRequest {
  method: string;
  uri: string;
  headers: Record<string, string>;
  query: Record<string, Json>;
  body?: Json;
}

type Node = Record<string, Json>;
const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

/**
 * The request of an operation of an OpenAPI 3 or Swagger 2.0 document: parameters by where they stand, the rest of them
 * as the body. A scalar fits an array parameter. `from` is where the document came from: servers may be relative to it.
 */
export function openApiRequest(document: Json, from: string, operationId: string, given: Json): OperationRequest {
  const root = nodeOf(document);
  const [method, template, item, operation] = findOperation(root, operationId);
  const values = { ...nodeOf(given) };
  const query: Record<string, Json> = {};
  const headers: Record<string, string> = {};
  let path = template;
  let body: Json | undefined;
  const form: Node = {};
  for (const parameter of [...listOf(item.parameters), ...listOf(operation.parameters)]) {
    const { name, in: place, required } = nodeOf(resolve(root, parameter));
    if (typeof name !== 'string' || typeof place !== 'string') continue;
    const value = values[name];
    if (value === undefined || value === null) {
      if (required === true && !(place === 'path' && !path.includes(`{${name}}`)))
        throw new DocumentError(`the parameter ${name} of ${operationId} is required`);
      continue;
    }
    delete values[name];
    if (place === 'path') path = path.replaceAll(`{${name}}`, encodeURIComponent(textOf(value)));
    else if (place === 'query') query[name] = value;
    else if (place === 'header') headers[name.toLowerCase()] = textOf(value);
    else if (place === 'body') body = value;
    else if (place === 'formData') form[name] = value;
  }
  if (operation.requestBody !== undefined && Object.keys(values).length > 0)
    body = Object.hasOwn(values, 'body') ? values.body : values;
  else if (Object.keys(values).length > 0)
    throw new DocumentError(`${operationId} has no parameter ${Object.keys(values).join(', ')}`);
  if (Object.keys(form).length > 0) {
    headers['content-type'] = 'application/x-www-form-urlencoded';
    body = new URLSearchParams(
      Object.entries(form).map(([name, value]): [string, string] => [name, textOf(value)]),
    ).toString();
  }
  const uri = `${serverOf(root, from)}${path}`;
  return { method, uri, headers, query, ...(body === undefined ? {} : { body }) };
}

function findOperation(root: Node, operationId: string): [method: string, path: string, item: Node, operation: Node] {
  for (const [path, item] of Object.entries(nodeOf(root.paths)))
    for (const method of METHODS) {
      const operation = nodeOf(nodeOf(item)[method]);
      if (operation.operationId === operationId) return [method, path, nodeOf(item), operation];
    }
  throw new DocumentError(`the document has no operation ${operationId}`);
}

function serverOf(root: Node, from: string): string {
  const base = new URL(from);
  if (typeof root.swagger === 'string') {
    const scheme = listOf(root.schemes).includes('https')
      ? 'https'
      : (listOf(root.schemes)[0] ?? base.protocol.slice(0, -1));
    const host = typeof root.host === 'string' ? root.host : base.host;
    return `${textOf(scheme)}://${host}${withoutSlash(typeof root.basePath === 'string' ? root.basePath : '')}`;
  }
  const { url = '/', variables } = nodeOf(listOf(root.servers)[0] ?? {});
  const filled = textOf(url).replaceAll(/\{([^{}]+)\}/g, (_, name: string) =>
    textOf(nodeOf(nodeOf(variables)[name]).default ?? ''),
  );
  return withoutSlash(new URL(filled, base).href);
}

/** A parameter, or what `$ref` names inside the document. */
function resolve(root: Node, parameter: Json): Json {
  const { $ref } = nodeOf(parameter);
  if (typeof $ref !== 'string') return parameter;
  const pointer = pointerIn($ref);
  const target = pointer === undefined ? undefined : valueAt(root, pointer);
  if (target === undefined) throw new DocumentError(`${$ref} leads nowhere in the document`);
  return target;
}

const withoutSlash = (text: string) => text.replace(/\/$/, '');
const nodeOf = (value: Json | undefined): Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
const listOf = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);
