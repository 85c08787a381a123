import type { z } from 'zod';
import type {
  SelectionReport,
  SelectionReportQuery,
  SelectionSettings,
  selectionSettingsSchema,
} from '../contracts/selection.js';
import type { ApiTransport } from './http.js';

export type SelectionSettingsInput = z.input<typeof selectionSettingsSchema>;

/** How agents are chosen by what was learned of them. Everything fails with BrikkApiError. */
export class SelectionClient {
  /** @internal */
  constructor(private readonly transport: ApiTransport) {}

  /** The settings as they are. */
  get(): Promise<SelectionSettings> {
    return this.transport.json('GET', '/v1/selection');
  }

  /** What is not said is as in the beginning. */
  put(settings: SelectionSettingsInput): Promise<SelectionSettings> {
    return this.transport.json('PUT', '/v1/selection', { body: settings });
  }

  /** What other ways to choose would have given. */
  report(query: SelectionReportQuery): Promise<SelectionReport> {
    return this.transport.json('GET', '/v1/selection/report', { query: { ...query } });
  }
}
