import { ZodError } from 'zod';
import { parseFormat, printFormat } from '../connectors/lib/formats/convert.js';
import { FormatError } from '../connectors/lib/formats/format-error.js';
import { FORMAT_FUNCTIONS } from '../contracts/formats.js';
import type { FormatCall } from '../contracts/language-activities.js';
import { fieldsOf, issuesOf } from './call-parts.js';
import { failed, type Outcome, type Prepared } from './outside-call.js';

/** Reads or writes a text of a format. The failure of a text or value that does not fit shows nothing of it. */
export async function makeFormatCall({ request }: FormatCall, { parts }: Prepared): Promise<Outcome> {
  const given = fieldsOf(parts, 'the request')['with'] ?? {};
  try {
    switch (request.function) {
      case 'format.parse':
        return { output: parseFormat(FORMAT_FUNCTIONS['format.parse'].with.parse(given)) };
      case 'format.print':
        return { output: printFormat(FORMAT_FUNCTIONS['format.print'].with.parse(given)) };
    }
  } catch (error) {
    if (error instanceof FormatError) return failed('validation.failed', `${request.function}: ${error.message}`);
    if (!(error instanceof ZodError)) throw error;
    return failed('validation.failed', `with of ${request.function}: ${issuesOf(error)}`);
  }
}
