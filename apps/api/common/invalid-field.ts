import { BrikkError } from '../../../contracts/errors.js';
import { inWords } from './in-words.js';

/** One field that no schema could refuse by itself. */
export function invalidField(path: string, message: string): BrikkError {
  const violations = [{ path, message }];
  return new BrikkError('request.invalid', inWords('The request cannot be done', violations), { violations });
}
