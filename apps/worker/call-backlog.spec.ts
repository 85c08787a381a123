import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { CandidateDirectory } from '../../activities/candidate-directory.js';
import type { WaitingCalls } from '../../activities/dependencies.js';
import { InstanceSlots } from '../../activities/instance-slots.js';
import { until } from '../../test/support/until.js';
import { CallBacklog } from './call-backlog.js';

const nobody = { findCandidates: () => Promise.resolve([]), readLessons: () => Promise.reject(new Error('unasked')) };

describe('the backlog of a worker', () => {
  it('is what waits for each agent and capability, and is told once more when nothing waits any longer', async () => {
    const directory = new CandidateDirectory(nobody, new InstanceSlots(), { compare: () => undefined }, Math.random);
    const plain = await directory.find('mine', { capability: 'resize' });
    const gold = await directory.find('mine', { capability: 'resize', labels: { tier: 'gold' } });
    const own = await directory.find('mine', { agent: 'ocr' });
    const told: [string, WaitingCalls[]][] = [];
    const keep = (orgId: string, waiting: WaitingCalls[]) => Promise.resolve(void told.push([orgId, waiting]));
    let looks = 0;
    const waiting = () => {
      looks += 1;
      return directory.waiting();
    };
    const backlog = new CallBacklog({ keep }, waiting, pino({ level: 'silent' }));
    plain.contenders.queue.length = 2;
    gold.contenders.queue.length = 1;
    own.contenders.queue.length = 4;
    await backlog.start();
    await until(() => told.length > 0);
    expect(told[0]).toEqual([
      'mine',
      [
        { orgId: 'mine', agent: '', capability: 'resize', waiting: 3 },
        { orgId: 'mine', agent: 'ocr', capability: '', waiting: 4 },
      ],
    ]);
    for (const { contenders } of [plain, gold, own]) contenders.queue.length = 0;
    await until(() => told.at(-1)?.[1].length === 0);
    const times = told.length;
    const seen = looks;
    await until(() => looks >= seen + 2);
    expect(told).toHaveLength(times);
    await backlog.stop();
  });
});
