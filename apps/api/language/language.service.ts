import { Injectable } from '@nestjs/common';
import type { DefinitionCheck } from '../../../contracts/checked-definition.js';
import { allParameters, functionCatalogue } from '../../../contracts/function-schemas.js';
import { Database } from '../../../database/database.js';
import { knownNames } from '../../../database/known-names.js';
import { checkDefinition } from '../../../workflows/language/checker/check-definition.js';
import { editorSchema } from '../../../workflows/language/checker/editor-schema.js';
import { Settings } from '../env.js';
import type { Caller } from '../common/request.js';
import { isRange } from '../../../selection/semver-range.js';

@Injectable()
export class LanguageService {
  private known: object | undefined;

  constructor(
    private readonly database: Database,
    private readonly settings: Settings,
  ) {}

  /** Never fails for what the text says: that is the answer. */
  async validate({ orgId }: Caller, text: string): Promise<DefinitionCheck> {
    const known = await this.database.inOrg(orgId, knownNames);
    const installation = { ...known, enabled: this.settings.allowedProcesses ?? [] };
    const { valid, errors, warnings } = checkDefinition(text, {
      functions: functionCatalogue(),
      installation,
      isVersionRange: isRange,
    });
    return { valid, errors, warnings };
  }

  /** It does not change while the process lives. */
  schema(): object {
    this.known ??= editorSchema(allParameters());
    return this.known;
  }
}
