import { Controller, Get } from '@nestjs/common';
import { z } from 'zod';
import type { Json } from '../../../contracts/json.js';
import { Describe } from '../common/describe.decorator.js';
import { Public } from '../common/permission.decorator.js';
import { Reply } from '../common/reply.js';
import { Ard } from './ard.service.js';

const manifestSchema = z
  .looseObject({
    specVersion: z.string(),
    entries: z.array(
      z.looseObject({ identifier: z.string(), displayName: z.string(), type: z.string(), url: z.url() }),
    ),
  })
  .meta({ id: 'ArdManifest' });

const EXAMPLE: Json = {
  specVersion: '1.0',
  host: { displayName: 'Brikk' },
  entries: [
    {
      identifier: 'urn:air:brikk.example.com:brikk:registry',
      displayName: 'Agents of Brikk',
      type: 'application/ai-registry+json',
      url: 'https://brikk.example.com/v1/ard',
    },
  ],
};

const description = {
  description:
    'Agentic Resource Discovery 0.91: where the agent card of the platform is, and the base address of the registry that ' +
    'keys of an organisation search. It names nothing of an organisation.',
  answers: { 200: manifestSchema },
  answerExample: EXAMPLE,
};

/** What crawlers find first. */
@Controller('.well-known')
export class ArdManifestController {
  constructor(private readonly ard: Ard) {}

  @Get('ard.json')
  @Public()
  @Describe({ summary: 'The manifest of Agentic Resource Discovery', ...description })
  manifest() {
    return this.published();
  }

  @Get('ai-catalog.json')
  @Public()
  @Describe({ summary: 'The same, where earlier clients look for it', ...description })
  catalog() {
    return this.published();
  }

  private published() {
    return new Reply(200, this.ard.manifest(), { 'Cache-Control': 'public, max-age=300' });
  }
}
