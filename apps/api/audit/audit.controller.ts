import { Controller, Get, Query } from '@nestjs/common';
import { z } from 'zod';
import { type PageQuery, pageQuerySchema, pageSchema } from '../../../contracts/lists.js';
import { Describe } from '../common/describe.decorator.js';
import { Permission } from '../common/permission.decorator.js';
import { type Caller, From } from '../common/request.js';
import { AuditService } from './audit.service.js';

const auditEntrySchema = z
  .object({
    seq: z.int(),
    at: z.string().describe('RFC 3339'),
    actor: z.object({ type: z.string(), id: z.string(), via: z.string() }),
    action: z.string(),
    target: z.string(),
    outcome: z.enum(['ok', 'denied', 'failed']),
    requestId: z.string(),
    ip: z.string().nullable(),
    changedFields: z.array(z.string()).describe('Names only, never values.'),
    prevHash: z.string().describe('Of the entry before.'),
    hash: z.string(),
  })
  .meta({ id: 'AuditEntry' });
const verificationSchema = z
  .object({ ok: z.boolean(), count: z.int(), firstBadSeq: z.int().nullable() })
  .meta({ id: 'AuditVerification' });

@Controller('v1/audit')
export class AuditController {
  constructor(private readonly entries: AuditService) {}

  @Get()
  @Permission('audit:read')
  @Describe({ summary: 'List audit entries', answers: { 200: pageSchema(auditEntrySchema) } })
  list(@From() caller: Caller, @Query({ schema: pageQuerySchema }) page: PageQuery) {
    return this.entries.list(caller, page);
  }

  @Get('verify')
  @Permission('audit:read')
  @Describe({ summary: 'Check the hash chain of the audit', answers: { 200: verificationSchema } })
  verify(@From() caller: Caller) {
    return this.entries.verify(caller);
  }
}
