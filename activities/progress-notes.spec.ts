import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { ToldProgress } from '../contracts/agent-progress.js';
import { gapAfter } from '../contracts/progress-event.js';
import { ProgressNotes } from './progress-notes.js';

describe('what is noted of a chatty agent', () => {
  let told: [number, ToldProgress][];
  let notes: ProgressNotes;
  beforeEach(() => {
    jest.useFakeTimers();
    told = [];
    notes = new ProgressNotes((said, number) => told.push([number, said]));
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('is the first at once, and then all of a second as one', () => {
    notes.add({ fraction: 0.1, message: 'reading' });
    jest.advanceTimersByTime(0);
    notes.add({ fraction: 0.2 });
    notes.add({ fraction: 0.3, data: { page: 2 } });
    jest.advanceTimersByTime(999);
    expect(told).toEqual([[1, { fraction: 0.1, message: 'reading' }]]);
    jest.advanceTimersByTime(1);
    expect(told[1]).toEqual([2, { fraction: 0.3, data: { page: 2 } }]);
    notes.add({ text: 'the ' });
    notes.add({ text: 'end' });
    notes.end();
    expect(told[2]).toEqual([3, { text: 'the end' }]);
    jest.advanceTimersByTime(10_000);
    expect(told).toHaveLength(3);
  });

  it('is nothing of a sign of life', () => {
    notes.add({});
    notes.end();
    expect(told).toEqual([]);
  });

  it('is bounded: 16,384 characters a note, and some hundred notes a day', () => {
    notes.add({ text: 'a'.repeat(20_000) });
    notes.add({ text: 'b' });
    notes.end();
    expect(told).toEqual([[1, { text: 'a'.repeat(16_384), omitted: 3_617 }]]);
    let [elapsedMs, count] = [0, 0];
    for (; elapsedMs < 86_400_000; count += 1) elapsedMs += gapAfter(elapsedMs);
    expect(count).toBeLessThan(500);
  });

  it('is text that Postgres takes, also when a piece ends inside of a character', () => {
    notes.add({ text: '\uD83D' });
    notes.add({ text: '\uDE00 \0 \uD83D' });
    notes.end();
    expect(told).toEqual([[1, { text: '\u{1F600} \u{FFFD} \u{FFFD}' }]]);
  });
});
