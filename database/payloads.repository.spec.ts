import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Json } from '../contracts/json.js';
import type { Value } from '../contracts/values.js';
import { type TestDatabase, withDatabase } from '../test/support/postgres.js';
import { acceptedRun } from '../test/support/runs.js';
import { materialise, storePayload } from './payloads.repository.js';
import { uuidv7 } from './uuid.js';

describe('a value that travels as a reference', () => {
  const orgId = uuidv7();
  let test: TestDatabase;
  let runId: string;
  beforeAll(async () => {
    test = await withDatabase();
    runId = await acceptedRun(test.database, orgId);
  }, 90_000);
  afterAll(() => test.close());

  const store = (json: Json) => test.database.inOrg(orgId, (tx) => storePayload(tx, runId, json));
  const read = (value: Value, org = orgId) => test.database.inOrg(org, (tx) => materialise(tx, value));
  const notFound = expect.objectContaining({ code: 'payload.not_found' });

  it.each<[string, Json]>([
    ['text', 'ünï 😀 \u2028'],
    ['numbers', [0, -1.5, 1e300]],
    ['null', null],
    ['nested, in its order of fields', { z: 1, a: { y: [true, null], b: '' } }],
  ])('comes back as it was: %s', async (_what, json) => {
    const { ref, bytes, length } = await store(json);
    expect(JSON.stringify(await read({ ref, bytes }))).toBe(JSON.stringify(json));
    expect(bytes).toBe(Buffer.byteLength(JSON.stringify(json)));
    expect(length).toBe(Array.isArray(json) ? json.length : undefined);
  });

  it('gives single elements, one or many, null ones, too', async () => {
    const { ref, bytes } = await store(['a', null, { c: 1 }]);
    expect(await read({ ref, bytes, index: 2 })).toEqual({ c: 1 });
    expect(await read({ ref, bytes, index: 1 })).toBeNull();
    const list = [0, 1, 2].map((index) => ({ ref, bytes, index }));
    expect(await read({ list })).toEqual(['a', null, { c: 1 }]);
    expect(await read({ object: { first: list[0]!, all: { ref, bytes } } })).toEqual({
      first: 'a',
      all: ['a', null, { c: 1 }],
    });
  });

  it('may stand anywhere in a composed value', async () => {
    const [one, two] = [await store({ n: 1 }), await store([2])];
    const value: Value = {
      object: { a: { list: [one, { inline: 'x' }] }, b: { object: { c: two } }, d: { list: [] } },
    };
    expect(await read(value)).toEqual({ a: [{ n: 1 }, 'x'], b: { c: [2] }, d: [] });
  });

  it('is not found when there is no such payload or element, or when it is another organisation’s', async () => {
    const { ref, bytes } = await store(['a']);
    await expect(read({ ref: uuidv7(), bytes })).rejects.toEqual(notFound);
    await expect(read({ ref, bytes, index: 1 })).rejects.toEqual(notFound);
    await expect(read({ list: [0, 1].map((index) => ({ ref, bytes, index })) })).rejects.toEqual(notFound);
    await expect(read({ ref, bytes }, uuidv7())).rejects.toEqual(notFound);
    const text = await store('abc');
    await expect(read({ ref: text.ref, bytes, index: 0 })).rejects.toEqual(notFound);
  });
});
