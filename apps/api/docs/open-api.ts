import { stringify } from 'yaml';
import { z } from 'zod';
import { BrikkError, ERRORS, type ErrorCode } from '../../../contracts/errors.js';
import type { Json } from '../../../contracts/json.js';
import type { Description } from '../common/describe.decorator.js';
import { toProblem } from '../common/problem.js';
import type { Route } from '../common/routes.js';
import { ANSWER_EXAMPLES } from './answer-examples.js';
import { problemSchema } from './problem.schema.js';

const JSON_TYPE = 'application/json';
const YAML_TYPE = 'application/yaml';
const PROBLEM_TYPE = 'application/problem+json';
type Node = Record<string, unknown>;

/** OpenAPI 3.1 of the routes: their schemas are the very ones that requests are parsed with. */
export function openApiDocument(routes: readonly Route[]) {
  const components = new Components();
  const paths: Record<string, Node> = {};
  for (const route of routes) {
    if (route.description?.protocol !== undefined) continue;
    const operations = (paths[route.path] ??= {});
    operations[route.method.toLowerCase()] = operation(route, components);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Brikk',
      version: '1',
      description: 'Coordinates agents durably. Failures are RFC 9457 problem details with a `code` from one table.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    security: [{ apiKey: [] }],
    paths,
    components: {
      schemas: components.schemas,
      securitySchemes: { apiKey: { type: 'http', scheme: 'bearer', description: 'brk_<env>_<secret>_<crc>' } },
    },
  };
}

function operation(route: Route, components: Components): Node {
  const { access, body, description, method, path, tag } = route;
  const isEmptyBody = body === undefined || method === 'GET' || method === 'DELETE';
  return {
    operationId: `${tag}.${route.handler.name}`,
    tags: [tag],
    summary: description?.summary ?? '',
    ...(description?.description ? { description: description.description } : {}),
    ...(access.kind === 'permission' ? { 'x-permission': access.permission } : { security: [] }),
    parameters: [...pathParameters(path), ...queryParameters(route, components), ...headerParameters(route)],
    ...(description?.raw === undefined ? {} : { requestBody: rawBody(description.raw) }),
    ...(isEmptyBody ? {} : { requestBody: requestBody(route, components) }),
    responses: responses(route, components),
  };
}

const pathParameters = (path: string) =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));

function queryParameters({ query }: Route, components: Components): Node[] {
  if (!query) return [];
  const { properties = {}, required = [] } = components.inline(query) as {
    properties?: Record<string, Node>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name) && schema.default === undefined,
    schema,
  }));
}

function headerParameters({ description }: Route): Node[] {
  const header = (name: string, text: string, schema: Node) => ({
    name,
    in: 'header',
    required: false,
    description: text,
    schema: { type: 'string', ...schema },
  });
  return [
    ...(description?.idempotent
      ? [
          header('Idempotency-Key', 'The same key and body give the first answer again.', {
            minLength: 1,
            maxLength: 255,
          }),
        ]
      : []),
    ...(description?.conditional
      ? [
          header('If-Match', 'The version that must stand, as ETag gave it: "7".', { pattern: '^"[0-9]{1,10}"$' }),
          header('If-None-Match', 'Nothing may stand there.', { enum: ['*'] }),
        ]
      : []),
  ];
}

function requestBody({ body, description }: Route, components: Components): Node {
  const examples = Object.entries(description?.examples ?? {}).map(([name, value]) => [name, { value }]);
  const document = description?.document;
  const media = {
    schema: components.reference(document ?? body!, 'input'),
    ...(examples.length > 0 ? { examples: Object.fromEntries(examples) as Node } : {}),
  };
  return {
    required: !body!.safeParse(undefined).success,
    content: {
      [JSON_TYPE]: media,
      ...(document ? yamlMedia(description) : {}),
      ...(description?.cloudEvent ? { [description.cloudEvent]: media } : {}),
    },
  };
}

/** Bytes as they come, shown by an example. */
const rawBody = (example: string): Node => ({
  required: true,
  content: { '*/*': { schema: { type: 'string' }, example } },
});

/** The same examples as text. */
function yamlMedia({ examples = {} }: Description): Node {
  const asText = Object.entries(examples).map(([name, value]) => [name, { value: stringify(value) }]);
  return { [YAML_TYPE]: { schema: { type: 'string' }, examples: Object.fromEntries(asText) as Node } };
}

function responses(route: Route, components: Components): Node {
  const { description, access } = route;
  const types = description?.produces ?? [JSON_TYPE];
  const good = Object.entries(description?.answers ?? {}).map(([status, schema]) => {
    if (schema === null) return [status, { description: 'Done' }];
    const content = types.map((type) => [type, media(schema, type, description, components)]);
    return [status, { description: description?.summary ?? '', content: Object.fromEntries(content) as Node }];
  });
  const common: ErrorCode[] = ['request.invalid', 'request.not_acceptable', 'internal'];
  const guarded: ErrorCode[] = [
    'auth.missing',
    'auth.invalid',
    'auth.expired',
    'auth.forbidden',
    'rate.exceeded',
    'dependency.unavailable',
  ];
  const bodied: ErrorCode[] = ['request.invalid_json', 'body.too_large', 'body.unsupported_type'];
  const keyed: ErrorCode[] = ['idempotency.conflict'];
  const codes = [
    ...common,
    ...(access.kind === 'permission' ? guarded : []),
    ...(route.body ? bodied : []),
    ...(description?.idempotent ? keyed : []),
    ...(description?.errors ?? []),
  ];
  return { ...failures(codes, components), ...Object.fromEntries(good) } as Node;
}

function media(schema: z.ZodType, type: string, description: Description | undefined, components: Components): Node {
  const { answerExample, textExample } = description ?? {};
  if (type !== JSON_TYPE) return { schema: { type: 'string' }, example: textExample };
  return { schema: components.reference(schema, 'output'), example: answerExample ?? exampleOf(schema) };
}

/** The example of a schema with an id; of a list, a page with one item. */
function exampleOf(schema: z.ZodType): Json | undefined {
  const { id } = schema.meta() ?? {};
  if (id !== undefined) return ANSWER_EXAMPLES[id];
  const { items, nextCursor } = schema instanceof z.ZodObject ? (schema.shape as Record<string, z.ZodType>) : {};
  const item = items instanceof z.ZodArray ? exampleOf(items.element as z.ZodType) : undefined;
  if (item === undefined) return undefined;
  return { items: [item], ...(nextCursor ? { nextCursor: null } : {}) };
}

function failures(codes: ErrorCode[], components: Components): Node {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of new Set(codes))
    byStatus.set(ERRORS[code].status, [...(byStatus.get(ERRORS[code].status) ?? []), code]);
  const schema = components.reference(problemSchema, 'output');
  return Object.fromEntries(
    [...byStatus].map(([status, names]) => [
      status,
      { description: names.join(', '), content: { [PROBLEM_TYPE]: { schema, examples: problemExamples(names) } } },
    ]),
  );
}

const problemExamples = (codes: ErrorCode[]) =>
  Object.fromEntries(
    codes.map((code) => {
      const summary = ERRORS[code].title;
      const { problem } = toProblem(new BrikkError(code, summary), '019aa6f2-7c1c-7b6e-a1b2-c3d4e5f60718');
      return [code, { summary, value: problem }];
    }),
  );

/** Schemas with an id are written once and referred to. */
class Components {
  readonly schemas: Record<string, Node> = {};

  inline(schema: z.ZodType): Node {
    return this.convert(schema, 'input');
  }

  reference(schema: z.ZodType, io: 'input' | 'output'): Node {
    return this.convert(schema, io);
  }

  private convert(schema: z.ZodType, io: 'input' | 'output'): Node {
    const {
      $schema: _,
      $defs = {},
      ...rest
    } = z.toJSONSchema(schema, { io, unrepresentable: 'any', reused: 'inline' }) as Node & {
      $defs?: Record<string, Node>;
    };
    const names = Object.fromEntries(Object.keys($defs).map((name) => [name, nameFor(name, io)]));
    for (const [name, definition] of Object.entries($defs))
      this.schemas[names[name]!] ??= this.relink(definition, names);
    const { id } = rest as { id?: string };
    if (typeof id !== 'string') return this.relink(rest, names);
    names[id] = nameFor(id, io);
    this.schemas[names[id]] ??= this.relink(rest, names);
    return { $ref: `#/components/schemas/${names[id]}` };
  }

  /** Points at the components, and leaves out what only zod says. */
  private relink(node: Node, names: Record<string, string>): Node {
    const text = JSON.stringify(node, (key, value: unknown) => {
      if (key === '$ref' && value === '#') return undefined;
      if (key === '$ref' && typeof value === 'string') {
        const name = value.replace('#/$defs/', '');
        return `#/components/schemas/${names[name] ?? name}`;
      }
      return key === 'id' && typeof value === 'string' ? undefined : value;
    });
    return JSON.parse(text) as Node;
  }
}

/** What is sent may be written in more ways than what is answered. */
const nameFor = (name: string, io: 'input' | 'output') =>
  `${name.replace(/^__schema/, 'Schema')}${io === 'input' ? 'Input' : ''}`;
