import * as fc from 'fast-check';
import type { Json } from '../../contracts/json.js';
import { SAMPLE_TASKS, sampleDocument } from './sample-documents.js';

type Path = (string | number)[];

const NAMES = [
  'with',
  'do',
  'call',
  'set',
  'wait',
  'for',
  'catch',
  'use',
  'uri',
  'one',
  'all',
  'until',
  'read',
  'extra',
];
const VALUES: Json[] = [
  null,
  true,
  0,
  -1,
  1.5,
  '',
  'x',
  'a b',
  'PT5S',
  '${ .x }',
  '1.0.0',
  [],
  {},
  [{}],
  ['a'],
  { a: 1 },
  { use: 'x' },
  { seconds: 1 },
  { seconds: 'x' },
  { wait: 'PT1S' },
  [{ a: { wait: 'PT1S' } }],
];

type Mutation =
  | { kind: 'replace'; at: number; value: Json }
  | { kind: 'remove'; at: number }
  | { kind: 'add'; at: number; name: string; value: Json }
  | { kind: 'rename'; at: number; name: string }
  | { kind: 'move'; at: number; from: number };

const index = fc.nat(10_000);
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ kind: fc.constant('replace' as const), at: index, value: fc.constantFrom(...VALUES) }),
  fc.record({ kind: fc.constant('remove' as const), at: index }),
  fc.record({
    kind: fc.constant('add' as const),
    at: index,
    name: fc.constantFrom(...NAMES),
    value: fc.constantFrom(...VALUES),
  }),
  fc.record({ kind: fc.constant('rename' as const), at: index, name: fc.constantFrom(...NAMES) }),
  fc.record({ kind: fc.constant('move' as const), at: index, from: index }),
);

/** A definition with a few of its parts replaced, removed, added, renamed or copied elsewhere. */
export const mutated = (definition: fc.Arbitrary<Json>, most = 3): fc.Arbitrary<Json> =>
  fc
    .tuple(definition, fc.array(mutation, { maxLength: most }))
    .map(([document, mutations]) => mutations.reduce<Json>(mutate, document));

export const mutatedDocument = mutated(
  fc
    .uniqueArray(fc.constantFrom(...Object.keys(SAMPLE_TASKS)), { minLength: 1, maxLength: 3 })
    .map((tasks) => JSON.parse(JSON.stringify(sampleDocument(tasks))) as Json),
);

function mutate(document: Json, change: Mutation): Json {
  const places = placesIn(document);
  const place = places[change.at % places.length] ?? [];
  const copy = JSON.parse(JSON.stringify(document)) as Json;
  const value = at(copy, place);
  const outer = at(copy, place.slice(0, -1));
  const key = place.at(-1);
  if (change.kind === 'add') {
    if (isObject(value)) value[change.name] = change.value;
    else if (Array.isArray(value)) value.push(change.value);
    return copy;
  }
  if (key === undefined || typeof outer !== 'object' || outer === null) return copy;
  const holder = outer as Record<string | number, Json>;
  if (change.kind === 'replace') holder[key] = change.value;
  else if (change.kind === 'move') holder[key] = at(document, places[change.from % places.length] ?? []);
  else if (Array.isArray(outer)) outer.splice(Number(key), 1);
  else {
    delete holder[key];
    if (change.kind === 'rename') holder[change.name] = value;
  }
  return copy;
}

function placesIn(value: Json, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const inner = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [path, ...inner.flatMap(([key, part]) => placesIn(part, [...path, key]))];
}

const isObject = (value: unknown): value is Record<string, Json> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const at = (value: Json, path: Path): Json =>
  path.reduce<Json>((inner, key) => (inner as Record<string | number, Json>)[key] ?? null, value);
