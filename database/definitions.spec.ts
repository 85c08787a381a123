import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { keptResource } from '../test/support/kept-resource.js';
import { type TestDatabase, withDatabase } from '../test/support/postgres.js';
import { contentHash } from './canonical-json.js';
import { publishDefinition } from './definitions.repository.js';
import { createOrganisation } from './organisations.repository.js';

const document = { dsl: '1.0.3', namespace: 'a', name: 'b', version: '1.0.0' };

describe('a published version', () => {
  let test: TestDatabase;
  let orgId: string;
  beforeAll(async () => {
    test = await withDatabase();
    orgId = (await test.database.outsideOrgs((tx) => createOrganisation(tx, 'a'))).id;
    await test.database.inOrg(orgId, (tx) => keptResource(tx, orgId, { document, do: [] }));
  }, 90_000);
  afterAll(() => test.close());

  const publish = (hash: string) =>
    test.database.inOrg(orgId, (tx) => publishDefinition(tx, { orgId, definition: { document, do: [] }, hash }));

  it('is published again as what it is, and never as something else', async () => {
    expect((await publish('f00d')).created).toBe(false);
    await expect(publish('beef')).rejects.toMatchObject({ code: 'workflow.conflict' });
  });

  it.each([
    `UPDATE workflow_definition SET hash = 'x'`,
    'DELETE FROM workflow_definition',
    `UPDATE definition_resource SET document = 'null'`,
    'DELETE FROM definition_resource',
  ])('is nothing that the product could change, nor what it has read: %s', (sql) =>
    expect(test.database.inOrg(orgId, (tx) => tx(sql))).rejects.toThrow('permission denied'),
  );

  it('has the hash of its content, whatever the order of its fields', () => {
    const [one, other] = [
      { document, do: [] },
      { do: [], document: Object.fromEntries(Object.entries(document).reverse()) },
    ];
    expect(contentHash(one)).toBe(contentHash(other));
    expect(contentHash({ ...one, do: [{ a: { wait: 'PT1S' } }] })).not.toBe(contentHash(one));
  });
});
