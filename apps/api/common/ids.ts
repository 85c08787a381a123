import { BrikkError, type ErrorCode } from '../../../contracts/errors.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** An id as we make them; anything else names nothing, so it fails with the resource's own `…not_found`. */
export function knownId(id: string, code: Extract<ErrorCode, `${string}.not_found`>): string {
  if (UUID.test(id)) return id;
  throw new BrikkError(code, 'No resource has this id: ids look like 01890a5d-ac96-774b-bcce-b302099a8057');
}
