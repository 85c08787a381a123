import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import request from 'supertest';
import type { DefinitionCheck } from '../../contracts/checked-definition.js';
import { startTestApi, type TestApi } from '../support/api.js';

const HEAD = "document: { dsl: '1.0.3', namespace: test, name: flow, version: '1.0.0' }";
const YAML = `${HEAD}\ndo:\n- triage: { call: agent, with: { capabilty: triage } }\n- end: { wait: 1 }\n`;
const GOOD = {
  document: { dsl: '1.0.3', namespace: 'test', name: 'flow', version: '1.0.0' },
  do: [{ triage: { call: 'agent', with: { capability: 'nobody-can' } } }],
};

describe('definitions and expressions over HTTP', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startTestApi();
  }, 60_000);
  afterAll(() => api.close(), 20_000);

  const post = (path: string, type: string, body: string | object) =>
    request(api.app.getHttpServer()).post(path).set('authorization', `Bearer ${api.key}`).type(type).send(body);

  it('tells everything wrong with a YAML definition, by line and column', async () => {
    const { status, body } = await post('/v1/workflows/validate', 'application/yaml', YAML);
    expect(status).toBe(200);
    const { valid, errors } = body as DefinitionCheck;
    expect(valid).toBe(false);
    expect(errors.map(({ line, column, path, code }) => `${line}:${column} ${code} ${path}`)).toEqual([
      '3:34 unknown-field /do/0/triage/with/capabilty',
      '4:3 reserved-name /do/1/end',
      '4:16 wrong-type /do/1/end/wait',
    ]);
    expect(errors[0]).toMatchObject({ didYouMean: 'capability' });
  });

  it('takes JSON, and warns of what this installation lacks', async () => {
    const { body } = await post('/v1/workflows/validate', 'application/json', GOOD);
    expect(body).toMatchObject({ valid: true, errors: [], warnings: [{ code: 'unknown-capability', line: 1 }] });
  });

  it('gives editors a schema that takes what is right and refuses what is wrong', async () => {
    const { status, body } = await request(api.app.getHttpServer())
      .get('/v1/schema/workflow.json')
      .set('authorization', `Bearer ${api.key}`);
    expect(status).toBe(200);
    const isValid = new Ajv2020({ strict: false }).compile(body as object);
    expect(isValid(GOOD)).toBe(true);
    expect(isValid({ ...GOOD, do: [{ triage: { call: 'agent', with: { capabilty: 'x' } } }] })).toBe(false);
  });

  it('draws what was published, and knows it from then on', async () => {
    expect((await post('/v1/workflows', 'application/json', GOOD)).status).toBe(201);
    const drawn = (format: string) =>
      request(api.app.getHttpServer())
        .get(`/v1/workflows/test/flow/latest?format=${format}`)
        .set('authorization', `Bearer ${api.key}`);
    const { body: graph } = await drawn('graph');
    expect(graph).toMatchObject({ definition: 'test/flow:1.0.0', edges: [{ from: 'start', to: '/do/0/triage' }, {}] });
    const mermaid = await drawn('mermaid');
    expect(mermaid.headers['content-type']).toMatch('text/plain');
    expect(mermaid.text).toMatch(/^---\ntitle: "test\/flow:1\.0\.0"\n---\nflowchart TD\n/);
    expect((await drawn('png')).status).toBe(422);

    const child = { run: { workflow: { namespace: 'test', name: 'flwo', version: '1.0.0' } } };
    const { body } = await post('/v1/workflows/validate', 'application/json', { ...GOOD, do: [{ child }] });
    expect(body).toMatchObject({ valid: true, warnings: [{ code: 'unknown-workflow', didYouMean: 'test/flow' }] });
  });

  it('evaluates expressions and says where they are wrong', async () => {
    const evaluate = (expression: string) =>
      post('/v1/expressions/evaluate', 'application/json', { expression, input: { a: 1 } });
    expect((await evaluate('.a + 1')).body).toEqual({ results: [2] });
    const wrong = await evaluate('.a | nope');
    expect(wrong.status).toBe(422);
    expect(wrong.body).toMatchObject({ code: 'expression.invalid', detail: expect.stringMatching(/line 1, column 6/) });
    const endless = await evaluate('[range(1e12)]');
    expect(endless.body).toMatchObject({
      status: 422,
      code: 'expression.failed',
      detail: expect.stringMatching(/^(steps|bytes) limit: .* at line 1/),
    });
  });

  it('tries filters and transformations on a sample, within the limits of webhooks', async () => {
    const preview = async (request: object) => {
      const { body } = await post('/v1/transforms/preview', 'application/json', {
        sample: { n: [1, 2], paid: true },
        ...request,
      });
      return body as object;
    };
    expect(await preview({ filter: '.paid', transform: '${ .n[] | {n: .} }' })).toEqual({
      fits: true,
      results: [{ n: 1 }, { n: 2 }],
    });
    expect(await preview({ filter: '.paid | not', transform: '.n' })).toEqual({ fits: false, results: [] });
    expect(await preview({ transform: '$source', variables: { source: 'github' } })).toMatchObject({
      results: ['github'],
    });
    expect(await preview({ transform: '[range(1e5)]' })).toMatchObject({ status: 422, code: 'expression.failed' });
  });
});
