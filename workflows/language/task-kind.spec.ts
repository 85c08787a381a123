import { describe, expect, it } from '@jest/globals';
import { type KnownTask, taskKindOf } from './task-kind.js';

describe('the kind of a task', () => {
  it('is named by its key', () => {
    expect(taskKindOf({ wait: 'PT1S' })).toBe('wait');
    expect(taskKindOf({ do: [] })).toBe('do');
  });

  it('is a loop where a list stands beside for', () => {
    expect(taskKindOf({ do: [], for: { in: '.items' } })).toBe('for');
  });

  it('tells the fields of the task', () => {
    const waiting: KnownTask = { kind: 'wait', task: { wait: 'PT1S' } };
    expect(waiting.task.wait).toBe('PT1S');
  });
});
