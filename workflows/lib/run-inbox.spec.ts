import { describe, expect, it } from '@jest/globals';
import { RunInbox } from './run-inbox.js';

const told = (name: string, id?: string) => ({ name, data: name, ...(id === undefined ? {} : { id }) });

describe('what a run is told', () => {
  it('reaches each reader of its name once, also what came before anybody read', () => {
    const inbox = new RunInbox();
    inbox.receive(told('a'));
    const [one, both] = [inbox.reader(['a']), inbox.reader(['a', 'b'])];
    expect([one.hasNews(), inbox.reader(['c']).hasNews()]).toEqual([true, false]);
    expect(one.take()).toEqual([told('a')]);
    inbox.receive(told('b'));
    expect([one.hasNews(), one.take()]).toEqual([false, []]);
    expect(both.take()).toEqual([told('a'), told('b')]);
  });

  it('counts once when it is delivered twice, and as often as it is said', () => {
    const inbox = new RunInbox();
    for (const id of ['1', '1', '2']) inbox.receive(told('a', id));
    expect(inbox.reader(['a']).take()).toEqual([told('a', '1'), told('a', '2')]);
  });

  it('is forgotten after a thousand others, and read from there on', () => {
    const inbox = new RunInbox();
    const reader = inbox.reader(['a']);
    for (let n = 0; n < 1_500; n += 1) inbox.receive({ name: 'a', data: n });
    expect(reader.take().map(({ data }) => data)).toEqual(Array.from({ length: 1_000 }, (_, n) => n + 500));
    inbox.receive({ name: 'a', data: 'new' });
    expect(reader.take()).toEqual([{ name: 'a', data: 'new' }]);
  });
});
