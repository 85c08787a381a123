import { describe, expect, it } from '@jest/globals';
import { groupChatParamsSchema } from './group-chat.js';

const refused = (value: unknown) =>
  groupChatParamsSchema.safeParse(value).error?.issues.map(({ path, message }) => `${path.join('.')} ${message}`) ?? [];

const a = { capability: 'a' };
const makerChecker = { maker: a, checkers: [{ agent: 'x' }] };

describe('the parameters of groupChat', () => {
  it('are a chat or its preset', () => {
    expect(refused({ participants: [a], maxRounds: 1 })).toEqual([]);
    expect(refused({ makerChecker })).toEqual([]);
    expect(groupChatParamsSchema.parse({ makerChecker }).makerChecker).toMatchObject({ pass: 'all', maxRevisions: 3 });
  });

  it('refuse what cannot work, with the field', () => {
    expect(refused({})).toEqual([
      'participants is required without makerChecker',
      'maxRounds is required without makerChecker',
    ]);
    expect(refused({ makerChecker, maxRounds: 3 })).toEqual(['maxRounds does not go with makerChecker']);
    expect(refused({ participants: [a, a], maxRounds: 1 })[0]).toContain('names must be unique');
    expect(refused({ makerChecker: { ...makerChecker, pass: { quorum: 2 } } })).toEqual([
      'makerChecker.pass.quorum must be at most the number of checkers',
    ]);
    expect(refused({ participants: [a], maxRounds: 1, manager: 'chair' })[0]).toContain('manager');
    expect(refused({ participants: [a], maxRounds: 1, until: 'x' })[0]).toContain('until');
  });
});
