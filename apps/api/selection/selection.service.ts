import { Injectable } from '@nestjs/common';
import type { SelectionReport, SelectionReportQuery, SelectionSettings } from '../../../contracts/selection.js';
import { audit } from '../../../database/audit.repository.js';
import { Database } from '../../../database/database.js';
import { putSelectionSettings, readChoices, readSelectionSettings } from '../../../database/selection.repository.js';
import { actorOf } from '../common/actor.js';
import type { Caller } from '../common/request.js';
import { reportOf } from './selection-report.js';

@Injectable()
export class SelectionService {
  constructor(private readonly database: Database) {}

  async get({ orgId }: Caller): Promise<SelectionSettings> {
    return this.database.inOrg(orgId, readSelectionSettings);
  }

  async put(caller: Caller, settings: SelectionSettings): Promise<SelectionSettings> {
    return this.database.inOrg(caller.orgId, async (tx) => {
      const before = await readSelectionSettings(tx);
      const changedFields = Object.entries(settings).flatMap(([name, value]) =>
        before[name as keyof SelectionSettings] === value ? [] : [name],
      );
      const kept = await putSelectionSettings(tx, settings);
      await audit(tx, {
        ...actorOf(caller),
        action: 'selection.put',
        target: 'selection',
        outcome: 'ok',
        changedFields,
      });
      return kept;
    });
  }

  async report({ orgId }: Caller, { capability, since }: SelectionReportQuery): Promise<SelectionReport> {
    return this.database.inOrg(orgId, async (tx) => {
      const settings = await readSelectionSettings(tx);
      return reportOf(capability, settings, await readChoices(tx, capability, since));
    });
  }
}
