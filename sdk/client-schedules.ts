import type { Page } from '../contracts/lists.js';
import type { AcceptedRun } from '../contracts/runs.js';
import type { Schedule } from '../contracts/schedules.js';
import type { CreateOptions, PageOptions } from './client-runs.js';
import type { ApiTransport } from './http.js';

/** Schedules of workflows, as their newest versions say. Everything but `list` fails with `schedule.not_found`. */
export class SchedulesClient {
  /** @internal */
  constructor(private readonly transport: ApiTransport) {}

  /** By namespace and name. */
  list(page: PageOptions = {}): Promise<Page<Schedule>> {
    return this.transport.json('GET', '/v1/schedules', { query: { ...page } });
  }

  /** A schedule with its next time. */
  get(namespace: string, name: string): Promise<Schedule> {
    return this.transport.json('GET', pathOf(namespace, name));
  }

  /** Times that come meanwhile are left out; runs under way go on. */
  pause(namespace: string, name: string): Promise<Schedule> {
    return this.transport.json('POST', pathOf(namespace, name, 'pause'), { repeatable: true });
  }

  /** Begins again with the next time. */
  resume(namespace: string, name: string): Promise<Schedule> {
    return this.transport.json('POST', pathOf(namespace, name, 'resume'), { repeatable: true });
  }

  /** A run now, whatever the schedule says. */
  trigger(namespace: string, name: string, options: CreateOptions = {}): Promise<AcceptedRun> {
    return this.transport.json('POST', pathOf(namespace, name, 'trigger'), { ...options });
  }
}

const pathOf = (...parts: string[]): string => `/v1/schedules/${parts.map(encodeURIComponent).join('/')}`;
