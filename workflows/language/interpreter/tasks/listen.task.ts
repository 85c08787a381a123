import { patched } from '@temporalio/workflow';
import type { CloudEvent } from '../../../../contracts/event-bus.js';
import type { EventFilter, EventStrategy } from '../../../../contracts/definition-events.js';
import type { ListenTask } from '../../../../contracts/definition-tasks.js';
import type { Json } from '../../../../contracts/json.js';
import type { Value } from '../../../../contracts/values.js';
import { elements, inline, NULL } from '../../../lib/values.js';
import { filtersAt } from '../event-filter.js';
import { type Correlated, fitsEvent } from '../event-fit.js';
import { isTrue } from '../expressions.js';
import { below } from '../../json-pointer.js';
import { Halt } from '../fault.js';
import { goOnWhenLong } from '../go-on-when-long.js';
import { bodyVariables, type Interpretation } from '../interpretation.js';
import { performEach } from '../event-iterator.js';
import type { Begun, TaskEnd, TaskPlace } from '../place.js';

/** Waits for events, in the order they come: one, one for each of several filters, or any until something holds. */
export async function performListen(
  run: Interpretation,
  place: TaskPlace,
  task: ListenTask,
  input: Value,
  begun?: Begun,
): Promise<TaskEnd> {
  const ear = new Ear(run, place, task, input, begun);
  const { ctx, path, pointer } = place;
  const isTold = patched('2026-11-lifecycle');
  if (isTold && !begun?.loop) ctx.emit(`correlation${path}/started`, 'correlation.started', { path: pointer });
  await ctx.flush();
  const list = await ctx.whileWaiting(() => ear.listen(task.listen.to));
  if (isTold) ctx.emit(`correlation${path}/completed`, 'correlation.completed', { path: pointer, keys: ear.keys });
  return { output: { list }, ...(ear.hasEnded && { then: 'end' }) };
}

class Ear {
  /** The tasks of an event led to the end of the run. */
  hasEnded = false;
  private readonly heard: Value[];
  private readonly correlated: Correlated;
  private readonly common: Map<string, Json>;
  /** Each has to be heard, or one of them is the end. */
  private readonly awaited: EventFilter[];
  private readonly open: Set<EventFilter>;

  constructor(
    private readonly run: Interpretation,
    private readonly place: TaskPlace,
    private readonly task: ListenTask,
    private readonly input: Value,
    private readonly begun: Begun | undefined,
  ) {
    const { items, ear } = begun?.loop ?? {};
    this.heard = [...((items && elements(items)) ?? [])];
    this.correlated = new Map(ear?.correlated);
    this.common = new Map(ear?.keys);
    this.awaited = awaitedIn(task.listen.to);
    this.open = new Set(ear ? ear.open.map((index) => this.awaited[index] as EventFilter) : this.awaited);
  }

  /** What the events were correlated by. */
  get keys(): Record<string, Json> {
    return Object.fromEntries(this.common);
  }

  async listen(strategy: EventStrategy): Promise<Value[]> {
    if ('one' in strategy) await this.hear([strategy.one]);
    else if ('all' in strategy) await this.hearAll();
    else await this.hearAny(strategy.any, strategy.until);
    return this.heard;
  }

  private async hearAll(): Promise<void> {
    const { open } = this;
    while (open.size > 0 && !this.hasEnded) open.delete(await this.hear([...open]));
  }

  private async hearAny(filters: EventFilter[], until: string | EventStrategy | undefined): Promise<void> {
    if (typeof until === 'object') return this.hearUntil(filters, until);
    for (;;) {
      await this.hear(filters);
      if (until === undefined || this.hasEnded) return;
      const known = bodyVariables(this.run, this.place);
      if (await isTrue(this.place, until, { list: this.heard }, known)) return;
    }
  }

  /** The events that end it are no part of the output. */
  private async hearUntil(filters: EventFilter[], until: EventStrategy): Promise<void> {
    const { open } = this;
    const needsAll = 'all' in until;
    while (open.size > 0 && !this.hasEnded) {
      const ends = [...open];
      const [event, filter] = await this.next([...ends, ...filters], filters.length === 0);
      if (filter === undefined || !open.has(filter)) await this.take(event);
      else if (needsAll) open.delete(filter);
      else return;
    }
  }

  private async hear(filters: EventFilter[]): Promise<EventFilter> {
    const [event, filter] = await this.next(filters, filters.length === 0);
    await this.take(event);
    return filter as EventFilter;
  }

  /** The next event that fits one of the filters, with that filter; every event when `isAny`. */
  private async next(filters: EventFilter[], isAny: boolean): Promise<[CloudEvent, EventFilter | undefined]> {
    const { place, input, correlated } = this;
    const { ctx } = place;
    await this.goOn();
    let fitting: EventFilter | undefined;
    const reader = filtersAt(place, input, bodyVariables(this.run, place));
    const event = await ctx.eventInbox.take(
      async (candidate) => {
        for (const filter of filters) {
          const keys = await fitsEvent(reader, filter, candidate, correlated);
          if (!keys) continue;
          for (const [name, key] of keys) this.common.set(name, key);
          fitting = filter;
          return true;
        }
        fitting = undefined;
        return isAny;
      },
      () => ctx.stopped !== undefined,
    );
    if (!event) throw new Halt();
    return [event, fitting];
  }

  /** What was heard is in its output, what waits in the buffer: another history may hear the rest. */
  private async goOn(): Promise<void> {
    const { begun, run, place, input, heard, awaited, open } = this;
    if (!begun || !place.ctx.shouldGoOn || !patched('2026-11-long-listen')) return;
    const ear = {
      correlated: [...this.correlated],
      keys: [...this.common],
      open: awaited.flatMap((filter, index) => (open.has(filter) ? [index] : [])),
    };
    await goOnWhenLong(run, place, begun, { input, items: heard, next: heard.length, output: NULL, ear });
  }

  private tell({ id, type, source }: CloudEvent): void {
    const { ctx, path, pointer } = this.place;
    ctx.emit(`heard${path}/${source}/${id}`, 'event.heard', { path: pointer, id, type, source });
  }

  private async take(event: CloudEvent): Promise<void> {
    const { listen, foreach } = this.task;
    if (patched('2026-11-event-bus')) this.tell(event);
    const read = listen.read === 'envelope' ? event : (event.data ?? null);
    const value = inline(read);
    if (!foreach) {
      this.heard.push(value);
      return;
    }
    const pointer = below(this.place.pointer, 'foreach');
    const made = await performEach(this.run, this.place, foreach, { item: value, index: this.heard.length, pointer });
    this.heard.push(made.output);
    this.hasEnded = made.then === 'end';
  }
}

/** The filters of which each has to be heard, or one is the end. */
function awaitedIn(strategy: EventStrategy): EventFilter[] {
  if ('one' in strategy) return [];
  if ('all' in strategy) return strategy.all;
  const { until } = strategy;
  if (typeof until !== 'object') return [];
  return 'one' in until ? [until.one] : 'all' in until ? until.all : until.any;
}
