import { describe, expect, it } from '@jest/globals';
import { checkDefinition } from '../../workflows/language/checker/check-definition.js';
import { formatProblem } from '../../workflows/language/checker/problem.js';
import { SMALL_CATALOGUE } from './small-catalogue.js';
import { HEAD, tasks, text } from './wrong-document.js';
import { WRONG_MEANINGS } from './wrong-meanings.js';
import { WRONG_REFUSALS } from './wrong-refusals.js';
import { WRONG_SECRETS } from './wrong-secrets.js';
import { WRONG_TASKS } from './wrong-tasks.js';
import { WRONG_TEXTS } from './wrong-texts.js';

const ALL = [...WRONG_TEXTS, ...WRONG_TASKS, ...WRONG_MEANINGS, ...WRONG_REFUSALS, ...WRONG_SECRETS];

describe('a wrong definition', () => {
  it.each(ALL)('is told as what it is: $what', ({ text, says }) => {
    const { valid, errors, definition } = checkDefinition(text, { functions: SMALL_CATALOGUE });
    expect(errors.map((problem) => formatProblem('f', problem))).toEqual(says.map((line) => `f:${line}`));
    expect({ valid, definition }).toEqual({ valid: false, definition: undefined });
  });

  it.each([
    [
      '${ .type }',
      'f:3:50 static-filter /do/0/a/catch/errors/with/type: is compared as it stands and equals no error: an expression over the error belongs in when',
    ],
    ['https://a.example/e', undefined],
  ])('is valid with a warning when its filter of errors can never fit: %s', (type, warning) => {
    const lines = tasks(`- a: { try: [], catch: { errors: { with: { type: '${type}' } } } }`);
    const { valid, warnings } = checkDefinition(lines, { functions: SMALL_CATALOGUE });
    expect({ valid, told: warnings.map((problem) => formatProblem('f', problem))[0] }).toEqual({
      valid: true,
      told: warning,
    });
  });

  it.each<[string, string, string]>([
    [
      'emit: { event: { with: { type: a }, data: 1 } }',
      '3:44 ignored-field /do/0/a/emit/event/data',
      'the attributes of the event stand in with',
    ],
    [
      'try: [], catch: { retry: { backoff: { linear: { increment: PT1S } }, limit: { attempt: { count: 1 } } } }',
      '3:56 ignored-field /do/0/a/catch/retry/backoff/linear/increment',
      'linear goes by delay, limit and jitter alone',
    ],
    [
      "call: http, with: { method: get, endpoint: { uri: 'https://a.example', authentication: { oauth2: { authority: 'https://b.example', grant: client_credentials, endpoints: { revocation: /r } } } } }",
      '3:179 ignored-field /do/0/a/with/endpoint/authentication/oauth2/endpoints/revocation',
      'tokens are asked for, kept until they expire, and no more',
    ],
    [
      "call: a2a, with: { method: tasks/get, server: 'https://a.example', agentCard: { endpoint: 'https://b.example' } }",
      '3:46 ignored-field /do/0/a/with/server',
      'the agentCard says where the agent is',
    ],
    [
      "call: asyncapi, with: { document: { endpoint: 'https://a.example' }, operation: o, server: { name: s }, protocol: kafka, message: {} }",
      '3:112 ignored-field /do/0/a/with/protocol',
      'the server has one',
    ],
    [
      'run: { workflow: { namespace: a, name: b, version: latest }, await: false, return: all }',
      '3:83 ignored-field /do/0/a/run/return',
      'what nobody waits for gives nothing',
    ],
    [
      "call: grpc, with: { proto: { endpoint: 'https://a.example' }, service: { name: A, host: a.example }, method: B }, metadata: { brikk: { idempotencyKey: x } }",
      '3:143 ignored-field /do/0/a/metadata/brikk/idempotencyKey',
      'only calls of http, openapi and connectors take a key of their own',
    ],
  ])('is valid with a warning when nobody reads a field: %s', (task, place, why) => {
    const { valid, warnings } = checkDefinition(tasks(`- a: { ${task} }`), { functions: SMALL_CATALOGUE });
    expect({ valid, told: warnings.map((problem) => formatProblem('f', problem)) }).toEqual({
      valid: true,
      told: [`f:${place}: is not read: ${why}`],
    });
  });

  it('is none for its own catalogue of the name default, of which nothing is known before a call', () => {
    const use = "use: { catalogs: { default: { endpoint: 'https://a.example' } } }";
    const told = (call: string) => {
      const { errors, warnings } = checkDefinition(text(HEAD, use, `do: [ a: { call: '${call}' } ]`), {
        functions: SMALL_CATALOGUE,
      });
      return [...errors, ...warnings].map(({ code }) => code);
    };
    expect(told('convert:1.0.0@default')).toEqual(['outside-catalog']);
    expect(told('convert:1.0.0')).toEqual(['unknown-function']);
  });

  it('has one message for one mistake', () => {
    expect(ALL.length).toBeGreaterThanOrEqual(80);
    const several = ALL.filter(({ says }) => says.length > 1).map(({ what }) => what);
    expect(several).toEqual(['two mistakes in one pass']);
  });
});
