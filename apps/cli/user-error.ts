/**
 * Something the person at the terminal can put right. The message is one sentence that says what is wrong
 * and what to do; the command line prints it alone, without a stack.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
}

const SYSTEM_REASONS: Record<string, string> = {
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENOTDIR: 'a part of the path is a file, not a folder',
  ENOENT: 'no folder can be made there',
  EEXIST: 'a file has that name',
  EMFILE: 'too many files are open',
};

/** Turns an error of the operating system about `path` into a sentence; passes any other error on unchanged. */
export function explainFileError(error: unknown, path: string): unknown {
  const reason = SYSTEM_REASONS[errorCode(error) ?? ''];
  if (!reason) return error;
  return new UserError(`Cannot write to ${path}: ${reason}; free it or choose another folder with BRIKK_HOME.`, {
    cause: error,
  });
}

/** The `code` that Node puts on errors of the operating system, such as `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
