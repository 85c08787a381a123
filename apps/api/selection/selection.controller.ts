import { Body, Controller, Get, Put, Query } from '@nestjs/common';
import {
  type SelectionReportQuery,
  selectionReportQuerySchema,
  selectionReportSchema,
  type SelectionSettings,
  selectionSettingsSchema,
} from '../../../contracts/selection.js';
import { Describe } from '../common/describe.decorator.js';
import { Permission } from '../common/permission.decorator.js';
import { type Caller, From } from '../common/request.js';
import { SelectionService } from './selection.service.js';

@Controller('v1/selection')
export class SelectionController {
  constructor(private readonly selection: SelectionService) {}

  @Get()
  @Permission('selection:read')
  @Describe({ summary: 'How learned selection weighs what it knows', answers: { 200: selectionSettingsSchema } })
  get(@From() caller: Caller) {
    return this.selection.get(caller);
  }

  @Put()
  @Permission('selection:write')
  @Describe({
    summary: 'Switch learned selection off or on, and say how it weighs',
    description: 'What is not said is as in the beginning. Calls go by it within half a second.',
    answers: { 200: selectionSettingsSchema },
    examples: { off: { learned: false }, cheap: { costWeight: 2, latencyWeight: 0.01, explore: 0.05 } },
  })
  put(@From() caller: Caller, @Body({ schema: selectionSettingsSchema }) settings: SelectionSettings) {
    return this.selection.put(caller, settings);
  }

  @Get('report')
  @Permission('selection:read')
  @Describe({
    summary: 'What other ways to choose would have given',
    description:
      'From the choices of calls with `select: learned`, each with how likely it was: the mean worth of a call under other ' +
      'policies, with its 95 % interval. Worth is the feedback on an answer (1 without any, 0 for a failure) less ' +
      '`costWeight` and `latencyWeight`.',
    answers: { 200: selectionReportSchema },
  })
  report(@From() caller: Caller, @Query({ schema: selectionReportQuerySchema }) query: SelectionReportQuery) {
    return this.selection.report(caller, query);
  }
}
